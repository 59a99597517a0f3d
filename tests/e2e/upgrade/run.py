#!/usr/bin/env python3
"""Two versions of Ferric, old and new, run together: one process after the other is replaced while nodes are worked on.

Prints a timeline and ends with `N passed, M failed`. See ../README.md.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
# A run leaves nothing behind in the checkout but `target`.
sys.dont_write_bytecode = True

from load import Load
from parked import Parked
from remains import judge
from servers import Servers
from stage.backends import Services
from stage.ferric import Ferric
from stage.front import Front
from stage.images import ImageServer
from stage.layout import TARGET, Broken, fresh_dir, main, options
from stage.processes import Processes
from stage.rest import Rest
from stage.verdict import Verdict

# How the processes are replaced. Migrations come before the first API process, which would not be ready without them.
ORDERS = {
    'apis-first': ('migrate', 'api-1', 'api-2', 'conductor-1', 'conductor-2'),
    'conductors-first': ('conductor-1', 'conductor-2', 'migrate', 'api-1', 'api-2'),
}
# What takes its time in a data center takes seconds here; a conductor that stops hands over what takes longer than its drain.
QUICK = {
    'CONTROL__LEASE_SECS': 6, 'CONTROL__RENEW_SECS': 2, 'CONTROL__SWEEP_INTERVAL_SECS': 1, 'CONTROL__CONDUCTOR_TIMEOUT_SECS': 15,
    'CONTROL__POWER_SYNC_INTERVAL_SECS': 0, 'CONTROL__TASK_RETENTION_SECS': 86400, 'CONTROL__AUTOMATED_CLEAN': 'false',
    'CONDUCTOR__START_JITTER_MS': 100, 'CONDUCTOR__DRAIN_SECS': 1, 'REDFISH__REQUESTS_PER_BMC': 64, 'REDFISH__POLL_FIRST_MS': 50,
    'REDFISH__POLL_LONGEST_MS': 500, 'AGENT__COMMAND_WAIT_MS': 500, 'AGENT__POWER_OFF_PAUSE_MS': 500,
}
# Flows that have to begin and to end between two replacements, so that every mixture of versions has carried out some of each kind.
FLOWS_BETWEEN = {'quick': 6, 'slow': 2, 'server': 1}


def parse():
    parser = options(__doc__)
    parser.add_argument('--old', type=Path, required=True, help='the binary of the version before')
    parser.add_argument('--simulator', type=Path, default=TARGET / 'debug/ferric-bmc-sim')
    parser.add_argument('--order', choices=(*ORDERS, 'both'), default='both')
    return parser.parse_args()


def roll(verdict, ferric, load, order):
    """Replaces everything, with work going on before, between and after."""
    for name in order:
        if name == 'migrate':
            ferric.migrate()
            verdict.say('--- the database is migrated')
        else:
            if name.startswith('conductor'):
                load.wait_for_hold(name)
            with load.away(ferric.parts[name]):
                code = ferric.replace(name)
            verdict.equal(f'how the old {name} ended', code, 0)
        load.wait_for_flows(FLOWS_BETWEEN)
        verdict.say(f'after {name}: {load.summary()}')


def run_in(order, arguments, verdict):
    logs = fresh_dir(f'upgrade-{order}')
    verdict.say(f'=== {order}; logs in {logs}')
    front = Front()
    with Services() as backend, Processes(logs) as processes, ImageServer(logs / 'images') as images:
        settings = {**QUICK, **images.boot_settings(), 'CONTROL__RAMDISK_API_URL': front.url,
                    'CONTROL__BOOT_URL': f'{front.url}/boot'}
        ferric = Ferric(arguments.old, processes, backend, settings).start_split()
        front.serve(ferric.endpoints)
        rest = Rest(front.url)
        servers = Servers(processes, arguments.simulator)
        parked = Parked(verdict, rest)
        parked.park()
        load = Load(verdict, ferric.endpoints, backend, servers, images)
        load.prepare(rest)
        ferric.binary = arguments.ferric
        with load:
            load.wait_for_flows(FLOWS_BETWEEN)
            verdict.say(f'before anything is replaced: {load.summary()}')
            roll(verdict, ferric, load, ORDERS[order])
        parked.go_on()
        load.wait_for_rest(rest)
        judge(verdict, backend, load)
        codes = ferric.stop()
        verdict.equal('how the new processes ended', codes, dict.fromkeys(codes, 0))
        text = ''.join(path.read_text(errors='replace') for path in logs.glob('*.log'))
        verdict.check('no log tells of a panic', 'panicked at' not in text, 'see the logs')


def run():
    arguments = parse()
    # They are started from other folders.
    for name in ('old', 'ferric', 'simulator'):
        binary = getattr(arguments, name).resolve()
        if not binary.is_file():
            raise Broken(f'{binary} is not there')
        setattr(arguments, name, binary)
    verdict = Verdict()
    for order in ORDERS if arguments.order == 'both' else (arguments.order,):
        run_in(order, arguments, verdict)
    print(f'{verdict.passed} passed, {len(verdict.failed)} failed')
    return 1 if verdict.failed else 0


if __name__ == '__main__':
    os.umask(0o022)
    main(run)
