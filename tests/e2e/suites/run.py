#!/usr/bin/env python3
"""Suites that others wrote, each at a fresh Ferric: a life cycle, recorded answers, openstacksdk, the `baremetal` command.

They come from ../shared beside the repository. See ../README.md.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
# A run leaves nothing behind in the checkout but `target`.
sys.dont_write_bytecode = True

from stage.backends import Local, Services
from stage.bmc import Emulator
from stage.ferric import Ferric
from stage.images import ImageServer
from stage.layout import TARGET, Broken, environment, fresh_dir, main, options, shared
from stage.processes import Processes

CLIENTS_HOME = 'FERRIC_CLIENTS_HOME'
CLIENTS_HOME_DEFAULT = Path('/var/lib/ferric-clients')
# What the reference was configured to when its answers were recorded.
LIKE_THE_REFERENCE = {'CONTROL__AUTOMATED_CLEAN': 'false', 'CONTROL__POWER_SYNC_INTERVAL_SECS': 0}


def life_cycle(ferric, processes, images):
    script = shared('peer/life_cycle.py')
    url = ferric.endpoints[0]
    with Emulator(processes, url) as bmc:
        return call(sys.executable, script, '--clean', '--boot', 'redfish-virtual-media', '--base-url', url,
                    '--bmc', bmc.url, '--image-url', images.url_of('disk.img'))


def golden(ferric, processes, _images):
    script, answers = shared('peer/compare_golden.py'), shared('contract/golden/golden.jsonl')
    found, log = processes.logs / 'differences.json', processes.logs / 'golden.log'
    with open(log, 'w') as output:
        code = call(sys.executable, script, '--base-url', ferric.endpoints[0], '--compare', answers, '--out', found,
                    stdout=output)
    for name, rows in by_name(json.loads(found.read_text())['diffs']).items():
        first = next((row for row in rows if row['class'] == 'status'), rows[0])
        more = f' (and {len(rows) - 1} more)' if len(rows) > 1 else ''
        print(f'DIFFERS {name}: {first["path"]}: {short(first["got"])} instead of {short(first["golden"])}{more}')
    print(log.read_text().splitlines()[-1])
    return code


def by_name(rows):
    groups = {}
    for row in rows:
        groups.setdefault(row['name'], []).append(row)
    return groups


def sdk(ferric, _processes, _images):
    script = shared('clients/run_sdk_functional.sh')
    return call(script, ferric.endpoints[0], env=clients())


def cli(ferric, _processes, _images):
    script = shared('clients/run_ironicclient_cli.sh')
    return call(script, ferric.endpoints[0], env=clients())


SUITES = {'life-cycle': (life_cycle, {}), 'golden': (golden, LIKE_THE_REFERENCE), 'sdk': (sdk, LIKE_THE_REFERENCE),
          'cli': (cli, LIKE_THE_REFERENCE)}


def clients():
    """The environment for the clients' suites, with their packages installed."""
    home = os.environ.get(CLIENTS_HOME)
    if not home:
        home = CLIENTS_HOME_DEFAULT if CLIENTS_HOME_DEFAULT.is_dir() else TARGET / 'e2e-clients'
    env = {**os.environ, CLIENTS_HOME: str(home)}
    if call(shared('clients/setup.sh'), env=env) != 0:
        raise Broken('the clients cannot be installed')
    return env


def call(*words, **options):
    return subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, **options).returncode


def short(value):
    text = json.dumps(value)
    return text if len(text) <= 120 else f'{text[:117]}...'


def run_at(suite, backend_name, binary):
    function, settings = SUITES[suite]
    logs = fresh_dir(f'{suite}-{backend_name}')
    print(f'== {suite} on {backend_name}; logs in {logs}', flush=True)
    backend = Local(logs) if backend_name == 'sqlite' else Services()
    with backend, Processes(logs) as processes, ImageServer(logs / 'images') as images:
        ferric = Ferric(binary, processes, backend, {**images.boot_settings(), **settings}).start_all_in_one()
        return function(ferric, processes, images)


def run():
    parser = options(__doc__)
    parser.add_argument('suite', choices=SUITES)
    parser.add_argument('--backend', choices=('sqlite', 'postgres', 'both'), default='sqlite')
    arguments = parser.parse_args()
    shared('peer')
    environment()
    backends = ('sqlite', 'postgres') if arguments.backend == 'both' else (arguments.backend,)
    return max(run_at(arguments.suite, backend, arguments.ferric) for backend in backends)


if __name__ == '__main__':
    main(run)
