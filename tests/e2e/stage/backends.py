"""Database and bus of a run: files of its own, or a database and a virtual host of its own on the test services."""

import base64
import os
import subprocess
import urllib.parse
import urllib.request
import uuid

from .layout import Broken

VARIABLES = ('FERRIC_TEST_POSTGRES_URL', 'FERRIC_TEST_AMQP_URL', 'FERRIC_TEST_RABBITMQ_API_URL')


class Local:
    """SQLite and the in-process bus."""

    def __init__(self, directory):
        self.database = f'sqlite:{directory / "ferric.db"}'
        self.bus = 'local:'

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class Services:
    """PostgreSQL and RabbitMQ as `cargo xtask services up` starts them."""

    def __init__(self):
        missing = [name for name in VARIABLES if not os.environ.get(name)]
        if missing:
            raise Broken(f'{", ".join(missing)} not set: eval "$(cargo xtask services up)" first')
        self.postgres, amqp, self.rabbit = (os.environ[name] for name in VARIABLES)
        self.name = f'ferric_e2e_{uuid.uuid4().hex[:12]}'
        self.database = urllib.parse.urlsplit(self.postgres)._replace(path=f'/{self.name}').geturl()
        self.bus = urllib.parse.urlsplit(amqp)._replace(path=f'/{self.name}').geturl()

    def __enter__(self):
        self.vhost('PUT')
        self.sql(f'create database {self.name}')
        return self

    def __exit__(self, *_):
        self.vhost('DELETE')
        self.sql(f'drop database {self.name} with (force)')

    def sql(self, statement):
        done = subprocess.run(['psql', self.postgres, '-qAt', '-v', 'ON_ERROR_STOP=1', '-c', statement],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise Broken(f'PostgreSQL refuses "{statement}": {done.stderr.strip()}')

    def ask(self, question):
        """The rows of a question to the run's own database, as lines."""
        done = subprocess.run(['psql', self.database, '-qAt', '-v', 'ON_ERROR_STOP=1', '-c', question],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise Broken(f'PostgreSQL refuses "{question}": {done.stderr.strip()}')
        return done.stdout.splitlines()

    def vhost(self, method):
        url = urllib.parse.urlsplit(self.rabbit)
        token = base64.b64encode(f'{url.username}:{url.password}'.encode()).decode()
        request = urllib.request.Request(
            f'http://{url.hostname}:{url.port}/api/vhosts/{self.name}', method=method, data=b'',
            headers={'Authorization': f'Basic {token}', 'Content-Type': 'application/json'})
        try:
            urllib.request.urlopen(request, timeout=30).close()
        except OSError as error:
            raise Broken(f'RabbitMQ does not do {method} {request.full_url}: {error}') from error
