#!/usr/bin/env python3
"""`ferric migrate-from-ironic` against a real Ironic: what it reports, and whether everything arrives.

Prints a timeline and ends with `N passed, M failed`. See ../README.md.
"""

import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
# A run leaves nothing behind in the checkout but `target`.
sys.dont_write_bytecode = True

from peer import Ironic
from stage.backends import Local
from stage.ferric import Ferric
from stage.layout import fresh_dir, main, options, shared
from stage.processes import Processes, plain_environment
from stage.rest import Rest
from stage.verdict import Verdict
from stock import PASSWORD, SHELF, fill

# Collection, its key, and what the services say of their own: not moved, or made anew.
COLLECTIONS = (
    ('/v1/chassis?detail=true', 'chassis', ()),
    ('/v1/nodes?detail=true&include_children=true', 'nodes', ('driver_info', 'driver_internal_info', 'reservation', 'conductor', 'power_state',
                                        'provision_updated_at', 'bios_interface', 'target_power_state')),
    ('/v1/portgroups?detail=true', 'portgroups', ()),
    ('/v1/ports?detail=true', 'ports', ()),
    ('/v1/volume/connectors?detail=true', 'connectors', ()),
    ('/v1/volume/targets?detail=true', 'targets', ()),
    ('/v1/deploy_templates?detail=true', 'deploy_templates', ()),
    ('/v1/runbooks?detail=true', 'runbooks', ()),
)
ALWAYS_OWN = ('created_at', 'updated_at', 'links', 'ports', 'portgroups', 'volume', 'states', 'nodes', 'traits_url')


class Command:
    """The command under test."""

    def __init__(self, binary, ironic):
        self.words = [binary, 'migrate-from-ironic', '--from', ironic.url]

    def __call__(self, *more):
        done = subprocess.run([*self.words, *map(str, more)], capture_output=True, text=True, timeout=300,
                              env=plain_environment())
        return done.returncode, done.stdout, done.stderr


def report(verdict, command):
    """What has to be changed is named, with the way on."""
    code, text, _ = command()
    verdict.equal('the exit code while something has to be changed', code, 1)
    verdict.check('the report has a part for it', 'Has to be changed before the move' in text, text)
    code, text, error = command('--json')
    document = json.loads(text)
    verdict.equal('the nodes that were counted', document['counts']['nodes'], len(SHELF))
    musts = {(row['resource'], row['what']) for row in document['findings'] if row['severity'] == 'must'}
    wanted = {('node storage-1', 'storage_interface external is not available for redfish'),
              ('node intel-1', 'hardware type intel-ipmi is not available')}
    verdict.check('what has to be changed', wanted <= musts, musts)
    advice = {row['what']: row['advice'] for row in document['findings']}
    verdict.check('a masked password is asked for', any('redfish_password is masked' in what for what in advice), advice)
    verdict.check('a node in use comes with its way', any('manage, adopt' in text for text in advice.values()), advice)
    verdict.check('the report holds no secret', PASSWORD not in text + error, 'see its output')


def move(verdict, command, ironic, ferric, folder):
    """Everything arrives as it was; twice does no harm."""
    secrets = folder / 'secrets.json'
    secrets.write_text(json.dumps({'rack-1': {'driver_info': {'redfish_password': PASSWORD}}}))
    changes = ('--replace', 'driver:intel-ipmi=ipmi', '--replace', 'management:intel-ipmitool=ipmitool',
               '--replace', 'storage:external=noop', '--secrets', secrets)
    lines = folder / 'requests.jsonl'
    code, text, _ = command(*changes, '--write', lines)
    verdict.equal('the exit code once everything was replaced', code, 0)
    verdict.equal('who may read the requests', oct(lines.stat().st_mode & 0o777), '0o600')
    requests = [json.loads(line) for line in lines.read_text().splitlines()]
    verdict.check('the requests are those of the API', {row['method'] for row in requests} <= {'POST', 'PUT'}, requests[:2])
    code, _, error = command(*changes, '--into', ferric.endpoint)
    verdict.check('everything was taken', code == 0 and 'refused' not in error, error)
    for path, key, own in COLLECTIONS:
        compare(verdict, ironic.rest, ferric, path, key, own)
    code, _, error = command(*changes, '--into', ferric.endpoint)
    verdict.check('a second time finds everything there', code == 0 and ' created' not in error.replace(
        'traits of nodes', '').replace('maintenance of nodes', '').split('nodes: ')[-1].split('\n')[0], error)
    shown = ferric.get('/v1/nodes/rack-1')
    verdict.equal('the password of the node', shown['driver_info']['redfish_password'], '******')
    verdict.equal('where nodes arrive', {row['provision_state'] for row in ferric.get('/v1/nodes?include_children=true')['nodes']}, {'enroll'})


def compare(verdict, old, new, path, key, own):
    rows = [{row['uuid']: row for row in service.get(path)[key]} for service in (old, new)]
    verdict.equal(f'how many {key} arrived', len(rows[1]), len(rows[0]))
    wrong = []
    for uuid, was in rows[0].items():
        became = rows[1].get(uuid, {})
        for field in sorted(was.keys() & became.keys() - set(own) - set(ALWAYS_OWN)):
            if field in ('provision_state', 'driver', 'storage_interface', 'management_interface'):
                continue
            if was[field] != became[field]:
                wrong.append((was.get('name') or uuid, field, was[field], became[field]))
    verdict.check(f'{key} are as they were', not wrong, wrong)


def run():
    arguments = options(__doc__).parse_args()
    shared('peer/clone-standalone.sh')
    logs = fresh_dir('migrate')
    verdict = Verdict()
    print(f'== migrate-from-ironic; logs in {logs}', flush=True)
    with Ironic() as ironic, Local(logs) as backend, Processes(logs) as processes:
        fill(ironic.rest)
        verdict.say(f'a real Ironic runs at {ironic.url} with {len(SHELF)} nodes')
        ferric = Ferric(arguments.ferric, processes, backend).start_all_in_one()
        command = Command(arguments.ferric, ironic)
        before = ironic.rest.get('/v1/nodes?detail=true&include_children=true')
        report(verdict, command)
        move(verdict, command, ironic, Rest(ferric.endpoints[0]), logs)
        verdict.check('the Ironic is as it was', ironic.rest.get('/v1/nodes?detail=true&include_children=true') == before, 'it changed')
        verdict.check('no log holds a secret', PASSWORD not in ferric.log_text(), 'see the logs')
    print(f'{verdict.passed} passed, {len(verdict.failed)} failed')
    return 1 if verdict.failed else 0


if __name__ == '__main__':
    main(run)
