"""What the run keeps in the service, so that not every path made up at random leads nowhere."""

LATEST = {'X-OpenStack-Ironic-API-Version': 'latest', 'Content-Type': 'application/json'}


def identity(number):
    return f'5ced0000-0000-4000-8000-{number:012d}'


NODES = [f'fuzz-{number}' for number in range(6)]

# Collection, and what is created there; a fixed identity makes creating it again harmless.
SEEDS = [
    *(('chassis', {'uuid': identity(10 + number)}) for number in range(2)),
    *(('nodes', {'uuid': identity(20 + number), 'name': name, 'driver': 'fake-hardware'})
      for number, name in enumerate(NODES)),
    *(('ports', {'uuid': identity(30 + number), 'node_uuid': identity(20 + number),
                 'address': f'52:54:00:5c:ed:{number:02x}'}) for number in range(3)),
    ('deploy_templates', {'uuid': identity(40), 'name': 'CUSTOM_FUZZ', 'steps': [
        {'interface': 'deploy', 'step': 'upgrade_firmware', 'args': {}, 'priority': 10}]}),
    ('inspection_rules', {'uuid': identity(50), 'actions': [{'op': 'fail', 'args': {'msg': 'no'}}],
                          'conditions': [{'op': 'is-none', 'args': {'value': 'x'}}]}),
]

# Values for the parts of paths.
PARTS = {
    'node': [*NODES, identity(20), identity(21)],
    'ident': NODES,
    'chassis': [identity(10), identity(11)],
    'port': [identity(30), identity(31), identity(32)],
    'template': ['CUSTOM_FUZZ', identity(40)],
    'rule': [identity(50)],
    'driver': ['fake-hardware'],
    'host': ['conductor-1'],
    'trait': ['CUSTOM_A', 'HW_CPU_X86_VMX'],
}
