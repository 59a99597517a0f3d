"""The life of one Redfish node, driven by the stock `baremetal` command and checked at every station."""

import json
import time
import traceback

from stage.verdict import Stopped

NODE = 'e2e-1'
PASSWORD = 'sushy-e2e-password'
STATE_SECONDS = 300
POWER_SECONDS = 90
SHOWN = ('provision_state', 'power_state', 'target_power_state', 'last_error', 'clean_step', 'deploy_step')
# Nothing listens there: connections are refused at once.
DEAD_BMC = 'http://127.0.0.1:1'


class Walk:
    """Goes from station to station; each needs the ones before it."""

    def __init__(self, verdict, client, bmc, images):
        self.verdict = verdict
        self.client = client
        self.bmc = bmc
        self.images = images
        self.uuid = None

    def run(self):
        for station in (self.enroll, self.manage, self.inspect, self.provide, self.fail_to_deploy, self.deploy,
                        self.power, self.undeploy, self.delete):
            name = station.__name__.replace('_', ' ')
            self.verdict.say(f'--- {name}')
            try:
                station()
            except Stopped as reason:
                return self.verdict.say(f'the walk ends here: {reason}')
            except (LookupError, TypeError, ValueError):
                # An answer of another shape than the contract's.
                return self.verdict.check(f'the answers of {name} can be read', False, traceback.format_exc())
        return None

    # Stations

    def enroll(self):
        drivers = [row['name'] for row in self.do_json('driver', 'list')]
        self.verdict.check('driver list names redfish', 'redfish' in drivers, drivers)
        node = self.do_json(
            'node', 'create', '--driver', 'redfish', '--name', NODE, '--resource-class', 'baremetal',
            '--network-interface', 'noop', '--boot-interface', 'redfish-virtual-media',
            '--inspect-interface', 'agent', '--deploy-interface', 'direct', '--automated-clean',
            '--property', 'cpu_arch=x86_64', '--property', 'capabilities=boot_mode:uefi',
            *self.driver_info(redfish_address=self.bmc.url, redfish_system_id=self.bmc.system_path,
                              redfish_username='admin', redfish_password=PASSWORD, redfish_verify_ca='False'))
        self.uuid = node['uuid']
        self.verdict.equal('the state of a new node', node['provision_state'], 'enroll')
        self.verdict.equal('the password shown', node['driver_info']['redfish_password'], '******')
        port = self.do_json('port', 'create', self.bmc.mac, '--node', self.uuid, '--pxe-enabled', 'true')
        self.verdict.equal('the address of the port', port['address'], self.bmc.mac)
        early = self.client('node', 'deploy', NODE)
        self.verdict.check('deploying a node in enroll is refused', not early.ok and 'enroll' in early.error, early)
        valid = self.validate()
        for interface in ('power', 'management', 'inspect'):
            self.verdict.equal(f'validate: {interface}', valid[interface]['result'], True)
        self.verdict.check('validate: deploy lacks an image', valid['deploy']['result'] is False
                           and 'image_source' in valid['deploy']['reason'], valid['deploy'])

    def manage(self):
        self.do('node', 'manage', NODE)
        node = self.reach('manageable')
        self.verdict.equal('the power state', node['power_state'], 'power off')

    def inspect(self):
        self.do('node', 'inspect', NODE)
        self.reach('manageable')
        node = self.do_json('node', 'show', NODE)
        self.verdict.equal('the architecture found', node['properties'].get('cpu_arch'), 'x86_64')
        inventory = json.loads(self.do('node', 'inventory', 'save', NODE).text)['inventory']
        found = (inventory['cpu']['count'], inventory['memory']['physical_mb'],
                 [disk['serial'] for disk in inventory['disks']])
        self.verdict.equal('processors, memory and disks of the inventory', found, (8, 16384, ['S1']))
        ports = [row['address'] for row in self.do_json('port', 'list', '--node', NODE)]
        self.verdict.equal('the ports of the node', ports, [self.bmc.mac])
        self.check_boot('inspection')

    def provide(self):
        self.do('node', 'provide', NODE)
        self.reach('available')
        steps = self.bmc.step_names()
        self.verdict.check('the agent erased metadata', 'erase_devices_metadata' in steps, steps)
        self.check_boot('cleaning')
        self.power_is('off')
        self.verdict.equal('virtual drives after cleaning', self.bmc.inserted_media(), [])

    def fail_to_deploy(self):
        self.do('node', 'set', NODE, *self.instance_info(
            image_source=self.images.url_of('disk.img'), image_checksum=self.images.sha256_of('disk.img'),
            image_disk_format='raw'))
        self.do('node', 'set', NODE, *self.driver_info(redfish_address=DEAD_BMC))
        self.do('node', 'deploy', NODE)
        node = self.reach('deploy failed')
        self.verdict.check('last_error says why', bool(node['last_error']), node['last_error'])
        entries = self.do_json('node', 'history', 'list', NODE)
        errors = [entry for entry in entries if entry['severity'] == 'ERROR']
        self.verdict.need('the history has the error', bool(errors), entries)
        entry = self.do_json('node', 'history', 'get', NODE, errors[0]['uuid'])
        self.verdict.check('the entry names a conductor and the event', entry['conductor'] and entry['event'], entry)
        self.verdict.say(f'      {entry["event"]}')
        self.do('node', 'set', NODE, *self.driver_info(redfish_address=self.bmc.url))

    def deploy(self):
        valid = self.validate()
        for interface in ('boot', 'deploy', 'power'):
            self.verdict.check(f'validate: {interface}', valid[interface]['result'] is True, valid[interface])
        config = {'meta_data': {'name': NODE}, 'user_data': 'e2e'}
        self.do('node', 'deploy', NODE, '--config-drive', json.dumps(config))
        node = self.reach('active')
        self.verdict.equal('last_error', node['last_error'], None)
        self.verdict.equal('the power state', node['power_state'], 'power on')
        self.check_boot('deployment')
        self.verdict.check('the image was asked for', self.images.asked_for('disk.img'), self.images.requests)
        told = [step['args'] for step in self.bmc.steps_run() if step['step'] == 'write_image']
        self.verdict.need('the agent was told once to write an image', len(told) == 1, self.bmc.step_names())
        image = told[0]['image_info']
        self.verdict.equal('the image of the agent', image['urls'], [self.images.url_of('disk.img')])
        hashes = [image.get(key) for key in ('os_hash_value', 'checksum')]
        self.verdict.check('with its checksum', self.images.sha256_of('disk.img') in hashes, hashes)
        self.verdict.check('and the configdrive', bool(told[0].get('configdrive')), sorted(told[0]))
        boot = self.bmc.show()['Boot']
        self.verdict.equal('the boot device', boot['BootSourceOverrideTarget'], 'Hdd')
        self.verdict.equal('virtual drives after deployment', self.bmc.inserted_media(), [])

    def power(self):
        for words, wanted in ((('power', 'off'), 'off'), (('power', 'on'), 'on'), (('reboot',), 'on')):
            self.do('node', *words, NODE)
            self.power_is(wanted)
        self.do('node', 'boot', 'device', 'set', NODE, 'pxe', '--persistent')
        device = self.do_json('node', 'boot', 'device', 'show', NODE)
        self.verdict.equal('the boot device', device['boot_device'], 'pxe')
        self.do('node', 'boot', 'device', 'set', NODE, 'disk', '--persistent')
        self.do('node', 'maintenance', 'set', NODE, '--reason', 'a look inside')
        node = self.do_json('node', 'show', NODE, '--fields', 'maintenance', 'maintenance_reason')
        self.verdict.equal('maintenance', (node['maintenance'], node['maintenance_reason']), (True, 'a look inside'))
        self.do('node', 'maintenance', 'unset', NODE)

    def undeploy(self):
        before = len(self.bmc.step_names())
        # The client's own way of waiting, for once.
        self.do('node', 'undeploy', NODE, '--wait', str(STATE_SECONDS))
        node = self.do_json('node', 'show', NODE)
        self.verdict.equal('the state after undeploy', node['provision_state'], 'available')
        self.verdict.equal('instance_info', node['instance_info'], {})
        self.verdict.check('the agent cleaned again', len(self.bmc.step_names()) > before, self.bmc.step_names())
        self.power_is('off')

    def delete(self):
        self.do('node', 'delete', NODE)
        gone = self.client('node', 'show', NODE)
        self.verdict.check('the node is gone', not gone.ok and 'could not be found' in gone.error, gone)
        self.verdict.equal('the ports that are left', self.do_json('port', 'list'), [])

    # What stations are made of

    def do(self, *words):
        answer = self.client(*words)
        self.verdict.need(f'baremetal {" ".join(words[:4])}', answer.ok, answer)
        return answer

    def do_json(self, *words):
        return self.do(*words, '-f', 'json').json()

    def validate(self):
        return {row['interface']: row for row in self.do_json('node', 'validate', NODE)}

    def look(self):
        answer = self.client.json('node', 'show', NODE, '--fields', *SHOWN)
        if not answer.ok:
            self.verdict.need('baremetal node show', False, answer)
        return answer.json()

    def reach(self, wanted):
        """Looks at the node until it is in `wanted`, and tells each change."""
        began = time.monotonic()
        last = None
        while time.monotonic() - began < STATE_SECONDS:
            node = self.look()
            step = (node['clean_step'] or node['deploy_step'] or {}).get('step', '')
            seen = (node['provision_state'], node['power_state'], step)
            if seen != last:
                self.verdict.say('      ' + ' · '.join(word for word in seen if word))
                last = seen
            if node['provision_state'] == wanted:
                self.verdict.check(f'the node is {wanted}', True)
                return node
            if node['provision_state'].endswith(('failed', 'error')):
                break
        self.verdict.need(f'the node becomes {wanted}', False, f'{node["provision_state"]}: {node["last_error"]}')

    def power_is(self, wanted):
        """Soon no power change is under way, and node and BMC agree on the power state."""
        goal = (None, f'power {wanted}', wanted.capitalize())
        end = time.monotonic() + POWER_SECONDS
        while True:
            node = self.look()
            found = (node['target_power_state'], node['power_state'], self.bmc.show()['PowerState'])
            if found == goal or time.monotonic() > end:
                return self.verdict.equal('power wanted, of the node, of the server', found, goal)

    def check_boot(self, purpose):
        """The ramdisk booted from a virtual CD that the service under test made for this node."""
        boots = self.bmc.boots()
        device, source, parameters = boots[-1] if boots else ('', '', {})
        holds = device == 'Cd' and parameters.get('ipa-api-url') and parameters.get('ipa-agent-token')
        self.verdict.check(f'the ramdisk booted from the virtual CD for {purpose}', holds, (device, source, parameters))

    @staticmethod
    def driver_info(**pairs):
        return [word for key, value in pairs.items() for word in ('--driver-info', f'{key}={value}')]

    @staticmethod
    def instance_info(**pairs):
        return [word for key, value in pairs.items() for word in ('--instance-info', f'{key}={value}')]
