"""What is measured, at either system."""

import http.server
import json
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from systems import PEER, answers, sql

HEADERS = {'X-OpenStack-Ironic-API-Version': '1.80', 'Content-Type': 'application/json'}


def call(system, method, path, body=None):
    """One request; its answer as a document."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(system.url + path, data, HEADERS, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def measure(system, suites, duration, conc, beats=None):
    """One pass of bench_api.py; its records by test."""
    with tempfile.NamedTemporaryFile('r', suffix='.jsonl') as out:
        command = [sys.executable, PEER / 'bench_api.py', '--base-url', system.url, '--suites', suites, '--reps', '1',
                   '--duration', duration, '--conc', conc, '--label', system.name, '--out', out.name,
                   '--pids', ','.join(f'{role}={pid}' for role, pid in system.pids().items())]
        if beats:
            command += ['--heartbeat-file', beats]
        ran = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        records = [json.loads(line) for line in out.read().splitlines()]
    if ran.returncode:
        print(f'{system.name}: {suites}: {ran.stderr.strip().splitlines()[-1:]}', flush=True)
    # How many nodes there are stands at the head of the page; here it would only keep rounds from being compared.
    return {re.sub(r' N=\d+', '', record['test']): record for record in records}


def heartbeats(system, folder):
    """Nodes whose agent is known: what it says again changes nothing but the time."""
    known = ('{"agent_secret_token": "tok", "agent_url": "http://127.0.0.1:9999", "agent_version": "11.0.0", '
             '"agent_last_heartbeat": "2026-11-30T00:00:00Z"}')
    uuids = system.sql('SELECT uuid FROM nodes ORDER BY id LIMIT 50').split()
    system.beat(known, ', '.join(f"'{uuid}'" for uuid in uuids))
    path = folder / f'{system.name}-heartbeats.json'
    path.write_text(json.dumps([[uuid, 'tok'] for uuid in uuids]))
    return path


class Bmc(http.server.ThreadingHTTPServer):
    """A BMC that answers nothing useful and remembers when it was asked first."""

    def __init__(self):
        self.first, self.asked = None, threading.Event()
        super().__init__(('127.0.0.1', 0), Refusal)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Refusal(http.server.BaseHTTPRequestHandler):
    """Notes the moment and refuses."""

    def answer(self):
        if not self.server.asked.is_set():
            self.server.first = time.monotonic()
            self.server.asked.set()
        self.send_error(404)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


def first_request(system, times=20):
    """Milliseconds from sending a power action until the BMC has its first request, on an idle system."""
    found = []
    for number in range(times):
        bmc = Bmc()
        node = call(system, 'POST', '/v1/nodes', {
            'driver': 'redfish', 'name': f'first-{time.monotonic_ns()}-{number}', 'driver_info': {
                'redfish_address': f'http://127.0.0.1:{bmc.server_port}', 'redfish_system_id': '/redfish/v1/Systems/1',
                'redfish_username': 'admin', 'redfish_password': 'secret'}})
        begun = time.monotonic()
        call(system, 'PUT', f"/v1/nodes/{node['uuid']}/states/power", {'target': 'power on'})
        if bmc.asked.wait(30):
            found.append(1000 * (bmc.first - begun))
        bmc.shutdown()
        bmc.server_close()
    return found


def statements(database):
    """SQL statements so far, but for those that only begin and end transactions."""
    return int(sql('ironic', 'SELECT coalesce(sum(calls), 0) FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid '
                             f"WHERE datname = '{database}' AND query !~* '^(begin|commit|rollback|set|select 1|vacuum|analyze)'"))


def rate(ferric, seconds):
    """Statements per second."""
    begun, before = time.monotonic(), statements(ferric.database)
    time.sleep(seconds)
    return (statements(ferric.database) - before) / (time.monotonic() - begun)


def at_rest(ferric, nodes):
    """So many nodes that nobody works on."""
    # There has to be one to copy, also where nothing else was measured.
    measure(ferric, 'create', 1, '1')
    ferric.resize(nodes)
    ferric.sql("UPDATE nodes SET provision_state = 'available', conductor_group = '', target_power_state = NULL, reservation = NULL, "
               "generation = generation + 1 WHERE driver = 'fake-hardware'")
    ferric.sql('VACUUM ANALYZE nodes')


def resident_reading(ferric, nodes, seconds=20):
    """MiB of both while the power state of so many nodes is read again and again."""
    at_rest(ferric, nodes)
    ferric.stop()
    ferric.start(CONTROL__POWER_SYNC_INTERVAL_SECS=str(seconds))
    time.sleep(4 * seconds)
    return ferric.memory()


def shown_in_turn(ferric, seconds, turns=5):
    """What the slowest percent of shows takes, without readings and with them: in turn, for machines have slow minutes."""
    found = {0: [], seconds: []}
    for _ in range(turns):
        for interval, taken in found.items():
            ferric.restart_api(CONTROL__POWER_SYNC_INTERVAL_SECS=str(interval))
            # Whatever a process does first is over.
            time.sleep(10)
            taken.append(measure(ferric, 'show', 10, '1')['GET /v1/nodes/{uuid} c=1']['p99'])
    return {'idle': found[0], 'meanwhile': found[seconds]}


def power_sync(ferric, nodes, seconds=120):
    """What reading the power state of many nodes costs: statements, memory, and what other requests notice."""
    few = resident_reading(ferric, min(nodes, 10_000))
    ferric.stop()
    ferric.start()
    at_rest(ferric, nodes)
    own = rate(ferric, 60)
    ferric.stop()
    ferric.start(CONTROL__POWER_SYNC_INTERVAL_SECS=str(seconds))
    # The first two rounds read all states for the first time and write what has changed, then read what was written; what counts
    # is what goes on from there.
    time.sleep(2 * seconds)
    all_told = rate(ferric, seconds)
    memory = ferric.memory()
    found = {'nodes': nodes, 'statements_per_s': all_told - own, 'own_statements_per_s': own, 'memory': memory, 'few': few, 'p99': shown_in_turn(ferric, seconds)}
    ferric.stop()
    ferric.start()
    return found


def floor(ferric, program, conc, duration):
    """The detail list beside the same rows as text from PostgreSQL, and a static body, all through actix-web."""
    page = call(ferric, 'GET', '/v1/nodes/detail?limit=1000')
    ferric.sql('DROP TABLE IF EXISTS prebuilt')
    ferric.sql('CREATE TABLE prebuilt (id serial PRIMARY KEY, body text NOT NULL)')
    for start in range(0, len(page['nodes']), 100):
        bodies = ', '.join('($body$' + json.dumps(node, separators=(',', ':')) + '$body$)' for node in page['nodes'][start:start + 100])
        ferric.sql(f'INSERT INTO prebuilt (body) VALUES {bodies}')
    ferric.sql('VACUUM ANALYZE prebuilt')
    listen = '127.0.0.1:26398'
    url = f'postgres://ironic:ironic@127.0.0.1:55432/{ferric.database}'
    process = subprocess.Popen([program, listen, url])
    try:
        answers(f'http://{listen}/static')
        targets = {'Ferric': f'{ferric.url}/v1/nodes/detail?limit=1000', 'text from PostgreSQL': f'http://{listen}/rows',
                   'static body': f'http://{listen}/static'}
        return {name: wrk(target, conc, duration) for name, target in targets.items()}
    finally:
        process.kill()
        process.wait()
        ferric.sql('DROP TABLE prebuilt')


def wrk(url, conc, duration):
    """Requests per second."""
    headers = [word for name, value in HEADERS.items() if name != 'Content-Type' for word in ('-H', f'{name}: {value}')]
    out = subprocess.run(['wrk', '-t1', f'-c{conc}', f'-d{duration}s', *headers, url], capture_output=True, text=True, check=True).stdout
    return float(re.search(r'Requests/sec:\s+([\d.]+)', out).group(1))
