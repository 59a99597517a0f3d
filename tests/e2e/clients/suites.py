"""The suites: what each needs, and how many of its checks pass at the reference."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import deviations
from callers import Anybody, KnownUser
from stage.bmc import Emulator
from stage.layout import TARGET, Broken, shared
from stage.processes import free_port
from tally import Tally

CLIENTS_HOME = 'FERRIC_CLIENTS_HOME'
CLIENTS_HOME_DEFAULT = Path('/var/lib/ferric-clients')
# What the reference was configured to when its answers were recorded.
LIKE_THE_REFERENCE = {'CONTROL__AUTOMATED_CLEAN': 'false', 'CONTROL__POWER_SYNC_INTERVAL_SECS': 0,
                      'CONTROL__HISTORY_SUCCESSES': 'false'}
WITHOUT_RBAC = '(test_api_discovery|test_chassis|test_drivers|test_conductor|test_ports_negative|test_volume_target)'
# Tempest takes the first of a set of accounts. With other hashes that is one in whose project there is no member, and
# TestRunbookRBAC fails in its own setUpClass.
HASHES = {'PYTHONHASHSEED': '1'}
RBAC = '^ironic_tempest_plugin.tests.api.rbac_defaults'


@dataclass(frozen=True)
class Suite:
    """One suite."""

    run: Callable
    reference: Tally
    settings: dict = field(default_factory=lambda: dict(LIKE_THE_REFERENCE))
    callers: type = Anybody
    # Whether Ferric runs as two API processes and two conductors where the back end allows it.
    split: bool = True
    # Whether there is a Neutron.
    networks: bool = False
    # Whether callers bring tokens of the Keystone that the operator of the run chose.
    tokens: bool = False


class Installation:
    """What a suite finds when it runs."""

    def __init__(self, url, callers, processes, images, neutron):
        self.url = url
        self.neutron = neutron
        self.processes = processes
        self.images = images
        self.environment = callers.environment(url)
        self.settings = {}

    def call(self, name, *words, env=None):
        """Runs a program with its output shown and kept; returns the counts at its end."""
        log = self.processes.logs / f'{name}.log'
        with open(log, 'w') as kept, subprocess.Popen(
                [str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                env={**os.environ, **self.environment, **(env or {})}) as child:
            for line in child.stdout:
                kept.write(line)
                if not line.startswith('SKIP'):
                    print(line, end='', flush=True)
        lines = log.read_text().splitlines()
        return child.returncode, lines[-1] if lines else ''

    def tally(self, name, *words, **options):
        return Tally.read(self.call(name, *words, **options)[1])


def life_cycle(place):
    script = shared('peer/life_cycle.py')
    with Emulator(place.processes, place.url) as bmc:
        code, _ = place.call('life-cycle', sys.executable, script, '--clean', '--boot', 'redfish-virtual-media',
                             '--base-url', place.url, '--bmc', bmc.url, '--image-url', place.images.url_of('disk.img'))
    return Tally(passed=1) if code == 0 else Tally(failed=1)


def golden(place):
    script, answers = shared('peer/compare_golden.py'), shared('contract/golden/golden.jsonl')
    # Deviations that the documentation owns up to count as passed.
    found = place.processes.logs / 'differences.json'
    tally = place.tally('golden', sys.executable, script, '--quiet', '--base-url', place.url, '--compare', answers,
                        '--out', found)
    for name, rows in by_name(json.loads(found.read_text())['diffs']).items():
        reasons = [deviations.reason(row) for row in rows]
        if all(reasons):
            print(f'DEVIATES {name}: {reasons[0]}')
            tally.failed -= 1
            tally.passed += 1
            continue
        first = next((row for row in rows if row['class'] == 'status'), rows[reasons.index(None)])
        more = f' (and {len(rows) - 1} more)' if len(rows) > 1 else ''
        print(f'DIFFERS {name}: {first["path"]}: {short(first["got"])} instead of {short(first["golden"])}{more}')
    return tally


def by_name(rows):
    groups = {}
    for row in rows:
        groups.setdefault(row['name'], []).append(row)
    return groups


def sdk(place):
    return place.tally('sdk', shared('clients/run_sdk_functional.sh'), place.url, env=clients())


def cli(place):
    return place.tally('cli', shared('clients/run_ironicclient_cli.sh'), place.url, env=clients())


def tempest(place, *pattern, **more):
    env = {**clients(), **HASHES, **more}
    return place.tally('tempest', shared('clients/run_tempest.sh'), place.url, *pattern, env=env)


def tempest_vifs(place):
    return tempest(place, NEUTRON=place.neutron, HW_TYPES='fake-hardware,redfish,ipmi')


def tempest_basic(place):
    return tempest(place, WITHOUT_RBAC)


def tempest_rbac(place):
    return tempest(place, RBAC)


SUITES = {
    'life-cycle': Suite(life_cycle, Tally(1), settings={}, split=False),
    'golden': Suite(golden, Tally(332, 1), split=False),
    'cli': Suite(cli, Tally(280, 8, 1)),
    'sdk': Suite(sdk, Tally(96)),
    'sdk-basic': Suite(sdk, Tally(96), callers=KnownUser),
    # Four classes want what is not there: graphical consoles, IPMI, Neutron.
    'tempest': Suite(tempest, Tally(381, 2, 4)),
    'tempest-vifs': Suite(tempest_vifs, Tally(398, 0, 2), networks=True),
    'tempest-basic': Suite(tempest_basic, Tally(61), callers=KnownUser),
    'tempest-rbac': Suite(tempest_rbac, Tally(94), tokens=True),
}


def clients():
    """The environment for the clients' suites, with their packages installed."""
    home = os.environ.get(CLIENTS_HOME)
    if not home:
        home = CLIENTS_HOME_DEFAULT if CLIENTS_HOME_DEFAULT.is_dir() else TARGET / 'e2e-clients'
    env = {CLIENTS_HOME: str(home)}
    if subprocess.run([shared('clients/setup.sh')], env={**os.environ, **env}).returncode != 0:
        raise Broken('the clients cannot be installed')
    return env


def short(value):
    text = json.dumps(value)
    return text if len(text) <= 120 else f'{text[:117]}...'
