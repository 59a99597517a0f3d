#!/usr/bin/env python3
"""OVMF in QEMU boots a ramdisk from Ferric's boot service, in every way that needs no network of its own.

Prints a timeline and ends with `N passed, M failed`. See ../README.md.
"""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
# A run leaves nothing behind in the checkout but `target`.
sys.dont_write_bytecode = True

import debian
import ramdisk
from bmc import Bmc, Machine
from stage.backends import Local
from stage.ferric import Ferric
from stage.layout import Broken, fresh_dir, main, options, virtual_environment
from stage.processes import Processes, free_port
from stage.verdict import Stopped, Verdict

HERE = Path(__file__).resolve().parent
# The computer as a machine of QEMU's user network sees it.
GATEWAY = '10.0.2.2'
VERSION = {'X-OpenStack-Ironic-API-Version': 'latest', 'Content-Type': 'application/json'}
# Emulated on a busy computer; a free one takes a tenth.
PATIENCE = 1500

# Name, boot interface, what the firmware fetches (configuration of redfish-https), and what has to be seen of it.
CASES = {
    'uki': ('redfish-https', 'boot.efi', 'boot.efi'),
    'iso': ('redfish-https', 'boot.iso', 'boot.iso'),
    'ipxe': ('ipxe', 'boot.iso', 'ramdisk'),
}


class Api:
    def __init__(self, url):
        self.url = url

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, VERSION, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise Broken(f'{method} {path}: {error.code} {error.read().decode()[:400]}') from error
        return json.loads(text) if text else None

    def lead(self, node, target, wanted, failed):
        """Asks for a state and waits for it."""
        self.call('PUT', f'/v1/nodes/{node}/states/provision', {'target': target})
        end = time.monotonic() + PATIENCE
        while True:
            found = self.call('GET', f'/v1/nodes/{node}')
            if found['provision_state'] == wanted and found['reservation'] is None:
                return found
            if found['provision_state'] in failed or time.monotonic() > end:
                raise Stopped(f'{target}: {found["provision_state"]}: {found["last_error"]}')
            time.sleep(1)


def boot(verdict, name, binary, logs, edit_variables):
    interface, file, proof = CASES[name]
    folder = logs / name
    folder.mkdir()
    verdict.say(f'--- {name}: boot interface {interface}')
    port, agent = free_port(), free_port()
    mac = f'52:54:00:00:00:{list(CASES).index(name) + 1:02x}'
    url = f'http://{GATEWAY}:{port}'
    machine = Machine(folder, mac, agent, f'{url}/boot/boot.ipxe', edit_variables)
    settings = {
        'API__LISTEN': f'127.0.0.1:{port}', 'API__PUBLIC_URL': url,
        'BOOT__KERNEL': f'file://{debian.kernel_image()}', 'BOOT__RAMDISK': f'file://{logs / "ramdisk.gz"}',
        'BOOT__STUB': f'file://{debian.PACKAGES["systemd-boot-efi"]}', 'BOOT__BOOTLOADER': f'file://{logs / "grubx64.efi"}',
        'BOOT__FILE_ROOTS': f'{debian.TARGET},/usr/lib/systemd,/tmp',
        'BOOT__KERNEL_APPEND_PARAMS': f'console=ttyS0,115200 no_timer_check ferric-callback=http://127.0.0.1:{agent}',
        'REDFISH__HTTP_BOOT_FILE': file, 'CONTROL__POWER_SYNC_INTERVAL_SECS': 0,
        'CONDUCTOR__CLEAN_CALLBACK_TIMEOUT_SECS': PATIENCE, 'CONDUCTOR__INSPECT_CALLBACK_TIMEOUT_SECS': PATIENCE,
        'CONTROL__BOOT_REQUEST_TIMEOUT_SECS': PATIENCE, 'CONTROL__BOOT_AGENT_TIMEOUT_SECS': PATIENCE,
        'CONTROL__BOOT_STALL_TIMEOUT_SECS': PATIENCE,
    }
    with Local(folder) as backend, Processes(folder) as processes, Bmc(machine) as bmc:
        ferric = Ferric(binary, processes, backend, settings)
        grpc, health = free_port(), free_port()
        ferric.start('ferric', 'all-in-one', port, GRPC__LISTEN=f'127.0.0.1:{grpc}',
                     GRPC__ENDPOINTS=f'http://127.0.0.1:{grpc}', CONDUCTOR__HEALTH_LISTEN=f'127.0.0.1:{health}')
        ferric.endpoints = [f'http://127.0.0.1:{port}']
        ferric.wait_for_conductors(1)
        try:
            walk(verdict, name, Api(ferric.endpoints[0]), bmc, mac, interface, proof)
        except Stopped as reason:
            verdict.check(f'{name} goes through', False, reason)
            verdict.say('the machine said last: ' + ' | '.join(machine.serial().splitlines()[-5:]))
        bmc.machine.off()
        verdict.equal(f'{name}: how Ferric ended', ferric.stop(), {'ferric': 0})
        verdict.check(f'{name}: no log tells of a panic', 'panicked at' not in ferric.log_text(), 'see the logs')


def walk(verdict, name, api, bmc, mac, interface, proof):
    node = api.call('POST', '/v1/nodes', {
        'name': f'{name}-machine', 'driver': 'redfish', 'boot_interface': interface, 'inspect_interface': 'agent',
        'driver_info': {'redfish_address': bmc.url, 'redfish_system_id': '/redfish/v1/Systems/1',
                        'redfish_username': 'admin', 'redfish_password': 'secret', 'redfish_auth_type': 'basic'},
        'properties': {'capabilities': 'boot_mode:uefi'},
        'network_data': {'links': [], 'networks': [], 'services': []},
    })['uuid']
    api.call('POST', '/v1/ports', {'node_uuid': node, 'address': mac, 'pxe_enabled': True})
    api.lead(node, 'manage', 'manageable', ['enroll'])
    verdict.check(f'{name}: the BMC is verified', True)

    api.lead(node, 'inspect', 'manageable', ['inspect failed'])
    said = bmc.machine.serial()
    verdict.check(f'{name}: the ramdisk was booted by UEFI', 'ferric-ramdisk: up, EFI yes' in said, said[-300:])
    # What it says once that is taken may not come out any more: the node is switched off at once.
    verdict.check(f'{name}: it reached its network', f'ferric-ramdisk: card {mac}' in said, said[-300:])
    found = api.call('GET', f'/v1/nodes/{node}')
    verdict.equal(f'{name}: the architecture found', found['properties'].get('cpu_arch'), 'x86_64')
    if interface == 'redfish-https':
        uris = [change['HttpBootUri'] for change, _ in bmc.patches if change.get('HttpBootUri')]
        verdict.check(f'{name}: the BMC was given a URL to boot from', uris and uris[0].endswith(f'/{proof}'), uris)
        verdict.check(f'{name}: changes name the version they are meant for',
                      all(known for _, known in bmc.patches), bmc.patches)
        verdict.equal(f'{name}: what is left of the URL', (bmc.boot['uri'], bmc.boot['target']), ('', 'None'))

    api.lead(node, 'provide', 'available', ['clean failed'])
    said = bmc.machine.serial()
    verdict.check(f'{name}: the ramdisk found its node', f'ferric-ramdisk: node {node}' in said, said[-300:])
    verdict.check(f'{name}: it was heard of', 'heartbeat taken' in said, said[-300:])
    verdict.check(f'{name}: it was asked for its steps', 'get_clean_steps' in said, said[-300:])
    if name != 'iso':
        verdict.check(f'{name}: its own files came with the ramdisk', 'network_data.json' in said, said[-300:])


def run():
    parser = options(__doc__)
    parser.add_argument('cases', nargs='*', metavar='CASE', help=f'{", ".join(CASES)}; all if none is named')
    arguments = parser.parse_args()
    debian.install()
    venv = virtual_environment('e2e-boot-venv', HERE / 'requirements.txt')

    def edit_variables(*words):
        subprocess.run([str(word) for word in (venv / 'bin/virt-fw-vars', *words)], check=True, capture_output=True)

    logs = fresh_dir('boot')
    ramdisk.build(logs / 'ramdisk', logs / 'ramdisk.gz')
    debian.grub(logs / 'grubx64.efi')
    verdict = Verdict()
    for name in arguments.cases or CASES:
        boot(verdict, name, arguments.ferric, logs, edit_variables)
    print(f'{verdict.passed} passed, {len(verdict.failed)} failed')
    return 1 if verdict.failed else 0


if __name__ == '__main__':
    main(run)
