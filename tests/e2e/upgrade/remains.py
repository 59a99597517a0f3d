"""What must be true when everything was replaced: every accepted action has ended once, and nothing is left over."""

import time

# The outbox is emptied and the last reports arrive a moment after clients see the result.
SECONDS = 20

# Each row is a finding; what must not be there any more.
LEFT = {
    'unfinished task': "SELECT action || ' ' || id || ' is ' || state FROM tasks WHERE state NOT IN ('succeeded', 'failed') "
                       'OR finished_at IS NULL',
    'lease': "SELECT action || ' ' || id || ' of ' || coalesce(claimed_by, 'nobody') FROM tasks WHERE lease_expires_at IS NOT NULL",
    'outbox row': "SELECT kind || ' ' || id FROM outbox",
    'reservation': "SELECT uuid || ' by ' || reservation FROM nodes WHERE reservation IS NOT NULL",
}
# What the history has to tell.
TOLD = {
    'flow that ended well and was not told so once':
        "SELECT action || ' ' || id || ': ' || told FROM (SELECT tasks.*, (SELECT count(*) FROM node_history "
        "WHERE node_history.node_uuid = tasks.node_uuid AND severity = 'INFO' AND event LIKE 'The node was %; it is now %' "
        "AND details LIKE '%' || tasks.id || '%') AS told FROM tasks WHERE state = 'succeeded' "
        "AND action IN ('deploy', 'tear_down')) AS ended WHERE told <> 1",
    'failure without a word':
        "SELECT action || ' ' || id FROM tasks WHERE state = 'failed' AND NOT EXISTS (SELECT FROM node_history "
        "WHERE node_history.node_uuid = tasks.node_uuid AND severity = 'ERROR' AND details LIKE '%' || tasks.id || '%')",
    # The one that was told to fail is parked.
    'failure that nothing gave a reason for':
        "SELECT tasks.action || ' ' || tasks.id || ' of ' || nodes.name FROM tasks JOIN nodes ON nodes.uuid = tasks.node_uuid "
        "WHERE tasks.state = 'failed' AND nodes.name <> 'failed'",
}


def judge(verdict, backend, load):
    """Looks at answers and rows."""
    verdict.say(f'in all: {load.summary()}; {load.accepted} requests accepted, {load.unknown} unknown')
    verdict.check('nobody was answered with an error of the server, or not at all', not load.broken, load.broken[:3])
    flows = load.flows()
    most = load.accepted + load.unknown
    verdict.check(f'each of {load.accepted} accepted requests is one flow ({load.unknown} may be)',
                  load.accepted <= flows <= most, f'there are {flows}')
    handed_over = load.flows('epoch > 1', 'slow')
    verdict.check('flows of slow nodes were begun by one conductor and ended by another', handed_over > 0, 'there is none')
    verdict.say(f'{handed_over} flows of slow nodes were handed over')
    for what, question in LEFT.items():
        end = time.monotonic() + SECONDS
        while (rows := backend.ask(question)) and time.monotonic() < end:
            time.sleep(0.2)
        verdict.check(f'no {what} is left', not rows, rows[:3])
    for what, question in TOLD.items():
        rows = backend.ask(question)
        verdict.check(f'there is no {what}', not rows, rows[:3])
