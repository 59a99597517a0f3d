#!/usr/bin/env python3
"""Ferric beside the real Ironic, in the same run: both on the same PostgreSQL and the same RabbitMQ, measured in turn.

What is measured is what ../shared/peer/bench_api.py sends, and a few things besides. A round measures one system and then the
other, so that whatever else the computer does befalls both.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

# A run leaves nothing behind in the checkout but its page.
sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import measures
import report
import work
from stage import packages
from stage.layout import Skip
from systems import PEER, Ferric, Ironic

# Who measures, and what the real Ironic does not start without.
PACKAGES = {'wrk': pathlib.Path('/usr/bin/wrk'), 'ipmitool': pathlib.Path('/usr/bin/ipmitool')}
# The heading of what people write below the figures.
BY_HAND = '\n## What is below its goal, and why\n'
ROOT = pathlib.Path(__file__).resolve().parents[3]


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--ferric', type=pathlib.Path, required=True, help='the binary, a release build')
    parser.add_argument('--floor', type=pathlib.Path, help='the program of tests/examples/floor.rs')
    parser.add_argument('--herd', type=pathlib.Path, help='the test crates/ferric/tests/herd.rs, a release build; run with 1,000 conductors')
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--duration', type=int, default=5, help='seconds of one measurement')
    parser.add_argument('--nodes', default='1000,10000', help='sizes of the fleet')
    parser.add_argument('--conc', default='1,16', help='connections at once')
    parser.add_argument('--suites', default='root,list,show,create,patch,port,heartbeat', help='may be empty')
    parser.add_argument('--systems', default='Ironic,Ferric', help='Ferric alone is compared with nothing')
    parser.add_argument('--work', default='Ironic=100,Ferric=1000', help='nodes whose power and provision state are changed')
    parser.add_argument('--power-sync', type=int, default=100_000, help='nodes whose power is read; 0 leaves it out')
    parser.add_argument('--write', type=pathlib.Path, help='where the page goes')
    return parser.parse_args()


def compare(chosen, systems, folder):
    """Pages of both, for each size of the fleet."""
    pages = []
    for number, size in enumerate(int(text) for text in chosen.nodes.split(',')):
        beats = {}
        for system in systems if chosen.suites else ():
            measures.measure(system, 'create', 3, '4')
            system.resize(size)
            beats[system.name] = measures.heartbeats(system, folder)
        at_work = {name: int(count) for name, count in (pair.split('=') for pair in chosen.work.split(',') if pair)}
        rounds = []
        for turn in range(chosen.rounds):
            passes = {}
            for system in systems if turn % 2 == 0 else reversed(systems):
                passes[system.name] = {}
                if chosen.suites:
                    passes[system.name] = measures.measure(system, chosen.suites, chosen.duration, chosen.conc, beats[system.name])
                    system.resize(size)
                # Once, with the smaller fleet: at Ironic it takes minutes.
                if number == 0 and system.name in at_work:
                    passes[system.name] |= work.measure(system, measures.call, at_work[system.name])
                print(f'{size} nodes, round {turn + 1}: {system.name} measured', flush=True)
            rounds.append(passes)
        pages += report.fleet(size, rounds)
    return pages


def herd(test, program):
    """What a thousand conductors do that start within a second."""
    url = 'postgres://postgres@127.0.0.1:55432/postgres'
    environment = os.environ | {'FERRIC_HERD': '1000', 'FERRIC_HERD_PROGRAM': str(program), 'FERRIC_TEST_POSTGRES_URL': url}
    out = subprocess.run([test, '--nocapture'], cwd=ROOT, capture_output=True, text=True, env=environment)
    said = [line for line in out.stdout.splitlines() if 'conductors have joined' in line]
    return said[0] if said and not out.returncode else f'failed: {(out.stdout + out.stderr).strip().splitlines()[-5:]}'


def run(chosen):
    folder = pathlib.Path(tempfile.mkdtemp(prefix='ferric-bench-'))
    try:
        packages.install(PACKAGES)
    except Skip as reason:
        print(f'skipped: {reason}')
        return 0
    subprocess.run([PEER / 'setup.sh'], check=True)
    subprocess.run([PEER / 'start-infra.sh'], check=True)
    ferric, ironic = Ferric(chosen.ferric.resolve(), folder), Ironic()
    systems, found = [system for system in (ironic, ferric) if system.name in chosen.systems.split(',')], {}
    try:
        embedded = [ferric.embedded() for _ in range(5)]
        ferric.create()
        found['cold'] = {**ferric.start(), 'embedded': embedded}
        if ironic in systems:
            found['cold']['Ironic'] = ironic.start()
        found['idle'] = {system.name: system.memory() for system in systems}
        found['first'] = {system.name: measures.first_request(system) for system in systems}
        pages = compare(chosen, systems, folder)
        found['grown'] = {system.name: system.memory() for system in systems}
        ironic.stop()
        write(chosen, pages, found)
        if chosen.floor:
            found['floor'] = measures.floor(ferric, chosen.floor.resolve(), 16, chosen.duration)
        if chosen.power_sync:
            found['synced'] = measures.power_sync(ferric, chosen.power_sync)
    finally:
        ferric.stop()
        ironic.stop()
    write(chosen, pages, found)
    if chosen.herd:
        found['herd'] = herd(chosen.herd.resolve(), chosen.ferric.resolve())
        write(chosen, pages, found)
    return 0


def write(chosen, pages, found):
    """The page as far as it has come: a run of half an hour may end early."""
    text = '\n'.join([*report.head(ROOT, chosen), *pages, *report.rest(found)])
    print(text)
    if chosen.write:
        before = chosen.write.read_text() if chosen.write.exists() else ''
        # What was written by hand below the figures stays; it says of which run it speaks.
        kept = before[before.index(BY_HAND):] if BY_HAND in before else ''
        chosen.write.write_text(text + kept)


if __name__ == '__main__':
    sys.exit(run(options()))
