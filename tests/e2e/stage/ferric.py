"""Ferric itself: all in one process, or two API processes and two conductors."""

import json
import os
import time
import urllib.request

from .layout import Broken
from .processes import free_port, plain_environment

# How soon conductors have to be alive; they start at a random moment within `conductor.start_jitter_ms`.
CONDUCTORS_SECONDS = 60


class Ferric:
    """A running installation, reached at any of `endpoints`."""

    def __init__(self, binary, processes, backend, settings=None, headers=dict):
        if not binary.is_file():
            raise Broken(f'{binary} is not there: cargo build -p ferric')
        self.binary = binary
        self.processes = processes
        # What requests have to carry for Ferric to let them in: a function, for tokens do not live for ever.
        self.headers = headers
        self.settings = {
            'DATABASE__URL': backend.database,
            'BUS__URL': backend.bus,
            'LOG__FILTER': os.environ.get('FERRIC_E2E_LOG', 'info'),
            **(settings or {}),
        }
        self.running = []
        self.endpoints = []
        # What each process was started as: its role, the port that says it is ready, its settings.
        self.parts = {}

    def start_all_in_one(self):
        api, grpc, health = free_port(), free_port(), free_port()
        self.start('ferric', 'all-in-one', api, API__LISTEN=f'127.0.0.1:{api}', GRPC__LISTEN=f'127.0.0.1:{grpc}',
                   GRPC__ENDPOINTS=f'http://127.0.0.1:{grpc}', CONDUCTOR__HEALTH_LISTEN=f'127.0.0.1:{health}',
                   CONDUCTOR__HOST='conductor-1')
        self.endpoints = [f'http://127.0.0.1:{api}']
        self.wait_for_conductors(1)
        return self

    def start_split(self):
        self.migrate()
        grpc = [free_port(), free_port()]
        dialed = ','.join(f'http://127.0.0.1:{port}' for port in grpc)
        token = os.urandom(16).hex()
        for number, port in enumerate(grpc, 1):
            api = free_port()
            self.start(f'api-{number}', 'api', api, API__LISTEN=f'127.0.0.1:{api}',
                       GRPC__LISTEN=f'127.0.0.1:{port}', GRPC__TOKEN=token)
            self.endpoints.append(f'http://127.0.0.1:{api}')
        for number in (1, 2):
            health = free_port()
            # Conductors get no database: they have to live without one.
            self.start(f'conductor-{number}', 'conductor', health, CONDUCTOR__HOST=f'conductor-{number}',
                       CONDUCTOR__HEALTH_LISTEN=f'127.0.0.1:{health}', GRPC__ENDPOINTS=dialed, GRPC__TOKEN=token,
                       DATABASE__URL='sqlite:/nowhere/ferric.db')
        self.wait_for_conductors(2)
        return self

    def migrate(self):
        """Brings the database to the version of the binary."""
        process = self.launch('migrate', 'migrate')
        code = process.child.wait(60)
        self.running.remove(process)
        if code != 0:
            raise Broken(f'ferric migrate ended with {code}:\n{process.tail()}')

    def replace(self, name):
        """Ends one process in good order and starts the present binary in its place; returns the exit code."""
        process = next(process for process in self.running if process.name == name)
        self.running.remove(process)
        code = self.processes.stop([process])[name]
        role, port, settings = self.parts[name]
        self.start(name, role, port, **settings)
        return code

    def start(self, name, role, port, **settings):
        self.parts[name] = (role, port, settings)
        self.launch(name, role, **settings).wait_for(f'http://127.0.0.1:{port}/readyz')

    def launch(self, name, role, **settings):
        keys = {**self.settings, **settings}
        env = plain_environment(**{f'FERRIC__{key}': str(value) for key, value in keys.items()})
        process = self.processes.start(name, [self.binary, role], env, self.processes.logs)
        self.running.append(process)
        return process

    def wait_for_conductors(self, count):
        end = time.monotonic() + CONDUCTORS_SECONDS
        while len(self.alive_conductors()) < count:
            if time.monotonic() > end:
                raise Broken(f'not {count} conductors alive after {CONDUCTORS_SECONDS} s')
            time.sleep(0.2)

    def alive_conductors(self):
        request = urllib.request.Request(f'{self.endpoints[0]}/v1/conductors',
                                         headers={'X-OpenStack-Ironic-API-Version': '1.49', **self.headers()})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return [row['hostname'] for row in json.load(answer)['conductors'] if row['alive']]

    def log_text(self):
        return ''.join(process.text() for process in self.running)

    def stop(self):
        """Ends every process in good order; returns {name: exit code}."""
        return self.processes.stop(self.running)
