"""Callers with tokens, of a fake Keystone or of a real one."""

import json
import os
import subprocess
import sys
import urllib.request

from callers import PASSWORD, Anybody
from stage.layout import E2E, Broken, shared, virtual_environment
from stage.processes import free_port, plain_environment


# It loads much before it listens.
START_SECONDS = 300


class AtKeystone(Anybody):
    """keystone, for which `url` has to be set."""

    # What the service calls itself at Keystone.
    service = {'name': 'ferric', 'password': 'of-the-service', 'project': 'service'}

    def __init__(self, url):
        self.url = url
        self.settings = {
            'AUTH__STRATEGY': 'keystone', 'AUTH__KEYSTONE__URL': url,
            'AUTH__KEYSTONE__USERNAME': self.service['name'], 'AUTH__KEYSTONE__PASSWORD': self.service['password']}

    def headers(self):
        return {'X-Auth-Token': self.token({'system': {'all': True}})}

    def token(self, scope):
        user = {'name': 'admin', 'domain': {'name': 'Default'}, 'password': PASSWORD}
        identity = {'methods': ['password'], 'password': {'user': user}}
        answer = self.call('POST', '/v3/auth/tokens', {'auth': {'identity': identity, 'scope': scope}})
        return answer.headers['X-Subject-Token']

    def call(self, method, path, document=None, token=None):
        headers = {'Content-Type': 'application/json', **({'X-Auth-Token': token} if token else {})}
        data = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(self.url + path, method=method, headers=headers, data=data)
        return urllib.request.urlopen(request, timeout=60)


class FakeKeystone(AtKeystone):
    """The small Keystone that comes with the suites. Its tokens say of themselves what they are, so that the one that a suite
    starts for itself issues what this one validates."""

    def __init__(self, processes):
        port = free_port()
        script = shared('clients/lib/fake_keystone.py')
        process = processes.start('keystone', [sys.executable, script, '--port', port, '--baremetal', 'http://127.0.0.1:1'])
        super().__init__(f'http://127.0.0.1:{port}')
        process.wait_for(f'{self.url}/v3')

    def environment(self, _url):
        return {'RBAC': '1'}


class RealKeystone(AtKeystone):
    """A Keystone from PyPI on SQLite with fernet tokens."""

    def __init__(self, processes):
        venv = virtual_environment('e2e-keystone', E2E / 'clients/keystone.txt')
        port = free_port()
        super().__init__(f'http://127.0.0.1:{port}')
        # One process of Keystone answers everybody; on a busy machine its first answers take their time.
        self.settings.update({'AUTH__KEYSTONE__ANSWER_TIMEOUT_MS': 60_000, 'AUTH__KEYSTONE__DEADLINE_MS': 60_000})
        home = processes.logs / 'keystone'
        home.mkdir()
        for name in ('fernet', 'credential'):
            (home / name).mkdir(mode=0o700)
        config = home / 'keystone.conf'
        config.write_text(CONFIG.format(home=home, url=self.url))
        account = ('--keystone-user', str(os.getuid()), '--keystone-group', str(os.getgid()))
        for words in (('db_sync',), ('fernet_setup', *account), ('credential_setup', *account),
                      ('bootstrap', '--bootstrap-password', PASSWORD, '--bootstrap-region-id', 'RegionOne',
                       '--bootstrap-public-url', f'{self.url}/v3')):
            manage(venv, config, home, words)
        # Keystone takes the command line of its process for its own, so that the server's must be empty.
        (home / 'gunicorn.conf.py').write_text(SERVER.format(port=port))
        process = processes.start('keystone', [venv / 'bin/gunicorn'],
                                  plain_environment(OS_KEYSTONE_CONFIG_FILES=str(config), HOME=str(home)), home)
        process.wait_for(f'{self.url}/v3', seconds=START_SECONDS)
        self.admin = self.token({'system': {'all': True}})
        self.introduce()

    def introduce(self):
        """Makes the service known: a user with the role `service` in the project `service`."""
        project = self.make('project', name=self.service['project'], domain_id='default')
        user = self.make('user', name=self.service['name'], password=self.service['password'], domain_id='default')
        role = self.find('role', 'service') or self.make('role', name='service')
        self.call('PUT', f'/v3/projects/{project["id"]}/users/{user["id"]}/roles/{role["id"]}', token=self.admin)

    def environment(self, url):
        service = self.make('service', type='baremetal', name='ferric')
        for interface in ('public', 'internal', 'admin'):
            self.make('endpoint', service_id=service['id'], interface=interface, region_id='RegionOne', url=url)
        return {'RBAC': '1', 'KEYSTONE': self.url, 'ADMIN_PASSWORD': PASSWORD}

    def make(self, kind, **members):
        with self.call('POST', f'/v3/{kind}s', {kind: members}, self.admin) as answer:
            return json.load(answer)[kind]

    def find(self, kind, name):
        with self.call('GET', f'/v3/{kind}s?name={name}', token=self.admin) as answer:
            return next(iter(json.load(answer)[f'{kind}s']), None)


CONFIG = '''[DEFAULT]
public_endpoint = {url}
[database]
connection = sqlite:///{home}/keystone.db
[token]
provider = fernet
[fernet_tokens]
key_repository = {home}/fernet
[credential]
key_repository = {home}/credential
[cache]
enabled = false
'''

SERVER = '''bind = '127.0.0.1:{port}'
threads = 8
wsgi_app = 'keystone.wsgi.api:application'
'''


def manage(venv, config, home, words):
    done = subprocess.run([venv / 'bin/keystone-manage', '--config-file', config, *words], cwd=home,
                          capture_output=True, text=True, stdin=subprocess.DEVNULL, env=plain_environment())
    if done.returncode != 0:
        raise Broken(f'keystone-manage {words[0]} ended with {done.returncode}:\n{done.stderr}')
