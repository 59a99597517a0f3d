"""The life of one node whose agent is the real one, checked at every station."""

import base64
import gzip

from stage.verdict import Stopped

NODE = 'paper-1'
PASSWORD = 'password'


class Life:
    """Goes from station to station; each needs the ones before it."""

    def __init__(self, verdict, rest, server, images):
        self.verdict = verdict
        self.rest = rest
        self.server = server
        self.images = images

    def run(self):
        for station in (self.enroll, self.inspect, self.clean, self.fail_to_deploy, self.deploy, self.clean_by_hand,
                        self.undeploy):
            self.verdict.say(f'--- {station.__name__.replace("_", " ")}')
            try:
                station()
            except Stopped as reason:
                return self.verdict.say(f'the life ends here: {reason}')
        return None

    # Stations

    def enroll(self):
        node = self.rest.do('POST', '/v1/nodes', {
            'driver': 'redfish', 'name': NODE, 'deploy_interface': 'direct', 'inspect_interface': 'agent',
            'boot_interface': 'redfish-virtual-media', 'network_interface': 'noop', 'automated_clean': True,
            'properties': {'capabilities': 'boot_mode:uefi'},
            'driver_info': {'redfish_address': self.server.url, 'redfish_system_id': self.server.system,
                            'redfish_username': 'admin', 'redfish_password': PASSWORD, 'redfish_verify_ca': False}})
        self.rest.do('POST', '/v1/ports', {'node_uuid': node['uuid'], 'address': self.server.mac})
        self.rest.provision(NODE, 'manage')
        self.reach('manageable')

    def inspect(self):
        self.rest.provision(NODE, 'inspect')
        node = self.reach('manageable')
        self.verdict.equal('properties found', {key: node['properties'].get(key) for key in
                                                ('cpu_arch', 'cpus', 'memory_mb', 'local_gb')},
                           {'cpu_arch': 'x86_64', 'cpus': 8, 'memory_mb': 16384, 'local_gb': 7})
        inventory = self.rest.get(f'/v1/nodes/{NODE}/inventory')['inventory']
        self.verdict.equal('the disk found', [disk['serial'] for disk in inventory['disks']], ['P1'])

    def clean(self):
        self.rest.provision(NODE, 'provide')
        self.reach('available')
        self.verdict.equal('the steps of cleaning', self.server.steps(), ['erase_devices_metadata', 'erase_devices'])
        told = self.server.diary('step')[0]
        self.verdict.equal('the ports that the agent was told', sorted(told['ports']), self.server.macs)
        self.verdict.equal('the BMC password that the agent was told', told['node']['driver_info']['redfish_password'],
                           '******')
        self.power_is('power off')

    def fail_to_deploy(self):
        self.image(image_checksum='0' * 64)
        self.rest.provision(NODE, 'active')
        node = self.reach('deploy failed')
        self.verdict.check('last_error has the words of the agent', 'checksum' in (node['last_error'] or '').lower(),
                           node['last_error'])
        history = self.rest.get(f'/v1/nodes/{NODE}/history')['history']
        entry = next(entry for entry in history if entry['severity'] == 'ERROR')
        entry = self.rest.get(f'/v1/nodes/{NODE}/history/{entry["uuid"]}')
        self.verdict.check('the history says so', 'agent-command-failed' in entry['event'], entry['event'])

    def deploy(self):
        self.image(image_checksum=self.images.sha256_of('disk.img'))
        drive = {'meta_data': {'name': NODE}, 'user_data': 'words for the first boot',
                 'network_data': {'links': []}, 'vendor_data': {'rack': 'paper'}}
        before = len(self.server.diary())
        self.rest.provision(NODE, 'active', configdrive=drive)
        node = self.reach('active')
        self.verdict.equal('last_error', node['last_error'], None)
        content = (self.images.directory / 'disk.img').read_bytes()
        self.verdict.check('the disk holds the image', self.server.disk() == content, len(self.server.disk()))
        drive = self.server.partition(3)
        parts = (b'CD001', b'config-2', b'words for the first boot', b'"rack":"paper"', b'"links":[]')
        self.verdict.check('the third partition is the configdrive', all(part in drive for part in parts),
                           [part for part in parts if part not in drive])
        loaders = [entry['-l'] for entry in self.server.state()['boot_entries']]
        self.verdict.equal('the loader in the boot menu', loaders, ['\\EFI\\BOOT\\BOOTX64.EFI'])
        words = [row['word'] for row in self.server.diary()[before:] if row['what'] == 'power']
        self.verdict.equal('how the ramdisk ended', words, ['poweroff'])
        told = [row for row in self.server.diary('step') if row['step'] == 'write_image'][-1]
        self.verdict.check('the agent got no configdrive with the node', 'configdrive' not in
                           told['node']['instance_info'], sorted(told['node']['instance_info']))
        self.power_is('power on')

    def clean_by_hand(self):
        """The node is given back, and cleaned with steps that somebody chose."""
        self.rest.provision(NODE, 'deleted')
        self.reach('available')
        self.rest.provision(NODE, 'manage')
        self.reach('manageable')
        before = len(self.server.steps())
        self.rest.provision(NODE, 'clean', clean_steps=[{'interface': 'deploy', 'step': 'erase_devices_metadata'}])
        self.reach('manageable')
        self.verdict.equal('the steps that were chosen', self.server.steps()[before:], ['erase_devices_metadata'])
        self.rest.provision(NODE, 'clean', clean_steps=[{'interface': 'deploy', 'step': 'no_such_step'}])
        node = self.reach('clean failed')
        self.verdict.check('a step that the agent does not have is named', 'no_such_step' in (node['last_error'] or ''),
                           node['last_error'])
        self.rest.do('DELETE', f'/v1/nodes/{NODE}/maintenance')
        self.rest.provision(NODE, 'manage')
        self.reach('manageable')
        self.rest.provision(NODE, 'provide')
        self.reach('available')

    def undeploy(self):
        """A configdrive that is ready-made, with the deploy interface left to be found out, a rebuild that keeps it, and the way back."""
        self.rest.patch(f'/v1/nodes/{NODE}', deploy_interface='autodetect')
        self.image(image_checksum=f'sha256:{self.images.sha256_of("disk.img")}')
        drive = b'\0' * 32768 + b'\1CD001 a drive that was made elsewhere'
        self.rest.provision(NODE, 'active', configdrive=base64.b64encode(gzip.compress(drive)).decode())
        self.reach('active')
        found = self.rest.get(f'/v1/nodes/{NODE}')['driver_internal_info'].get('detected_deploy_interface', {})
        self.verdict.equal('the deploy interface that was detected', found.get('interface'), 'direct')
        self.verdict.check('the configdrive is the one that was given', self.server.partition(3) == drive, 'another')
        self.rest.provision(NODE, 'rebuild')
        self.reach('active')
        self.verdict.check('a rebuild keeps it', self.server.partition(3) == drive, 'another')
        self.rest.provision(NODE, 'deleted')
        node = self.reach('available')
        self.verdict.equal('instance_info', node['instance_info'], {})
        self.verdict.equal('what is on the disk', (self.server.disk(), self.server.state()['partitions']), (b'', []))

    # What stations are made of

    def image(self, **more):
        self.rest.patch(f'/v1/nodes/{NODE}', instance_info={
            'image_source': self.images.url_of('disk.img'), 'image_disk_format': 'raw', **more})

    def reach(self, wanted):
        node = self.rest.reach(NODE, (wanted,), told=lambda text: self.verdict.say(f'      {text}'))
        self.verdict.need(f'the node is {wanted}', node['provision_state'] == wanted,
                          f'{node["provision_state"]}: {node["last_error"]}')
        return node

    def power_is(self, wanted):
        self.verdict.equal('the power state', self.rest.get(f'/v1/nodes/{NODE}')['power_state'], wanted)
