"""Work that goes on after its request: power actions and lives of nodes of fake hardware, until the database says that all have ended.

wrk sends the requests, 32 at once, each node once: a client in Python would be what is measured. Whether a node has arrived is
asked of the database and not of the API, for at Ironic a list costs as much as ten power actions.
"""

import json
import os
import subprocess
import tempfile
import time

from systems import OWN, Session, tree

CONNECTIONS = 32
# Seconds without any node arriving after which the rest counts as failed.
PATIENCE = 30
# Seconds between two looks at how many have arrived.
PAUSE = 0.05
TICK = os.sysconf('SC_CLK_TCK')

SCRIPT = '''
local nodes = %(nodes)s
local sent = -1 -- wrk asks for one request that it does not send
wrk.headers["X-OpenStack-Ironic-API-Version"] = "1.80"
wrk.headers["Content-Type"] = "application/json"
request = function()
  sent = sent + 1
  if sent < 1 or sent > #nodes then return wrk.format("GET", "/") end
  return wrk.format("PUT", "/v1/nodes/" .. nodes[sent] .. "/states/%(state)s", nil, [[%(body)s]])
end
delay = function() return sent > #nodes and 1000 or 0 end
'''

# (name of the row, state of the API, what is asked for, what the database says then)
POWER = {
    target: ('power actions completed', 'power', target, f"power_state = '{target}' AND target_power_state IS NULL")
    for target in ('power on', 'power off')
}
ENTRY = [
    ('provision manage', 'provision', 'manage', "provision_state = 'manageable'"),
    ('provision provide', 'provision', 'provide', "provision_state = 'available'"),
]
CYCLE = [
    ('provision active', 'provision', 'active', "provision_state = 'active'"),
    ('provision deleted', 'provision', 'deleted', "provision_state = 'available'"),
]


def cpu(system):
    """Seconds that the processes of a system have used, by role."""
    used = {}
    for role, pid in system.pids().items():
        used[role] = 0.0
        for one in tree(pid):
            with open(f'/proc/{one}/stat') as stat:
                fields = stat.read().rsplit(')', 1)[1].split()
            used[role] += sum(int(field) for field in fields[11:15]) / TICK
    return used


def create(system, call, count):
    """The nodes that are worked on, if there are not as many yet."""
    for number in range(count - int(system.sql(f'SELECT count(*) FROM nodes WHERE {OWN}'))):
        call(system, 'POST', '/v1/nodes', {'driver': 'fake-hardware', 'name': f'work-{number}-{time.monotonic_ns()}'})


def send(system, uuids, state, target, arrived):
    """Asks for one thing of every node; the record of it."""
    with Session(system.database) as session, tempfile.NamedTemporaryFile('w', suffix='.lua') as script:
        listed = '{' + ', '.join(f'"{uuid}"' for uuid in uuids) + '}'
        script.write(SCRIPT % {'nodes': listed, 'state': state, 'body': json.dumps({'target': target})})
        script.flush()
        used, begun = cpu(system), time.monotonic()
        wrk = subprocess.Popen(['wrk', '-t1', f'-c{CONNECTIONS}', '-d600s', '-s', script.name, system.url], stdout=subprocess.DEVNULL)
        try:
            done, last = 0, begun
            while done < len(uuids) and time.monotonic() - last < PATIENCE:
                time.sleep(PAUSE)
                now = session.number(f'SELECT count(*) FROM nodes WHERE {OWN} AND {arrived}')
                if now > done:
                    done, last = now, time.monotonic()
        finally:
            wrk.kill()
            wrk.wait()
        spent = {role: 1000 * (seconds - used[role]) / len(uuids) for role, seconds in cpu(system).items()}
    return {'per_s': done / (last - begun), 'cpu_ms': spent, 'bad': len(uuids) - done}


def measure(system, call, count):
    """One pass; its records by what was done. The nodes are kept for the next one."""
    create(system, call, count)
    uuids = system.sql(f'SELECT uuid FROM nodes WHERE {OWN} ORDER BY id').split()
    state = lambda column, value: int(system.sql(f"SELECT count(*) FROM nodes WHERE {OWN} AND {column} = '{value}'"))
    other = 'power off' if state('power_state', 'power on') else 'power on'
    steps = [POWER[other], *(ENTRY if state('provision_state', 'enroll') else []), *CYCLE]
    return {name: send(system, uuids, *step) for name, *step in steps}
