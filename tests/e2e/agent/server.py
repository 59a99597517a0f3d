"""A simulated server (ferric-bmc-sim) whose ramdisk runs the real agent in a cage."""

import json
import os
import shlex

from stage.processes import free_port

NOBODY = 65534
# What loading Python packages and writing caches back would touch of this computer: refused, and nothing depends on it.
HARMLESS = ('/sbin/ldconfig', 'gcc', "'ld'", '/proc/sys/vm/drop_caches')


class Server:
    """The only server of a simulator, and the folder that is its machine."""

    def __init__(self, processes, simulator, venv, packages, agent_port):
        self.folder = processes.logs / 'machine'
        self.folder.mkdir()
        if os.geteuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
        self.agent_port = agent_port
        port = free_port()
        self.url = f'http://127.0.0.1:{port}'
        program = self.program(processes.logs, venv, packages)
        process = processes.start('simulator', [
            simulator, '--listen', f'127.0.0.1:{port}', '--servers', 1, '--agent-program', program])
        process.wait_for(f'{self.url}/sim/servers')
        words = next(line for line in process.text().splitlines() if line.startswith('server 0')).split()
        self.system, self.macs = words[2], words[3].split(',')
        self.mac = self.macs[0]

    def program(self, logs, venv, packages):
        """What the ramdisk runs: one process, so that it ends with the power of the server."""
        path = logs / 'ramdisk.sh'
        variables = {'FERRIC_RAMDISK_FOLDER': self.folder, 'PYTHONPATH': packages, 'PYTHONDONTWRITEBYTECODE': 1,
                     'XDG_CACHE_HOME': self.folder / 'cache', 'HOME': self.folder}
        exports = '\n'.join(f'export {name}={shlex.quote(str(value))}' for name, value in variables.items())
        path.write_text(f'#!/bin/sh\n{exports}\nexec {shlex.quote(str(venv / "bin/python"))} -m ferric_ramdisk.boot '
                        f'>> {shlex.quote(str(logs / "agent.log"))} 2>&1\n')
        path.chmod(0o755)
        return path

    def boot_settings(self):
        """Kernel parameters of the ramdisk: where the agent listens, and no waiting for what this machine has not."""
        parameters = {
            'ipa-debug': 1, 'ipa-listen-host': '127.0.0.1', 'ipa-listen-port': self.agent_port,
            'ipa-advertise-host': '127.0.0.1', 'ipa-advertise-port': self.agent_port,
            'ipa-disk-wait-attempts': 0, 'ipa-inspection-dhcp-wait-timeout': 0, 'ipa-inspection-collectors': 'default',
            'ipa-image-download-connection-retries': 0,
        }
        line = ' '.join(f'{name}={value}' for name, value in parameters.items())
        return {'BOOT__KERNEL_APPEND_PARAMS': line}

    def diary(self, what=None):
        """What happened on the machine, in order."""
        try:
            lines = (self.folder / 'diary.jsonl').read_text().splitlines()
        except FileNotFoundError:
            return []
        rows = [json.loads(line) for line in lines]
        return [row for row in rows if what in (None, row['what'])]

    def steps(self):
        return [row['step'] for row in self.diary('step')]

    def kernel_parameters(self):
        """Of each boot."""
        return [dict(word.partition('=')[::2] for word in row['line'].split()) for row in self.diary('boot')]

    def secrets(self):
        return {parameters.get('ipa-agent-token') for parameters in self.kernel_parameters()} - {None, ''}

    def state(self):
        return json.loads((self.folder / 'state.json').read_text())

    def disk(self):
        return (self.folder / 'paper').read_bytes()

    def partition(self, number):
        return (self.folder / f'paper{number}').read_bytes()

    def check_cage(self, verdict):
        """The agent had no rights, and nothing that it tried reached this computer."""
        if os.geteuid() == 0:
            verdict.equal('the user of every boot', {row['uid'] for row in self.diary('boot')}, {NOBODY})
        tried = [row['arguments'] for row in self.diary('refused')]
        serious = [text for text in tried if not any(word in text for word in HARMLESS)]
        verdict.check('the cage had to refuse nothing but what is known', not serious, serious)
