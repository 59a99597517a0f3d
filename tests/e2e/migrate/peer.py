"""A real Ironic of this run's own, as the material beside the repository starts one."""

import os
import signal
import subprocess
from pathlib import Path

from stage.layout import Broken, Skip, shared
from stage.processes import free_port, plain_environment, status_of
from stage.rest import Rest

HOME = Path(os.environ.get('FERRIC_PEER_HOME', '/var/lib/ferric-peer'))
# Beside what it has enabled: something that Ferric does not have.
MORE = {'OS_DEFAULT__ENABLED_HARDWARE_TYPES': 'fake-hardware,redfish,ipmi,manual-management,intel-ipmi',
        'OS_DEFAULT__ENABLED_MANAGEMENT_INTERFACES': 'fake,redfish,ipmitool,intel-ipmitool,noop'}


class Ironic:
    """All in one process, on SQLite."""

    def __init__(self):
        if not (HOME / 'venv/bin/ironic').exists():
            raise Skip(f'no Ironic below {HOME}: run ../shared/peer/setup.sh')
        self.name = f'migrate-{os.getpid()}'
        self.port = free_port()
        self.url = f'http://127.0.0.1:{self.port}'
        self.rest = Rest(self.url)

    def __enter__(self):
        # What it starts stays behind and keeps what it was given to write to.
        done = subprocess.run([shared('peer/clone-standalone.sh'), self.name, str(self.port)], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, env=plain_environment(**MORE), timeout=180)
        if done.returncode != 0 or status_of(f'{self.url}/v1') != 200:
            self.__exit__()
            raise Broken(f'the Ironic does not start: see {HOME}/log/ironic-{self.name}.log')
        return self

    def __exit__(self, *_):
        for name in (self.name, f'{self.name}-http'):
            file = HOME / 'run' / f'{name}.pid'
            if file.exists():
                try:
                    os.kill(int(file.read_text()), signal.SIGTERM)
                except ProcessLookupError:
                    pass
                file.unlink()
