#!/usr/bin/env python3
"""Ferric beside the real Ironic, in the same run: both on the same PostgreSQL and the same RabbitMQ, measured in turn.

  run.py --ferric target/release/ferric [--rounds 3] [--duration 5] [--nodes 1000,10000] [--write crates/ferric/BENCHMARKS.md]

What is measured is what ../shared/peer/bench_api.py sends. A round measures one system and then the other, so that whatever
else the computer does befalls both; the table has medians of the rounds with their spread.
"""
import argparse
import json
import os
import pathlib
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
PEER = ROOT.parent / "shared" / "peer"
PEER_HOME = pathlib.Path(os.environ.get("FERRIC_PEER_HOME", "/var/lib/ferric-peer"))
POSTGRES = ["psql", "-h", "127.0.0.1", "-p", "55432", "-U", "postgres", "-qAt", "-v", "ON_ERROR_STOP=1"]
DATABASE = "ferric_bench"
IRONIC, FERRIC = "ironic", "ferric"
URLS = {IRONIC: "http://127.0.0.1:26385", FERRIC: "http://127.0.0.1:26395"}
MIB = 1024 * 1024

# (what the reader is told, how bench_api.py's records begin, goal as a ratio to Ironic)
ROWS = [
    ("root document", "GET /v1 c", None),
    ("list of 1,000 nodes", "GET /v1/nodes?limit=1000", 100),
    ("detail of 1,000 nodes", "GET /v1/nodes/detail?limit=1000", 100),
    ("four fields of 1,000 nodes", "GET /v1/nodes?fields=4", 100),
    ("show a node", "GET /v1/nodes/{uuid}", 30),
    ("create a node", "POST /v1/nodes", 30),
    ("patch a node", "PATCH /v1/nodes", 30),
    ("create a port", "POST /v1/ports", None),
    ("heartbeat", "POST /v1/heartbeat", 30),
    ("power actions completed", "PUT states/power", 30),
]


def sql(database, text):
    out = subprocess.run([*POSTGRES, "-d", database, "-c", text], capture_output=True, text=True)
    if out.returncode:
        raise RuntimeError(out.stderr.strip())
    return out.stdout.strip()


def answers(url, patience=90):
    begun = time.monotonic()
    while time.monotonic() - begun < patience:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return time.monotonic() - begun
        except OSError:
            time.sleep(0.005)
    raise RuntimeError(f"{url} does not answer")


class Ferric:
    """An API process and a conductor."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.processes = {}

    def environment(self):
        settings = {
            "DATABASE__URL": f"postgres://ironic:ironic@127.0.0.1:55432/{DATABASE}",
            "BUS__URL": "amqp://ironic:ironic@127.0.0.1:35672/%2f",
            "BUS__PREFIX": "ferric-bench",
            "API__LISTEN": "127.0.0.1:26395",
            "GRPC__LISTEN": "127.0.0.1:26396",
            "GRPC__ENDPOINTS": "http://127.0.0.1:26396",
            "CONDUCTOR__HOST": "bench",
            "CONDUCTOR__HEALTH_LISTEN": "127.0.0.1:26397",
            "CONDUCTOR__START_JITTER_MS": "0",
            "CONTROL__AUTOMATED_CLEAN": "false",
            "CONTROL__MAX_CONCURRENT_DEPLOYS": "0",
            "CONTROL__POWER_SYNC_INTERVAL_SECS": "120",
            "LOG__FILTER": "warn",
        }
        return {f"FERRIC__{key}": value for key, value in settings.items()} | {"PATH": os.environ["PATH"]}

    def start_one(self, role):
        log = open(self.folder / f"{role}.log", "ab")
        self.processes[role] = subprocess.Popen([self.binary, role], env=self.environment(), stdout=log, stderr=log)

    def start(self):
        subprocess.run([self.binary, "migrate"], env=self.environment(), check=True, capture_output=True)
        self.start_one("api")
        cold = answers(URLS[FERRIC] + "/readyz")
        self.start_one("conductor")
        answers("http://127.0.0.1:26397/readyz")
        return cold

    def pids(self):
        return {name: process.pid for name, process in self.processes.items()}

    def stop(self):
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()


def ironic_pids():
    read = lambda name: int((PEER_HOME / "run" / f"prod-{name}.pid").read_text())
    return {"api": read("api"), "conductor": read("conductor")}


def measure(system, pids, suites, duration, conc, heartbeats=None):
    """One pass of bench_api.py; its records by test."""
    with tempfile.NamedTemporaryFile("r", suffix=".jsonl") as out:
        command = [sys.executable, PEER / "bench_api.py", "--base-url", URLS[system], "--suites", suites, "--reps", "1",
                   "--duration", duration, "--conc", conc, "--label", system, "--out", out.name,
                   "--pids", ",".join(f"{name}={pid}" for name, pid in pids.items())]
        if heartbeats:
            command += ["--heartbeat-file", heartbeats]
        ran = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        records = [json.loads(line) for line in out.read().splitlines()]
    if ran.returncode:
        print(f"{system}: {suites}: {ran.stderr.strip().splitlines()[-1:]}", flush=True)
    return {record["test"]: record for record in records}


def multiply(system, wanted):
    """More nodes like those that are there: by SQL, for Ironic makes fifteen a second."""
    database = {IRONIC: "ironic", FERRIC: DATABASE}[system]
    have = int(sql(database, "SELECT count(*) FROM nodes"))
    if have >= wanted:
        return
    columns = sql(database, "SELECT string_agg(quote_ident(column_name), ',' ORDER BY ordinal_position) FROM "
                            "information_schema.columns WHERE table_name = 'nodes' AND column_name NOT IN ('id', 'uuid', 'name')")
    sql(database, f"INSERT INTO nodes (uuid, name, {columns}) SELECT gen_random_uuid()::text, 'copy-' || n, {columns} FROM "
                  f"(SELECT * FROM nodes ORDER BY id LIMIT 1) AS one CROSS JOIN generate_series(1, {wanted - have}) AS n")
    sql(database, "VACUUM ANALYZE nodes")


def heartbeats(folder):
    """Nodes whose agent is known: what it would say again changes nothing."""
    known = ('{"agent_secret_token": "tok", "agent_url": "http://127.0.0.1:9999", "agent_version": "9.0.0", '
             '"agent_last_heartbeat": "2026-11-30T00:00:00Z"}')
    names = {}
    for system in (IRONIC, FERRIC):
        database = {IRONIC: "ironic", FERRIC: DATABASE}[system]
        uuids = sql(database, "SELECT uuid FROM nodes ORDER BY id LIMIT 50").split()
        listed = ", ".join(f"'{uuid}'" for uuid in uuids)
        if system == IRONIC:
            sql(database, f"UPDATE nodes SET provision_state = 'available', driver_internal_info = '{known}' WHERE uuid IN ({listed})")
        else:
            sql(database, "UPDATE nodes SET provision_state = 'available', generation = generation + 1, status = jsonb_set("
                          f"status::jsonb, '{{driver_internal_info}}', '{known}'::jsonb)::text WHERE uuid IN ({listed})")
        names[system] = folder / f"{system}-heartbeats.json"
        names[system].write_text(json.dumps([[uuid, "tok"] for uuid in uuids]))
    return names


def statements():
    """SQL statements of Ferric so far, but for those that only begin and end transactions."""
    return int(sql("ironic", "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid "
                             f"WHERE datname = '{DATABASE}' AND query !~* '^(begin|commit|rollback|set|select 1)'"))


def power_sync(pids, nodes, seconds=120):
    """What reading the power state of many nodes costs: statements, the conductor's CPU, and what other requests notice."""
    multiply(FERRIC, nodes)
    sql(DATABASE, "UPDATE nodes SET provision_state = 'available', conductor_group = '', generation = generation + 1")
    sql(DATABASE, "VACUUM ANALYZE nodes")
    begun, before = time.monotonic(), statements()
    time.sleep(seconds)
    rate = (statements() - before) / (time.monotonic() - begun)
    resident_now = memory(pids)
    busy = measure(FERRIC, pids, "show", 8, "1")
    return {"nodes": nodes, "statements_per_s": rate, "memory": resident_now,
            "p99_ms": next(iter(busy.values()))["p99"] if busy else None}


def spread(values):
    return f"{statistics.median(values):,.1f} ({min(values):,.1f} … {max(values):,.1f})"


def ratio(ours, theirs):
    return statistics.median(ours) / statistics.median(theirs) if theirs and statistics.median(theirs) else 0


def table(rounds):
    """Rows of the table: requests per second of both, with the ratio of medians and the goal."""
    tests = sorted({test for passes in rounds for records in passes.values() for test in records})
    lines = []
    for title, prefix, goal in ROWS:
        for test in (test for test in tests if test.startswith(prefix)):
            values = {system: [passes[system][test] for passes in rounds if test in passes[system]] for system in URLS}
            if not all(values.values()):
                continue
            rates = {system: [record["rps"] for record in values[system]] for system in URLS}
            cpu = {system: statistics.median(sum(r["cpu_ms"].values()) for r in values[system]) for system in URLS}
            bad = {system: sum(record["bad"] for record in values[system]) for system in URLS}
            factor = ratio(rates[FERRIC], rates[IRONIC])
            verdict = "" if goal is None else f"≥ {goal} × " + ("✓" if factor >= goal else "✗")
            failed = f", failed {bad[IRONIC]} / {bad[FERRIC]}" if any(bad.values()) else ""
            detail = test[len(prefix):].strip() if not test.startswith("PUT") else ""
            lines.append(f"| {title} {detail}{failed} | {spread(rates[IRONIC])} | {spread(rates[FERRIC])} | {factor:,.0f} × | {verdict} "
                         f"| {cpu[IRONIC]:,.1f} | {cpu[FERRIC]:,.2f} |")
    return lines


def resident(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


def tree(pid):
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout.split()
    return [pid, *(found for child in children for found in tree(int(child)))]


def memory(pids):
    return {name: sum(resident(one) for one in tree(pid)) for name, pid in pids.items()}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--ferric", type=pathlib.Path, required=True)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--duration", type=int, default=5)
    arguments.add_argument("--nodes", default="1000,10000")
    arguments.add_argument("--conc", default="1,16")
    arguments.add_argument("--suites", default="root,list,show,create,patch,port,heartbeat,power")
    arguments.add_argument("--power-sync", type=int, default=100_000, help="nodes whose power is read; 0 leaves it out")
    arguments.add_argument("--write", type=pathlib.Path)
    chosen = arguments.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ferric-bench-"))
    subprocess.run([PEER / "start-infra.sh"], check=True)
    sql("postgres", f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    sql("postgres", f"CREATE DATABASE {DATABASE} OWNER ironic")
    ferric = Ferric(chosen.ferric.resolve(), folder)
    lines, idle, grown, cold, synced = [], {}, {}, {}, None
    try:
        cold = {FERRIC: ferric.start()}
        begun = time.monotonic()
        environment = os.environ | {"CLEAN": "false", "PSYNC": "60"}
        subprocess.run([PEER / "start-ironic-prod.sh", "--wipe"], check=True, env=environment, capture_output=True)
        cold[IRONIC] = time.monotonic() - begun
        pids = {IRONIC: ironic_pids(), FERRIC: ferric.pids()}
        idle = {system: memory(pids[system]) for system in URLS}
        for number, size in enumerate(int(text) for text in chosen.nodes.split(",")):
            for system in URLS:
                measure(system, pids[system], "create", 3, "4")
                multiply(system, size)
            beats = heartbeats(folder)
            # What writes grows the fleet: once, with the smaller one.
            suites = chosen.suites if number == 0 else "list,show"
            rounds = []
            for round_number in range(chosen.rounds):
                passes = {}
                for system in (URLS if round_number % 2 == 0 else reversed(URLS)):
                    passes[system] = measure(system, pids[system], suites, chosen.duration, chosen.conc, beats[system])
                    print(f"{size} nodes, round {round_number + 1}: {system} measured", flush=True)
                rounds.append(passes)
            lines.append((size, table(rounds)))
        grown = {system: memory(pids[system]) for system in URLS}
        synced = power_sync(pids[FERRIC], chosen.power_sync) if chosen.power_sync else None
    finally:
        ferric.stop()
        subprocess.run([PEER / "stop-ironic-prod.sh"], capture_output=True)
    text = report(chosen, lines, idle, grown, cold, synced)
    print(text)
    if chosen.write:
        chosen.write.write_text(text)


def report(chosen, tables, idle, grown, cold, synced):
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
    out = [
        "# Benchmarks",
        "",
        "Written by `cargo xtask bench --peer` (`tests/e2e/bench/run.py`): Ferric and the real Ironic 39.0.0 in the same run, on the same",
        "PostgreSQL 15 and the same RabbitMQ, measured in turn by the same requests (`../shared/peer/bench_api.py`, wrk with one thread).",
        "Ironic: uWSGI with 2 processes of 4 threads, one conductor. Ferric: one API process and one conductor, release build.",
        "Requests per second are medians of the rounds with smallest and largest; CPU is that of API and conductor for one request.",
        "",
        f"- Machine: {os.cpu_count()} cores ({cpu}), {os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB, "
        f"{platform.system()} {platform.release()}; load average {os.getloadavg()[0]:.1f} at the end",
        f"- Date: {time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}, commit {commit}",
        f"- Command: `cargo xtask bench --peer --rounds {chosen.rounds} --duration {chosen.duration} --nodes {chosen.nodes}`",
    ]
    for size, lines in tables:
        out += ["", f"## {size:,} nodes", "",
                "| What (c: connections at once) | Ironic, 1/s | Ferric, 1/s | Ratio | Goal | Ironic, CPU ms | Ferric, CPU ms |",
                "|---|---|---|---|---|---|---|", *lines]
    show = lambda values: ", ".join(f"{name} {mib:.0f}" for name, mib in values.items())
    out += ["", "## Memory and start", "",
            "| What | Ironic | Ferric | Goal |", "|---|---|---|---|",
            f"| resident, idle, MiB | {show(idle[IRONIC])} | {show(idle[FERRIC])} | API < 40 |",
            f"| resident after the measurements, MiB | {show(grown[IRONIC])} | {show(grown[FERRIC])} | conductor < 80 |",
            f"| start to ready on PostgreSQL and RabbitMQ, s (Ironic: until its conductor is seen alive) | {cold[IRONIC]:.1f} | {cold[FERRIC]:.2f} | < 1 |",
            ""]
    if synced:
        out += [f"## Power sync of {synced['nodes']:,} nodes, each once in 120 s", "",
                f"- {synced['statements_per_s']:.1f} SQL statements a second, with one conductor (goal: < 5 for each)",
                f"- resident meanwhile, MiB: {show(synced['memory'])}",
                f"- showing a node meanwhile: 99 % within {synced['p99_ms']} ms", ""]
    return "\n".join(out)


if __name__ == "__main__":
    main()
