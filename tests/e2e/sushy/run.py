#!/usr/bin/env python3
"""Ferric with one redfish node on an emulated BMC, driven by the stock `baremetal` command.

Prints a timeline and ends with `N passed, M failed`. See ../README.md.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
# A run leaves nothing behind in the checkout but `target`.
sys.dont_write_bytecode = True

from stage.backends import Local, Services
from stage.baremetal import Baremetal
from stage.bmc import Emulator
from stage.ferric import Ferric
from stage.images import ImageServer
from stage.layout import environment, fresh_dir, main, options, shared
from stage.processes import Processes
from stage.verdict import Verdict
from walk import PASSWORD, Walk

# How Ferric runs, and how many conductors there are then.
MODES = {'all-in-one': (Ferric.start_all_in_one, 1), 'split': (Ferric.start_split, 2)}
# A dead BMC is part of the walk: no need to try it as often as a real one.
SETTINGS = {'REDFISH__ATTEMPTS': 2}


def parse():
    parser = options(__doc__)
    parser.add_argument('--mode', choices=(*MODES, 'both'), default='both')
    parser.add_argument('--against', metavar='URL', help='no Ferric: walk at a service that runs already')
    return parser.parse_args()


def walk_at(endpoints, processes, images, verdict):
    client = Baremetal(environment(), endpoints, processes.logs / 'baremetal.log')
    with Emulator(processes, endpoints[0]) as bmc:
        Walk(verdict, client, bmc, images).run()
        return bmc


def run_reference(url):
    logs = fresh_dir('sushy-reference')
    verdict = Verdict()
    with Processes(logs) as processes, ImageServer(logs / 'images') as images:
        walk_at([url], processes, images, verdict)
    return verdict


def run_mode(mode, binary):
    logs = fresh_dir(f'sushy-{mode}')
    verdict = Verdict()
    print(f'== {mode}; logs in {logs}', flush=True)
    backend = Local(logs) if mode == 'all-in-one' else Services()
    with backend, Processes(logs) as processes, ImageServer(logs / 'images') as images:
        ferric = Ferric(binary, processes, backend, {**images.boot_settings(), **SETTINGS})
        start, conductors = MODES[mode]
        start(ferric)
        verdict.say(f'Ferric runs: {", ".join(process.name for process in ferric.running)}')
        check_conductors(verdict, ferric, conductors)
        bmc = walk_at(ferric.endpoints, processes, images, verdict)
        verdict.say('--- stop')
        codes = ferric.stop()
        verdict.equal('how Ferric ended', codes, dict.fromkeys(codes, 0))
        check_logs(verdict, ferric.log_text(), bmc)
    return verdict


def check_conductors(verdict, ferric, wanted):
    names = [f'conductor-{number + 1}' for number in range(wanted)]
    verdict.equal('who is alive', sorted(ferric.alive_conductors()), names)


def check_logs(verdict, text, bmc):
    """No panic and no secret in any log of Ferric."""
    verdict.check('no log tells of a panic', 'panicked at' not in text, 'see the logs')
    secrets = {PASSWORD, *(parameters['ipa-agent-token'] for *_, parameters in bmc.boots())}
    leaked = [secret for secret in secrets if secret in text]
    verdict.check('no log holds a secret', not leaked, f'{len(leaked)} found')


def run():
    arguments = parse()
    shared('peer/fake_ipa.py')
    environment()
    if arguments.against:
        verdicts = [run_reference(arguments.against)]
    else:
        modes = MODES if arguments.mode == 'both' else [arguments.mode]
        verdicts = [run_mode(mode, arguments.ferric) for mode in modes]
    failed = [what for verdict in verdicts for what in verdict.failed]
    print(f'{sum(verdict.passed for verdict in verdicts)} passed, {len(failed)} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    main(run)
