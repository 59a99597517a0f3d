#!/usr/bin/env python3
"""The real ironic-python-agent answers Ferric's commands through an inspection, cleanings and deployments.

Prints a timeline and ends with `N passed, M failed`. See ../README.md.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
# A run leaves nothing behind in the checkout but `target`.
sys.dont_write_bytecode = True

from life import Life
from server import Server
from stage.backends import Local
from stage.ferric import Ferric
from stage.images import ImageServer
from stage.layout import TARGET, fresh_dir, main, options, virtual_environment
from stage.processes import Processes, free_port
from stage.rest import Rest
from stage.verdict import Verdict

HERE = Path(__file__).resolve().parent


def parse():
    parser = options(__doc__)
    parser.add_argument('--simulator', type=Path, default=TARGET / 'debug/ferric-bmc-sim')
    return parser.parse_args()


def run():
    arguments = parse()
    venv = virtual_environment('e2e-agent-venv', HERE / 'requirements.txt')
    logs = fresh_dir('agent')
    verdict = Verdict()
    print(f'== ironic-python-agent; logs in {logs}', flush=True)
    with Local(logs) as backend, Processes(logs) as processes, ImageServer(logs / 'images') as images:
        server = Server(processes, arguments.simulator, venv, HERE / 'ramdisk', agent_port=free_port())
        settings = {**images.boot_settings(), **server.boot_settings(), 'CONTROL__HEARTBEAT_TIMEOUT_SECS': 20,
                    'AGENT__POWER_OFF_PAUSE_MS': 1000, 'CONTROL__INSPECTION__ADD_PORTS': 'all', 'CONTROL__INSPECTION__HOOKS':
                    'ramdisk-error,validate-interfaces,ports,architecture,cpus,memory,root-device'}
        ferric = Ferric(arguments.ferric, processes, backend, settings).start_all_in_one()
        Life(verdict, Rest(ferric.endpoints[0]), server, images).run()
        verdict.say('--- stop')
        codes = ferric.stop()
        verdict.equal('how Ferric ended', codes, dict.fromkeys(codes, 0))
        text = ferric.log_text()
        verdict.check('no log tells of a panic', 'panicked at' not in text, 'see the logs')
        leaked = [secret for secret in server.secrets() if secret in text]
        verdict.check('no log of Ferric holds a secret', not leaked, f'{len(leaked)} found')
        server.check_cage(verdict)
    print(f'{verdict.passed} passed, {len(verdict.failed)} failed')
    return 1 if verdict.failed else 0


if __name__ == '__main__':
    os.umask(0o022)
    main(run)
