"""Requests to Ferric's REST API, for runs that need no client of others."""

import json
import time
import urllib.error
import urllib.request

from .layout import Broken

VERSION = '1.95'


class Rest:
    """One endpoint, spoken to at one microversion."""

    def __init__(self, endpoint, version=VERSION):
        self.endpoint = endpoint
        self.version = version

    def ask(self, method, path, body=None):
        """Status and answer, read as JSON where there is one."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.endpoint + path, data=data, method=method,
            headers={'X-OpenStack-Ironic-API-Version': self.version, 'Content-Type': 'application/json'})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, read(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, read(error.read())

    def do(self, method, path, body=None):
        """The answer of a request that has to succeed."""
        status, answer = self.ask(method, path, body)
        if status >= 300:
            raise Broken(f'{method} {path} answers {status}: {answer}')
        return answer

    def get(self, path):
        return self.do('GET', path)

    def patch(self, path, **values):
        """Sets fields; a name may go deeper by `__`."""
        return self.do('PATCH', path, [{'op': 'add', 'path': '/' + name.replace('__', '/'), 'value': value}
                                       for name, value in values.items()])

    def provision(self, node, target, **more):
        return self.do('PUT', f'/v1/nodes/{node}/states/provision', {'target': target, **more})

    def rests(self, node, state, seconds=60):
        """Waits until nobody works on the node and it is in this state."""
        end = time.monotonic() + seconds
        while True:
            shown = self.get(f'/v1/nodes/{node}?fields=provision_state,reservation,last_error')
            if shown['provision_state'] == state and not shown['reservation']:
                return
            if time.monotonic() > end:
                raise Broken(f'node {node} is not {state} after {seconds} s: {shown}')
            time.sleep(0.1)

    def reach(self, node, wanted, seconds=300, told=print):
        """Looks at the node until it is in one of the states `wanted`, or where it will not come out of by itself."""
        end = time.monotonic() + seconds
        last = None
        while time.monotonic() < end:
            shown = self.get(f'/v1/nodes/{node}')
            step = (shown['clean_step'] or shown['deploy_step'] or {}).get('step', '')
            seen = ' · '.join(word for word in (shown['provision_state'], shown['power_state'], step) if word)
            if seen != last:
                told(seen)
                last = seen
            state = shown['provision_state']
            if state in wanted or (state.endswith(('failed', 'error')) and not shown['target_provision_state']):
                return shown
            if state in ('enroll', 'clean failed', 'deploy failed', 'inspect failed', 'error'):
                return shown
            time.sleep(0.3)
        raise Broken(f'node {node} is not {" or ".join(wanted)} after {seconds} s: {last}')


def read(data):
    try:
        return json.loads(data) if data else None
    except ValueError:
        return data.decode(errors='replace')
