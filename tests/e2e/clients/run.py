#!/usr/bin/env python3
"""Suites that others wrote, each at a fresh Ferric, with their counts beside those of the reference.

They come from ../shared beside the repository. See ../README.md.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
# A run leaves nothing behind in the checkout but `target`.
sys.dont_write_bytecode = True

from keystone import FakeKeystone, RealKeystone
from stage.backends import Local, Services
from stage.ferric import Ferric
from stage.front import Front
from stage.images import ImageServer
from stage.layout import environment, fresh_dir, main, options, shared
from stage.processes import Processes, free_port
from suites import SUITES, Installation

KEYSTONES = {'fake': FakeKeystone, 'real': RealKeystone}


def run_at(name, backend_name, keystone, binary):
    suite = SUITES[name]
    logs = fresh_dir(f'{name}-{backend_name}')
    split = suite.split and backend_name == 'postgres'
    print(f'== {name} on {backend_name}; logs in {logs}', flush=True)
    backend = Local(logs) if backend_name == 'sqlite' else Services()
    with backend, Processes(logs) as processes, ImageServer(logs / 'images') as images:
        callers = (KEYSTONES[keystone] if suite.tokens else suite.callers)(processes)
        neutron = start_neutron(processes) if suite.networks else None
        networks = {'NEUTRON__ENDPOINT': neutron} if neutron else {}
        settings = {**images.boot_settings(), **suite.settings, **callers.settings, **networks}
        url = start(Ferric(binary, processes, backend, settings, callers.headers), split)
        return suite.run(Installation(url, callers, processes, images, neutron))


def start_neutron(processes):
    """Starts the small Neutron and returns its address."""
    port = free_port()
    url = f'http://127.0.0.1:{port}'
    processes.start('neutron', [sys.executable, shared('clients/lib/fake_neutron.py'), port]).wait_for(url)
    return url


def start(ferric, split):
    """Starts Ferric and returns its address."""
    if not split:
        return ferric.start_all_in_one().endpoints[0]
    front = Front()
    ferric.settings['API__PUBLIC_URL'] = front.url
    front.serve(ferric.start_split().endpoints)
    return front.url


def run():
    parser = options(__doc__)
    parser.add_argument('suites', nargs='*', metavar='SUITE', help=f'all if none is named: {", ".join(SUITES)}')
    parser.add_argument('--backend', choices=('sqlite', 'postgres', 'both'), default='sqlite')
    parser.add_argument('--keystone', choices=KEYSTONES, default='fake', help='who issues tokens for tempest-rbac')
    arguments = parser.parse_args()
    if unknown := set(arguments.suites) - set(SUITES):
        parser.error(f'unknown: {", ".join(sorted(unknown))}; there are {", ".join(SUITES)}')
    shared('peer')
    environment()
    backends = ('sqlite', 'postgres') if arguments.backend == 'both' else (arguments.backend,)
    rows = []
    for name in arguments.suites or SUITES:
        for backend in backends:
            began = time.monotonic()
            tally = run_at(name, backend, arguments.keystone, arguments.ferric)
            rows.append((name, backend, tally, time.monotonic() - began))
    return verdict(rows)


def verdict(rows):
    """Prints the counts; 1 if one is below the reference."""
    code = 0
    print(f'\n{"suite":14} {"back end":9} {"counts":38} {"reference":38} takes')
    for name, backend, tally, seconds in rows:
        reference = SUITES[name].reference
        below = '' if tally.reaches(reference) else '  BELOW'
        code = 1 if below else code
        print(f'{name:14} {backend:9} {tally!s:38} {reference!s:38} {seconds:4.0f} s{below}')
    return code


if __name__ == '__main__':
    main(run)
