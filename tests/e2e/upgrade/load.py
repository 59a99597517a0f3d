"""Work that never stops: nodes are deployed and undeployed, and others read and write beside that, at each API process in turn."""

import collections
import contextlib
import http.client
import itertools
import threading
import time

from stage.layout import Broken
from stage.rest import Rest

# Fake nodes, with how many milliseconds each of their operations takes: the slow ones are in the middle of a flow whenever a
# conductor stops.
FAKES = (('quick', 6, 50), ('slow', 6, 4000))
# How young a slow flow is that a conductor cannot have ended when its drain is over.
YOUNG = "created_at > clock_timestamp() AT TIME ZONE 'UTC' - interval '2 seconds'"
# Where a node rests, and what it is asked for there.
TURNS = {'available': 'active', 'active': 'deleted'}
SECONDS = 180
PAUSE_SECONDS = 0.1
BUSY = 503

# The flows of the load.
FLOWS = "SELECT count(*) FROM tasks WHERE action IN ('deploy', 'tear_down') AND node_uuid IN ({nodes})"


class Load:
    """Threads that ask, until the block ends."""

    def __init__(self, verdict, endpoints, backend, servers, images):
        self.verdict = verdict
        self.clients = [Rest(endpoint) for endpoint in endpoints]
        self.backend = backend
        self.servers = servers
        self.images = images
        # The nodes by kind, and all of them.
        self.kinds = {}
        self.nodes = []
        # Answers by status, 0 for a process that was not there.
        self.answers = collections.Counter()
        # What nobody may be answered.
        self.broken = []
        self.accepted = 0
        self.unknown = 0
        self.gone = set()
        self.lock = threading.Lock()
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=work) for work in (self.provision, self.change)]

    def prepare(self, rest):
        """Nodes that can be deployed."""
        for kind, count, delay in FAKES:
            bodies = [{'name': f'{kind}-{number}', 'driver': 'fake-hardware', 'driver_info': {'fake_delay_ms': delay}}
                      for number in range(count)]
            self.kinds[kind] = [rest.do('POST', '/v1/nodes', body)['uuid'] for body in bodies]
        self.kinds['server'] = self.servers.enroll(rest)
        self.nodes = [uuid for uuids in self.kinds.values() for uuid in uuids]
        for verb, state in (('manage', 'manageable'), ('provide', 'available')):
            for uuid in self.nodes:
                rest.provision(uuid, verb)
            for uuid in self.nodes:
                rest.rests(uuid, state)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    @contextlib.contextmanager
    def away(self, part):
        """While this process is being replaced, it need not answer."""
        endpoint = f'http://127.0.0.1:{part[1]}'
        self.gone.add(endpoint)
        try:
            yield
        finally:
            self.gone.discard(endpoint)

    def ask(self, client, method, path, body=None):
        """Status and answer, counted."""
        excused = client.endpoint in self.gone
        try:
            status, answer = client.ask(method, path, body)
        except (OSError, http.client.HTTPException) as error:
            status, answer = 0, f'{type(error).__name__}: {error}'
        excused = excused or client.endpoint in self.gone
        with self.lock:
            self.answers[status] += 1
            if (status == 0 and not excused) or (status >= 500 and status != BUSY):
                self.broken.append((method, path, client.endpoint, status, answer))
        return status, answer

    def provision(self):
        """Asks every node that rests for the next thing."""
        for client in itertools.cycle(self.clients):
            if self.stop.wait(PAUSE_SECONDS):
                return
            status, answer = self.ask(client, 'GET', '/v1/nodes?fields=uuid,provision_state,reservation&limit=1000')
            if status != 200:
                continue
            for node in answer['nodes']:
                verb = TURNS.get(node['provision_state'])
                if node['uuid'] in self.nodes and verb and not node['reservation'] and not self.stop.is_set():
                    self.turn(client, node['uuid'], verb)

    def turn(self, client, uuid, verb):
        if verb == 'active':
            info = {'image_source': self.images.url_of('disk.img'), 'image_checksum': self.images.sha256_of('disk.img'),
                    'image_disk_format': 'raw'}
            if self.ask(client, 'PATCH', f'/v1/nodes/{uuid}', [{'op': 'add', 'path': '/instance_info', 'value': info}])[0] != 200:
                return
        status, _ = self.ask(client, 'PUT', f'/v1/nodes/{uuid}/states/provision', {'target': verb})
        self.accepted += status == 202
        # A connection that breaks does not say whether the request had been accepted.
        self.unknown += status == 0

    def change(self):
        """Reads and writes that have nothing to do with hardware, and nodes that come and go."""
        for number, client in enumerate(itertools.cycle(self.clients)):
            if self.stop.wait(PAUSE_SECONDS):
                return
            status, answer = self.ask(client, 'POST', '/v1/nodes', {'name': f'passing-{number}', 'driver': 'fake-hardware'})
            if status != 201:
                continue
            path = f'/v1/nodes/{answer["uuid"]}'
            self.ask(client, 'PATCH', path, [{'op': 'add', 'path': '/extra/number', 'value': number}])
            for query in ('/v1/nodes/detail?limit=5', '/v1/conductors', '/v1/drivers', '/v1/ports', f'{path}/history'):
                self.ask(client, 'GET', query)
            self.ask(client, 'DELETE', path)

    def flows(self, condition='TRUE', kind=None):
        """How many flows there are, of one kind of nodes or of all."""
        nodes = ', '.join(f"'{uuid}'" for uuid in (self.kinds[kind] if kind else self.nodes))
        return int(self.backend.ask(f'{FLOWS.format(nodes=nodes)} AND {condition}')[0])

    def wait_for_flows(self, counts):
        """Waits until so many more flows of each kind have ended, all of which began not before now."""
        began = self.backend.ask("SELECT clock_timestamp() AT TIME ZONE 'UTC'")[0]
        since = f"created_at > '{began}' AND finished_at IS NOT NULL"
        for kind, count in counts.items():
            self.wait(f'{count} flows of {kind} nodes to begin and end', lambda: self.flows(since, kind) >= count)

    def wait_for_hold(self, conductor):
        """Waits until a conductor has just begun with a slow node."""
        held = f"claimed_by = '{conductor}' AND finished_at IS NULL AND {YOUNG}"
        self.wait(f'{conductor} to begin a flow of a slow node', lambda: self.flows(held, 'slow'))

    def wait_for_rest(self, rest):
        """Waits until no node is worked on."""
        def resting():
            nodes = rest.get('/v1/nodes?fields=uuid,provision_state,reservation&limit=1000')['nodes']
            return not any(node['reservation'] or node['provision_state'] not in ('available', 'active')
                           for node in nodes if node['uuid'] in self.nodes)
        self.wait('all nodes to rest', resting)

    def wait(self, what, holds):
        end = time.monotonic() + SECONDS
        while not holds():
            if time.monotonic() > end:
                raise Broken(f'waited {SECONDS} s in vain for {what}: {self.summary()}')
            time.sleep(0.2)

    def summary(self):
        answers = ', '.join(f'{count} × {status or "away"}' for status, count in sorted(self.answers.items()))
        return f'{self.flows()} flows; {answers}'
