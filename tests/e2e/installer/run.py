#!/usr/bin/env python3
"""The Debian installer, unchanged, in QEMU: booted by UEFI from Ferric's boot service, it fetches its answer file and says
that it runs.

Prints a timeline and ends with `N passed, M failed`. See ../README.md.
"""

import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / 'boot')]
# A run leaves nothing behind in the checkout but `target`.
sys.dont_write_bytecode = True

import debian
from bmc import Bmc, Machine
from stage.backends import Local
from stage.ferric import Ferric
from stage.layout import Broken, fresh_dir, main, options, virtual_environment
from stage.processes import Processes, free_port
from stage.rest import Rest
from stage.verdict import Stopped, Verdict

PACKAGE = 'debian-installer-12-netboot-amd64'
IMAGES = Path('/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64')
# The computer as a machine of QEMU's user network sees it.
GATEWAY = '10.0.2.2'
MAC = '52:54:00:00:01:01'
# Emulated on a busy computer; a free one takes a tenth.
PATIENCE = 2400
PHASES = ['booting', 'fetched-kernel', 'fetched-answers', 'started']
FAILED = ('deploy failed', 'error')


def install():
    debian.PACKAGES[PACKAGE] = IMAGES / 'linux'
    debian.install()


def settings(port):
    url = f'http://{GATEWAY}:{port}'
    waits = {f'CONTROL__INSTALLER__{phase}_SECS': PATIENCE for phase in
             ('BOOTING', 'FETCHED_KERNEL', 'FETCHED_ANSWERS', 'FETCHED_STAGE2', 'STARTED')}
    return {
        'API__LISTEN': f'127.0.0.1:{port}', 'API__PUBLIC_URL': url,
        'BOOT__STUB': f'file://{debian.PACKAGES["systemd-boot-efi"]}', 'BOOT__FILE_ROOTS': f'{IMAGES},/usr/lib/systemd',
        'REDFISH__HTTP_BOOT_FILE': 'boot.efi', 'CONTROL__POWER_SYNC_INTERVAL_SECS': 0,
        'CONTROL__BOOT_REQUEST_TIMEOUT_SECS': PATIENCE, 'CONTROL__BOOT_AGENT_TIMEOUT_SECS': PATIENCE,
        'CONTROL__BOOT_STALL_TIMEOUT_SECS': PATIENCE, **waits,
    }


def watch(verdict, rest, node):
    """The phases that the installation goes through, as far as they are seen."""
    seen = []
    end = time.monotonic() + PATIENCE
    while True:
        found = rest.get(f'/v1/nodes/{node}')
        run = found['driver_internal_info'].get('installer') or {}
        phase = run.get('phase')
        if phase and (not seen or seen[-1] != phase):
            seen.append(phase)
            verdict.say(f'phase {phase}, last fetched: {run.get("fetched")}')
        if phase == PHASES[-1]:
            return seen, found
        if found['provision_state'] in FAILED:
            raise Stopped(f'{found["provision_state"]}: {found["last_error"]}')
        if time.monotonic() > end:
            raise Stopped(f'the installer stays in phase {phase}')
        time.sleep(2)


def walk(verdict, rest, bmc):
    node = rest.do('POST', '/v1/nodes', {
        'name': 'debian-machine', 'driver': 'redfish', 'boot_interface': 'redfish-https', 'deploy_interface': 'anaconda',
        'inspect_interface': 'no-inspect', 'automated_clean': False,
        'driver_info': {'redfish_address': bmc.url, 'redfish_system_id': '/redfish/v1/Systems/1',
                        'redfish_username': 'admin', 'redfish_password': 'secret', 'redfish_auth_type': 'basic'},
        'properties': {'capabilities': 'boot_mode:uefi'},
        'instance_info': {'installer': 'preseed', 'kernel': f'file://{IMAGES}/linux', 'ramdisk': f'file://{IMAGES}/initrd.gz',
                          'kernel_append_params': 'console=ttyS0,115200 no_timer_check'},
    })['uuid']
    rest.do('POST', '/v1/ports', {'node_uuid': node, 'address': MAC, 'pxe_enabled': True})
    for target, wanted in (('manage', 'manageable'), ('provide', 'available')):
        rest.provision(node, target)
        reach(rest, node, wanted)
    rest.provision(node, 'active')
    seen, found = watch(verdict, rest, node)
    # Two phases may pass between two looks.
    verdict.check('the phases come in their order', seen == [phase for phase in PHASES if phase in seen], seen)
    verdict.equal('the last file that was fetched', found['driver_internal_info']['installer']['fetched'], 'preseed.cfg')
    verdict.equal('what the installer said', found['driver_internal_info'].get('agent_status_message'),
                  'The Debian installer runs.')
    verdict.equal('the state of the node', found['provision_state'], 'wait call-back')


def reach(rest, node, wanted):
    end = time.monotonic() + 120
    while True:
        found = rest.get(f'/v1/nodes/{node}')
        if found['provision_state'] == wanted and found['reservation'] is None:
            return
        if time.monotonic() > end:
            raise Stopped(f'{wanted}: {found["provision_state"]}: {found["last_error"]}')
        time.sleep(0.5)


def run():
    arguments = options(__doc__).parse_args()
    install()
    venv = virtual_environment('e2e-boot-venv', HERE.parent / 'boot/requirements.txt')

    def edit_variables(*words):
        subprocess.run([str(word) for word in (venv / 'bin/virt-fw-vars', *words)], check=True, capture_output=True)

    logs = fresh_dir('installer')
    verdict = Verdict()
    port, grpc, health = free_port(), free_port(), free_port()
    machine = Machine(logs, MAC, free_port(), '', edit_variables)
    with Local(logs) as backend, Processes(logs) as processes, Bmc(machine) as bmc:
        ferric = Ferric(arguments.ferric, processes, backend, settings(port))
        ferric.start('ferric', 'all-in-one', port, GRPC__LISTEN=f'127.0.0.1:{grpc}',
                     GRPC__ENDPOINTS=f'http://127.0.0.1:{grpc}', CONDUCTOR__HEALTH_LISTEN=f'127.0.0.1:{health}')
        ferric.endpoints = [f'http://127.0.0.1:{port}']
        ferric.wait_for_conductors(1)
        try:
            walk(verdict, Rest(ferric.endpoints[0]), bmc)
        except (Stopped, Broken) as reason:
            verdict.check('the installer starts', False, reason)
            verdict.say('the machine said last: ' + ' | '.join(machine.serial().splitlines()[-8:]))
        machine.off()
        verdict.equal('how Ferric ended', ferric.stop(), {'ferric': 0})
        verdict.check('no log tells of a panic', 'panicked at' not in ferric.log_text(), 'see the logs')
    print(f'{verdict.passed} passed, {len(verdict.failed)} failed')
    return 1 if verdict.failed else 0


if __name__ == '__main__':
    main(run)
