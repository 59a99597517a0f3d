"""How callers are known to Ferric: not at all, or by a password. Tokens are in keystone.py."""

import base64

USER, PASSWORD = 'ann', 'secret'
# `PASSWORD` as htpasswd -B writes it, cheaply.
HASH = '$2b$04$FXsAaV.L5K6aT6PMxIJv..N7/jh.UFgAt.jdO34A/2IIJFX7R9FYi'


class Anybody:
    """noauth."""

    def __init__(self, _processes):
        self.settings = {}

    def headers(self):
        """What a request of this run itself has to carry."""
        return {}

    def environment(self, _url):
        """What the scripts of the suites have to know; Ferric runs at `url`."""
        return {}


class KnownUser(Anybody):
    """http_basic with one user."""

    def __init__(self, processes):
        users = processes.logs / 'htpasswd'
        users.write_text(f'{USER}:{HASH}\n')
        self.settings = {'AUTH__STRATEGY': 'http_basic', 'AUTH__HTPASSWD': users}

    def headers(self):
        return {'Authorization': 'Basic ' + base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}

    def environment(self, _url):
        return {'BASIC': f'{USER}:{PASSWORD}'}
