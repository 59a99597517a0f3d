"""An emulated Redfish BMC (sushy-tools) and the fake agent that boots from what the BMC was given."""

import ast
import json
import re
import sys
import threading
import urllib.request
import uuid

from .layout import environment, shared
from .processes import free_port, plain_environment

# How the emulator's configuration names its systems.
NAMESPACE = uuid.UUID('6ba7b810-9dad-11d1-80b4-00c04fd430c8')
LOOK_SECONDS = 0.2


class Emulator:
    """One emulated server."""

    def __init__(self, processes, api_url):
        venv, agent_script, writer = environment(), shared('peer/fake_ipa.py'), shared('peer/gen_sushy_conf.py')
        port, self.agent_port = free_port(), free_port()
        self.url = f'http://127.0.0.1:{port}'
        self.system = str(uuid.uuid5(NAMESPACE, 'ferric-fake-0'))
        self.mac = '52:54:00:00:00:00'
        self.agent = processes.start('agent', [
            venv / 'bin/python', agent_script, '--port', self.agent_port, '--ironic', api_url, '--bmc', self.url])
        self.agent.wait_for(f'http://127.0.0.1:{self.agent_port}/')
        state = processes.logs / 'sushy-state'
        state.mkdir()
        config = processes.logs / 'sushy.conf'
        processes.start('sushy-config', [
            sys.executable, writer, 1, config, state, port, f'http://127.0.0.1:{self.agent_port}/']).child.wait(30)
        emulator = processes.start(
            'sushy', [venv / 'bin/sushy-emulator', '--config', config, '--fake', '-i', '127.0.0.1', '-p', port],
            plain_environment(TMPDIR=str(state)))
        emulator.wait_for(f'{self.url}/redfish/v1/Systems')
        self.commands = {}
        self.done = threading.Event()
        self.watcher = threading.Thread(target=self.watch, daemon=True)

    def __enter__(self):
        self.watcher.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.watcher.join()

    @property
    def system_path(self):
        return f'/redfish/v1/Systems/{self.system}'

    def watch(self):
        """Keeps what agents were told to do; an agent forgets it when its server is switched off."""
        while not self.done.wait(LOOK_SECONDS):
            try:
                for command in get_json(f'http://127.0.0.1:{self.agent_port}/{self.system}/v1/commands')['commands']:
                    self.commands[command['id']] = command
            except OSError:
                continue

    def steps_run(self):
        """In-band steps that agents were told to run, in order."""
        steps = [command['command_params'].get('step') for command in self.commands.values()]
        return [step for step in steps if step]

    def step_names(self):
        return [step['step'] for step in self.steps_run()]

    def boots(self):
        """Kernel parameters of every boot of the ramdisk, with the device and file they were read from."""
        found = re.findall(r'BOOT dev=(\S+) from (\S+) params=(\{.*\})', self.agent.text())
        return [(device, source, ast.literal_eval(params)) for device, source, params in found]

    def show(self):
        """The server as the BMC shows it."""
        return get_json(self.url + self.system_path)

    def inserted_media(self):
        """Images that are in virtual drives."""
        drives = get_json(self.url + self.show()['VirtualMedia']['@odata.id'])['Members']
        shown = [get_json(self.url + drive['@odata.id']) for drive in drives]
        return [drive['Image'] for drive in shown if drive.get('Inserted')]


def get_json(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)
