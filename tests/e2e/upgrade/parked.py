"""Nodes that the old version leaves in every kind of state, and that the new one goes on with.

Nodes in a wait state have a fake ramdisk: it got its token from the old version and calls back at the new one.
"""

ENROLLED, MANAGEABLE, AVAILABLE = (), ('manage',), ('manage', 'provide')
ACTIVE = ('manage', 'adopt')
FIRMWARE = {'interface': 'firmware', 'step': 'update',
            'args': {'settings': [{'component': 'bmc', 'url': 'http://127.0.0.1/firmware'}]}}
RAID = {'interface': 'raid', 'step': 'create_configuration', 'args': {}}
RESTS = {'manage': 'manageable', 'provide': 'available', 'adopt': 'active', 'rescue': 'rescue', 'unrescue': 'active',
         'deleted': 'available', 'clean': 'manageable', 'inspect': 'manageable', 'service': 'active', 'active': 'active'}
ARGUMENTS = {'clean': {'clean_steps': [RAID]}, 'service': {'service_steps': [FIRMWARE]}, 'rescue': {'rescue_password': 's3cret'}}
CALLBACK = 'http://127.0.0.1:9999'

# Name, the verbs that lead there and rest, the verb that parks, `driver_info`, the state, the verb afterwards.
SHELF = (
    ('enrolled', ENROLLED, None, {}, 'enroll', 'manage'),
    ('manageable', MANAGEABLE, None, {}, 'manageable', 'clean'),
    ('available', AVAILABLE, None, {}, 'available', 'active'),
    ('active', ACTIVE, None, {}, 'active', 'service'),
    ('rescued', (*ACTIVE, 'rescue'), None, {}, 'rescue', 'unrescue'),
    ('failed', AVAILABLE, 'active', {'fake_failure': 'deploy.deploy'}, 'deploy failed', 'deleted'),
    ('clean-wait', MANAGEABLE, 'clean', {'fake_ramdisk': True}, 'clean wait', None),
    ('deploy-wait', AVAILABLE, 'active', {'fake_ramdisk': True}, 'wait call-back', None),
    ('inspect-wait', MANAGEABLE, 'inspect', {'fake_ramdisk': True}, 'inspect wait', None),
    ('rescue-wait', ACTIVE, 'rescue', {'fake_ramdisk': True}, 'rescue wait', None),
    ('service-wait', ACTIVE, 'service', {'fake_ramdisk': True}, 'service wait', None),
)


class Parked:
    """The nodes, with the tokens of their ramdisks."""

    def __init__(self, verdict, rest):
        self.verdict = verdict
        self.rest = rest
        self.nodes = {}
        self.tokens = {}

    def park(self):
        """Brings each node where it is to be while everything is replaced."""
        for row in SHELF:
            name, ways, verb, info, state, _ = row
            uuid = self.rest.do('POST', '/v1/nodes', {'name': name, 'driver': 'fake-hardware', 'automated_clean': False})['uuid']
            self.nodes[name] = uuid
            for way in ways:
                self.lead(uuid, way)
            for key, value in info.items():
                self.rest.patch(f'/v1/nodes/{uuid}', **{f'driver_info__{key}': value})
            if verb:
                self.ask(uuid, verb)
                self.reach(uuid, state)
            if 'fake_ramdisk' in info:
                self.tokens[name] = self.rest.get(f'/v1/lookup?node_uuid={uuid}')['config']['agent_token']
            self.verdict.equal(f'the parked node {name}', self.state(uuid), state)

    def go_on(self):
        """Everything is as it was left, and goes on from there."""
        for name, _, verb, info, state, afterwards in SHELF:
            uuid = self.nodes[name]
            self.verdict.equal(f'{name} after everything was replaced', self.state(uuid), state)
            if afterwards:
                for key in info:
                    self.rest.do('PATCH', f'/v1/nodes/{uuid}', [{'op': 'remove', 'path': f'/driver_info/{key}'}])
                self.ask(uuid, afterwards)
            else:
                afterwards = verb
                self.call_back(uuid, verb, self.tokens[name])
            self.reach(uuid, RESTS[afterwards])
            self.verdict.equal(f'{name} after {afterwards}', self.state(uuid), RESTS[afterwards])
            history = self.rest.get(f'/v1/nodes/{uuid}/history?detail=true')['history']
            errors = [row['event'] for row in history if row['severity'] == 'ERROR']
            wanted = 1 if 'fake_failure' in info else 0
            self.verdict.check(f'the failures that the history of {name} tells are {wanted}', len(errors) == wanted, errors)

    def call_back(self, uuid, verb, token):
        """What the ramdisk does once it is up."""
        if verb == 'inspect':
            self.rest.do('POST', f'/v1/continue_inspection?node_uuid={uuid}', {
                'inventory': {'interfaces': [{'name': 'eth0', 'mac_address': f'52:54:00:{uuid[0:2]}:{uuid[2:4]}:{uuid[4:6]}'}]}})
            return
        self.rest.do('POST', f'/v1/heartbeat/{uuid}', {'callback_url': CALLBACK, 'agent_version': '13.0.0', 'agent_token': token})

    def lead(self, uuid, verb):
        self.ask(uuid, verb)
        self.reach(uuid, RESTS[verb])

    def ask(self, uuid, verb):
        self.rest.provision(uuid, verb, **ARGUMENTS.get(verb, {}))

    def reach(self, uuid, state):
        self.rest.rests(uuid, state)

    def state(self, uuid):
        return self.rest.get(f'/v1/nodes/{uuid}')['provision_state']
