"""The two systems that are measured, on the same PostgreSQL and the same RabbitMQ."""

import os
import pathlib
import signal
import subprocess
import time
import urllib.request

PEER = pathlib.Path(__file__).resolve().parents[4] / 'shared' / 'peer'
PEER_HOME = pathlib.Path(os.environ.get('FERRIC_PEER_HOME', '/var/lib/ferric-peer'))
POSTGRES = ['psql', '-h', '127.0.0.1', '-p', '55432', '-U', 'postgres', '-qAt', '-v', 'ON_ERROR_STOP=1']
# The nodes whose power and provision state are changed (`work`); how many there are does not count.
OWN = "name LIKE 'work-%'"


def sql(database, text):
    """What one statement answers."""
    out = subprocess.run([*POSTGRES, '-d', database], input=text, capture_output=True, text=True)
    if out.returncode:
        raise RuntimeError(out.stderr.strip())
    return out.stdout.strip()


class Session:
    """A connection that stays: to start a client and to connect costs more than what is asked again and again."""

    def __init__(self, database):
        self.psql = subprocess.Popen([*POSTGRES, '-d', database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.psql.stdin.close()
        self.psql.wait()

    def number(self, text):
        """What a statement answers that gives one number."""
        self.psql.stdin.write(f'{text};\n')
        self.psql.stdin.flush()
        return int(self.psql.stdout.readline())


def answers(url, patience=90):
    """Waits until an address answers 200; how long that took, in seconds."""
    begun = time.monotonic()
    while time.monotonic() - begun < patience:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return time.monotonic() - begun
        except OSError:
            time.sleep(0.002)
    raise RuntimeError(f'{url} does not answer')


def tree(pid):
    """A process with all that it has started."""
    children = subprocess.run(['ps', '-o', 'pid=', '--ppid', str(pid)], capture_output=True, text=True).stdout.split()
    return [pid, *(found for child in children for found in tree(int(child)))]


def resident(pid):
    """MiB of a process with all that it has started."""
    total = 0
    for one in tree(pid):
        with open(f'/proc/{one}/status') as status:
            total += next((int(line.split()[1]) for line in status if line.startswith('VmRSS')), 0)
    return total / 1024


class System:
    """What both have in common."""

    def memory(self):
        return {name: resident(pid) for name, pid in self.pids().items()}

    def sql(self, text):
        return sql(self.database, text)

    def resize(self, wanted):
        """A fleet of so many nodes without ports, besides those that are worked on: more like those that are there are made by
        SQL, for Ironic makes fifteen a second."""
        self.sql('DELETE FROM ports')
        self.sql('DELETE FROM node_history')
        self.sql("DELETE FROM nodes WHERE driver <> 'fake-hardware'")
        self.sql(f'DELETE FROM nodes WHERE NOT {OWN} AND id NOT IN (SELECT id FROM nodes WHERE NOT {OWN} ORDER BY id LIMIT {wanted})')
        have = int(self.sql(f'SELECT count(*) FROM nodes WHERE NOT {OWN}'))
        columns = self.sql("SELECT string_agg(quote_ident(column_name), ',' ORDER BY ordinal_position) FROM information_schema.columns "
                           "WHERE table_name = 'nodes' AND is_generated = 'NEVER' AND column_name NOT IN ('id', 'uuid', 'name')")
        self.sql(f"INSERT INTO nodes (uuid, name, {columns}) SELECT gen_random_uuid()::text, 'copy-' || n || '-' || {wanted}, {columns} "
                 f'FROM (SELECT * FROM nodes WHERE NOT {OWN} ORDER BY id LIMIT 1) AS one CROSS JOIN generate_series(1, {wanted - have}) AS n')
        self.sql('VACUUM ANALYZE nodes')


class Ferric(System):
    """An API process and a conductor."""

    name, database, url = 'Ferric', 'ferric_bench', 'http://127.0.0.1:26395'

    def __init__(self, binary, folder):
        self.binary, self.folder, self.processes = binary, folder, {}

    def environment(self, **more):
        settings = {
            'DATABASE__URL': f'postgres://ironic:ironic@127.0.0.1:55432/{self.database}',
            'BUS__URL': 'amqp://ironic:ironic@127.0.0.1:35672/%2f',
            'BUS__PREFIX': 'ferric-bench',
            'API__LISTEN': '127.0.0.1:26395',
            'GRPC__LISTEN': '127.0.0.1:26396',
            'GRPC__ENDPOINTS': 'http://127.0.0.1:26396',
            'CONDUCTOR__HOST': 'bench',
            'CONDUCTOR__HEALTH_LISTEN': '127.0.0.1:26397',
            'CONDUCTOR__START_JITTER_MS': '0',
            'CONTROL__AUTOMATED_CLEAN': 'false',
            'CONTROL__MAX_CONCURRENT_DEPLOYS': '0',
            'CONTROL__MAX_CONCURRENT_CLEANS': '0',
            'CONTROL__POWER_SYNC_INTERVAL_SECS': '0',
            'LOG__FILTER': 'warn',
            **more,
        }
        return {f'FERRIC__{key}': value for key, value in settings.items()} | {'PATH': os.environ['PATH']}

    def create(self):
        """An empty database of its own."""
        sql('postgres', f'DROP DATABASE IF EXISTS {self.database} WITH (FORCE)')
        sql('postgres', f'CREATE DATABASE {self.database} OWNER ironic')
        subprocess.run([self.binary, 'migrate'], env=self.environment(), check=True, capture_output=True)

    def start_one(self, role, **more):
        with open(self.folder / f'{role}.log', 'ab') as log:
            self.processes[role] = subprocess.Popen([self.binary, role], env=self.environment(**more), stdout=log, stderr=log)

    def start(self, **more):
        """Starts both; seconds until the API and the conductor were ready."""
        self.start_one('api', **more)
        api = answers(self.url + '/readyz')
        self.start_one('conductor', **more)
        return {'api': api, 'conductor': answers('http://127.0.0.1:26397/readyz')}

    def restart_api(self, **more):
        """Another API process, for the same conductor."""
        self.end([self.processes.pop('api')])
        self.start_one('api', **more)
        answers(self.url + '/readyz')

    def pids(self):
        return {role: process.pid for role, process in self.processes.items()}

    def stop(self):
        self.end(self.processes.values())
        self.processes = {}

    @staticmethod
    def end(processes):
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()

    def embedded(self):
        """Seconds until all in one process, on SQLite, is ready on an empty disk."""
        more = {'DATABASE__URL': f'sqlite:{self.folder}/cold-{time.monotonic_ns()}.db', 'BUS__URL': ''}
        environment = self.environment(**more)
        del environment['FERRIC__BUS__URL']
        with open(self.folder / 'embedded.log', 'ab') as log:
            process = subprocess.Popen([self.binary, 'all-in-one'], env=environment, stdout=log, stderr=log)
        try:
            return answers(self.url + '/readyz', 20)
        finally:
            process.terminate()
            process.wait(40)

    def beat(self, known, listed):
        """Lets nodes know the agent of `known`."""
        self.sql(f"UPDATE nodes SET provision_state = 'available', generation = generation + 1, status = "
                 f"jsonb_set(status::jsonb, '{{driver_internal_info}}', '{known}'::jsonb)::text WHERE uuid IN ({listed})")


class Ironic(System):
    """The real one: uWSGI with two processes of four threads, and a conductor."""

    name, database, url = 'Ironic', 'ironic', 'http://127.0.0.1:26385'

    def start(self):
        begun = time.monotonic()
        environment = os.environ | {'CLEAN': 'false', 'PSYNC': '0'}
        # Not through a pipe: the services that the script leaves running would keep it open.
        subprocess.run([PEER / 'start-ironic-prod.sh', '--wipe'], check=True, env=environment, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        return time.monotonic() - begun

    def pids(self):
        read = lambda role: int((PEER_HOME / 'run' / f'prod-{role}.pid').read_text())
        return {'api': read('api'), 'conductor': read('conductor')}

    def stop(self):
        subprocess.run([PEER / 'stop-ironic-prod.sh'], capture_output=True)

    def beat(self, known, listed):
        """Lets nodes know the agent of `known`."""
        self.sql(f"UPDATE nodes SET provision_state = 'available', driver_internal_info = '{known}' WHERE uuid IN ({listed})")
