"""A BMC in front of a machine of QEMU: Redfish on one side; on the other what a BMC does, which is to write the firmware's
boot variables and to switch the machine on and off."""

import hashlib
import json
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import debian

SYSTEM = '/redfish/v1/Systems/1'
TARGETS = ['None', 'Pxe', 'Hdd', 'Cd', 'UefiHttp', 'BiosSetup']
RESETS = ['On', 'ForceOff', 'GracefulShutdown', 'ForceRestart']


class Machine:
    """The machine: OVMF, one network card, no disk."""

    def __init__(self, folder, mac, agent_port, bootfile, edit_variables):
        self.folder = folder
        self.mac = mac
        self.agent_port = agent_port
        # What DHCP names as boot file; QEMU's own DHCP is the only one on this network.
        self.bootfile = bootfile
        self.edit_variables = edit_variables
        self.child = None
        self.boots = 0

    def is_on(self):
        return self.child is not None and self.child.poll() is None

    def on(self, boot):
        if self.is_on():
            return
        self.boots += 1
        variables = self.folder / f'vars-{self.boots}.fd'
        variables.write_bytes(debian.OVMF_VARS.read_bytes())
        rom = 'romfile='
        if boot['target'] == 'UefiHttp' and boot['uri']:
            self.edit_variables('--inplace', variables, '--set-boot-uri', boot['uri'])
        elif boot['target'] == 'Pxe':
            rom = 'bootindex=0'
        else:
            # From an empty disk: nothing runs, and the power is on all the same.
            rom = 'romfile='
        network = f'user,id=net0,hostfwd=tcp:127.0.0.1:{self.agent_port}-:9999'
        if boot['target'] == 'Pxe':
            network += f',bootfile={self.bootfile}'
        serial = self.folder / f'serial-{self.boots}.log'
        command = [
            'qemu-system-x86_64', '-accel', 'tcg,thread=multi', '-machine', 'q35', '-cpu', 'max', '-smp', '1',
            '-m', '1024', '-nodefaults', '-display', 'none', '-no-reboot', '-serial', f'file:{serial}',
            '-drive', f'if=pflash,format=raw,readonly=on,file={debian.OVMF_CODE}',
            '-drive', f'if=pflash,format=raw,file={variables}',
            '-fw_cfg', 'name=opt/org.tianocore/IPv6PXESupport,string=n',
            '-netdev', network, '-device', f'virtio-net-pci,netdev=net0,mac={self.mac},{rom}',
            '-device', 'virtio-rng-pci',
        ]
        with open(self.folder / f'qemu-{self.boots}.log', 'wb') as output:
            self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)

    def off(self):
        if self.child is not None:
            self.child.kill()
            self.child.wait()
            self.child = None

    def serial(self):
        path = self.folder / f'serial-{self.boots}.log'
        return path.read_text(errors='replace') if path.exists() else ''


class Bmc:
    """The BMC's state and its Redfish service."""

    def __init__(self, machine):
        self.machine = machine
        self.boot = {'enabled': 'Disabled', 'target': 'None', 'mode': 'UEFI', 'uri': ''}
        # Every change of the boot settings, with whether it named the version it was meant for.
        self.patches = []
        self.lock = threading.Lock()
        bmc = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def answer(self, status, document, etag=None):
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header('Content-Type', 'application/json')
                self.send_header('Content-Length', str(len(body)))
                if etag:
                    self.send_header('ETag', etag)
                self.end_headers()
                self.wfile.write(body)

            def body(self):
                return json.loads(self.rfile.read(int(self.headers.get('Content-Length') or 0)) or b'{}')

            def do_GET(self):
                document = bmc.resource(self.path.rstrip('/'))
                if document is None:
                    return self.answer(404, {'error': {'message': 'not found'}})
                self.answer(200, document, bmc.etag() if self.path.rstrip('/') == SYSTEM else None)

            def do_PATCH(self):
                change = self.body().get('Boot')
                if self.path.rstrip('/') != SYSTEM or change is None:
                    return self.answer(404, {'error': {'message': 'not found'}})
                known = self.headers.get('If-Match')
                if known not in (None, '*', bmc.etag()):
                    return self.answer(412, {'error': {'message': 'the resource has changed'}})
                bmc.change(change, known)
                self.answer(200, bmc.resource(SYSTEM), bmc.etag())

            def do_POST(self):
                if self.path != f'{SYSTEM}/Actions/ComputerSystem.Reset':
                    return self.answer(404, {'error': {'message': 'not found'}})
                bmc.reset(self.body().get('ResetType'))
                self.answer(200, {})

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self.server.server_port}'

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.machine.off()
        self.server.shutdown()
        self.server.server_close()

    def etag(self):
        return '"' + hashlib.sha256(json.dumps(self.resource(SYSTEM)).encode()).hexdigest()[:16] + '"'

    def change(self, change, known):
        with self.lock:
            self.patches.append((change, known))
            names = {'BootSourceOverrideEnabled': 'enabled', 'BootSourceOverrideTarget': 'target',
                     'BootSourceOverrideMode': 'mode', 'HttpBootUri': 'uri'}
            for name, value in change.items():
                self.boot[names[name]] = value

    def reset(self, kind):
        with self.lock:
            if kind in ('ForceOff', 'GracefulShutdown', 'ForceRestart'):
                self.machine.off()
            if kind in ('On', 'ForceRestart'):
                boot = dict(self.boot) if self.boot['enabled'] != 'Disabled' else {'target': 'None', 'uri': ''}
                if self.boot['enabled'] == 'Once':
                    self.boot.update(enabled='Disabled', target='None')
                self.machine.on(boot)

    def resource(self, path):
        link = {'@odata.id': SYSTEM}
        return {
            '/redfish/v1': {'@odata.id': '/redfish/v1', 'RedfishVersion': '1.15.0', 'Vendor': 'QEMU',
                            'Systems': {'@odata.id': '/redfish/v1/Systems'}},
            '/redfish/v1/Systems': {'@odata.id': '/redfish/v1/Systems', 'Members': [link], 'Members@odata.count': 1},
            SYSTEM: {
                '@odata.id': SYSTEM, 'Id': '1', 'Name': 'machine', 'Manufacturer': 'QEMU',
                'PowerState': 'On' if self.machine.is_on() else 'Off', 'Status': {'Health': 'OK', 'State': 'Enabled'},
                'Boot': {
                    'BootSourceOverrideEnabled': self.boot['enabled'],
                    'BootSourceOverrideTarget': self.boot['target'],
                    'BootSourceOverrideTarget@Redfish.AllowableValues': TARGETS,
                    'BootSourceOverrideMode': self.boot['mode'],
                    'HttpBootUri': self.boot['uri'],
                },
                'Actions': {'#ComputerSystem.Reset': {
                    'target': f'{SYSTEM}/Actions/ComputerSystem.Reset', 'ResetType@Redfish.AllowableValues': RESETS}},
            },
        }.get(path)
