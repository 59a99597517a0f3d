"""The measurements as a page of Markdown."""

import os
import platform
import re
import statistics
import subprocess
import sys
import time

# (what the reader is told, how bench_api.py's records begin, goal as a ratio to Ironic)
ROWS = [
    ('root document', 'GET /v1 ', None),
    ('list of 1,000 nodes', 'GET /v1/nodes?limit=1000', 100),
    ('detail of 1,000 nodes', 'GET /v1/nodes/detail?limit=1000', 100),
    ('four fields of 1,000 nodes', 'GET /v1/nodes?fields=4', 100),
    ('show a node', 'GET /v1/nodes/{uuid}', 30),
    ('create a node', 'POST /v1/nodes', 30),
    ('patch a node', 'PATCH /v1/nodes', 30),
    ('create a port', 'POST /v1/ports', None),
    ('heartbeat', 'POST /v1/heartbeat', 30),
    ('power actions completed', 'power actions completed', 30),
    ('enroll to manageable, completed', 'provision manage', None),
    ('manageable to available, completed', 'provision provide', None),
    ('deployments completed', 'provision active', 30),
    ('undeployments completed', 'provision deleted', 30),
]

SYSTEMS = ('Ironic', 'Ferric')
# In the place of what was not measured.
NOTHING = '–'


def number(value):
    return f'{value:,.0f}' if value >= 100 else f'{value:,.1f}' if value >= 1 else f'{value:,.2f}'


def spread(values):
    return f'{number(statistics.median(values))} ({number(min(values))} … {number(max(values))})'


def rate(record):
    return record['rps'] if 'rps' in record else record['per_s']


def verdict(factor, goal):
    return '' if goal is None else f'≥ {goal} × ' + ('✓' if factor >= goal else '✗')


def rates(rounds):
    """Rows of requests per second at both, with the ratio of medians and the goal."""
    tests = sorted({test for passes in rounds for records in passes.values() for test in records})
    lines = []
    for title, prefix, goal in ROWS:
        for test in (test for test in tests if test.startswith(prefix)):
            both = {name: [passes[name][test] for passes in rounds if test in passes[name]] for name in rounds[0]}
            if not all(both.values()):
                continue
            cpu = {name: number(statistics.median(sum(record['cpu_ms'].values()) for record in records)) for name, records in both.items()}
            per_s = {name: [rate(record) for record in records] for name, records in both.items()}
            bad = [sum(record['bad'] for record in records) for records in both.values()]
            failed = f" (failed: {', '.join(map(str, bad))})" if any(bad) else ''
            detail = ' '.join(word for word in test.split() if word.startswith('c='))
            ratio = [NOTHING, NOTHING]
            if len(both) == 2:
                ironic, ferric = (statistics.median(per_s[name]) for name in SYSTEMS)
                factor = ferric / ironic if ironic else 0
                ratio = [f'{number(factor)} ×', verdict(factor, goal)]
            cells = [f'{title} {detail}{failed}', *(spread(per_s[name]) if name in per_s else NOTHING for name in SYSTEMS), *ratio,
                     *(cpu.get(name, NOTHING) for name in SYSTEMS)]
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def machine():
    with open('/proc/cpuinfo') as info:
        cpu = next((line.split(':')[1].strip() for line in info if line.startswith('model name')), 'unknown')
    memory = os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30
    return f'{os.cpu_count()} cores ({cpu}), {memory:.0f} GiB, {platform.system()} {platform.release()}'


def head(root, chosen):
    commit = subprocess.run(['git', 'rev-parse', '--short', 'HEAD'], cwd=root, capture_output=True, text=True).stdout.strip()
    command = ' '.join(sys.argv[1:]).replace(f'{root}/', '')
    return [
        '# Benchmarks',
        '',
        'Written by `tests/e2e/bench/run.py`, which `cargo xtask bench --peer` starts: Ferric and the real Ironic 39.0.0 in the same run, on the same',
        'PostgreSQL 15 and the same RabbitMQ, measured in turn by the same requests (`../shared/peer/bench_api.py`, wrk with one thread).',
        'Ironic: uWSGI with 2 processes of 4 threads, one conductor. Ferric: one API process and one conductor, release build. PostgreSQL,',
        'RabbitMQ, both systems and whoever measures share the cores. Neither reads power states meanwhile, but where that is measured.',
        '',
        f'- Machine: {machine()}; load average {os.getloadavg()[0]:.1f} at the end',
        f"- Date: {time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}, commit {commit}",
        f"- Command: `tests/e2e/bench/run.py {command}`",
        '',
        'Rates are per second: median of the rounds, with smallest and largest. CPU: ms of API and conductor together for one request.',
    ]


def fleet(size, rounds):
    return [
        '', f'## {size:,} nodes', '',
        '| What (c: connections at once) | Ironic | Ferric | Ratio | Goal | Ironic, CPU | Ferric, CPU |',
        '|---|---|---|---|---|---|---|', *rates(rounds),
    ]


def mib(memory):
    return NOTHING if memory is None else ', '.join(f'{role} {value:.0f}' for role, value in memory.items())


def passed(good):
    return '✓' if good else '✗'


def rest(found):
    idle, grown, cold = found['idle'], found['grown'], found['cold']
    ironic = cold.get('Ironic')
    lines = [
        '', '## Memory and start', '', '| What | Ironic | Ferric | Goal |', '|---|---|---|---|',
        f"| resident, idle, MiB | {mib(idle.get('Ironic'))} | {mib(idle['Ferric'])} | API < 40 {passed(idle['Ferric']['api'] < 40)} |",
        f"| resident after the measurements, MiB | {mib(grown.get('Ironic'))} | {mib(grown['Ferric'])} | |",
        f"| start to ready, PostgreSQL and RabbitMQ, s | {f'{ironic:.1f} (conductor seen alive)' if ironic else NOTHING} | API {cold['api']:.2f}, conductor "
        f"{cold['conductor']:.2f} | < 1 {passed(cold['api'] + cold['conductor'] < 1)} |",
        f"| start to ready, embedded, s | | {spread(cold['embedded'])} | < 0.3 {passed(statistics.median(cold['embedded']) < 0.3)} |",
    ]
    if first := found.get('first'):
        ours = statistics.median(first['Ferric'])
        lines.append(f"| power action sent to first request at the BMC, idle, ms | {spread(first['Ironic']) if first.get('Ironic') else NOTHING} "
                     f"| {spread(first['Ferric'])} | < 10 {passed(ours < 10)} |")
    if floors := found.get('floor'):
        lines += ['', '## The detail list of 1,000 nodes beside what bounds it', '', '| What, through actix-web | per second |', '|---|---|']
        lines += [f'| {name} | {number(value)} |' for name, value in floors.items()]
        text, static = (floors['Ferric'] / floors[name] for name in ('text from PostgreSQL', 'static body'))
        lines += ['', f'{text:.2f} × the same rows as JSON text from PostgreSQL (goal: faster {passed(text > 1)}), {100 * static:.0f} % of a static '
                      f'body of the same size (goal: ≥ 30 % {passed(static >= 0.3)}).']
    if synced := found.get('synced'):
        idle, meanwhile = synced['p99']['idle'], synced['p99']['meanwhile']
        ratio = statistics.median(meanwhile) / statistics.median(idle)
        lines += [
            '', f"## Power sync of {synced['nodes']:,} nodes, each once in 120 s", '', '| What | Measured | Goal |', '|---|---|---|',
            f"| SQL statements per second for it, one conductor (besides {synced['own_statements_per_s']:.1f} of the API) | {synced['statements_per_s']:.1f} | < 5 {passed(synced['statements_per_s'] < 5)} |",
            f"| showing a node, 99 % within, idle → meanwhile, ms | {spread(idle)} → {spread(meanwhile)} | < 1.2 × {passed(ratio < 1.2)} |",
            f"| resident meanwhile, MiB | {mib(synced['memory'])} | |",
            f"| resident with at most 10,000 nodes, MiB | {mib(synced['few'])} | conductor < 80 {passed(synced['few']['conductor'] < 80)} |",
        ]
    if herd := found.get('herd'):
        lines += ['', '## 1,000 conductors at once, with a jitter window of 1 s', '', *crowd(herd)]
    return [*lines, '']


def crowd(said):
    """The table of what the herd's test says; what it says itself if that is something else."""
    found = re.search(r'joined after ([\d.]+) s; at most (\d+) connections of (\d+); (\d+) requests, (\d+) failed', said)
    if not found:
        return [said]
    seconds, most, budget, asked, failed = found.groups()
    return [
        '| What | Measured | Goal |', '|---|---|---|',
        f'| all have joined after, s | {seconds} | < 2 {passed(float(seconds) < 2)} |',
        f'| database connections, at most | {most} | ≤ {budget} {passed(int(most) <= int(budget))} |',
        f'| requests answered with an error meanwhile | {failed} of {asked} | 0 {passed(failed == "0")} |',
    ]
