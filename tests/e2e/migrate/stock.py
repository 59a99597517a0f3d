"""What the real Ironic holds before the move."""

PASSWORD = 'peer-bmc-password'

# Interfaces that both services have, where their defaults differ.
PLAIN = {'boot_interface': 'redfish-virtual-media', 'raid_interface': 'no-raid', 'vendor_interface': 'no-vendor'}
# Name and body of each node.
SHELF = {
    'rack-1': {'driver': 'redfish', 'driver_info': {'redfish_address': 'https://10.0.0.1', 'redfish_username': 'admin',
                                                    'redfish_password': PASSWORD},
               'properties': {'cpu_arch': 'x86_64', 'capabilities': 'boot_mode:uefi'}, 'resource_class': 'big',
               'extra': {'rack': 7}, **PLAIN, 'description': 'the first'},
    'rack-2': {'driver': 'ipmi', 'driver_info': {'ipmi_address': '10.0.0.2'}, 'automated_clean': False,
               'network_data': {'links': [], 'networks': [], 'services': []}, 'retired': True, 'retired_reason': 'old'},
    'used-1': {'driver': 'fake-hardware', 'instance_info': {'image_source': 'http://images/a.img', 'image_checksum': 'a' * 64}},
    'child-1': {'driver': 'fake-hardware'},
    'storage-1': {'driver': 'redfish', 'driver_info': {'redfish_address': 'https://10.0.0.3'}, 'storage_interface': 'external',
                  **PLAIN},
    'intel-1': {'driver': 'intel-ipmi', 'driver_info': {'ipmi_address': '10.0.0.4'}},
}
STEPS = [{'interface': 'deploy', 'step': 'erase_devices_metadata', 'args': {}, 'order': 1}]


def fill(ironic):
    """Creates everything in the real Ironic."""
    chassis = ironic.do('POST', '/v1/chassis', {'description': 'rack', 'extra': {'row': 1}})
    uuids = {}
    for name, body in SHELF.items():
        body = {'name': name, **body}
        if name == 'rack-1':
            body['chassis_uuid'] = chassis['uuid']
        if name == 'child-1':
            body['parent_node'] = uuids['rack-2']
        uuids[name] = ironic.do('POST', '/v1/nodes', body)['uuid']
    ironic.do('PUT', f'/v1/nodes/{uuids["rack-1"]}/traits', {'traits': ['CUSTOM_FAST', 'HW_CPU_X86_VMX']})
    ironic.do('PUT', f'/v1/nodes/{uuids["rack-2"]}/maintenance', {'reason': 'a look inside'})
    group = ironic.do('POST', '/v1/portgroups', {'node_uuid': uuids['rack-1'], 'name': 'bond-1', 'mode': '802.3ad',
                                                  'address': '52:54:00:00:01:00', 'properties': {'miimon': 100}})
    ironic.do('POST', '/v1/ports', {'node_uuid': uuids['rack-1'], 'address': '52:54:00:00:00:01', 'pxe_enabled': True,
                                    'portgroup_uuid': group['uuid'], 'physical_network': 'net-1', 'name': 'port-1',
                                    'local_link_connection': {'switch_id': '52:54:00:00:02:00', 'port_id': 'Eth1',
                                                              'switch_info': 's1'}})
    ironic.do('POST', '/v1/ports', {'node_uuid': uuids['rack-2'], 'address': '52:54:00:00:00:02', 'extra': {'a': 1}})
    ironic.do('POST', '/v1/volume/connectors', {'node_uuid': uuids['rack-1'], 'type': 'iqn', 'connector_id': 'iqn.2026-01.a:b'})
    ironic.do('POST', '/v1/volume/targets', {'node_uuid': uuids['rack-1'], 'volume_type': 'iscsi', 'boot_index': 0,
                                             'volume_id': 'v-1', 'properties': {'target_lun': 1}})
    ironic.do('POST', '/v1/deploy_templates', {'name': 'CUSTOM_FAST', 'steps': [
        {'interface': 'deploy', 'step': 'erase_devices_metadata', 'args': {}, 'priority': 150}]})
    ironic.do('POST', '/v1/runbooks', {'name': 'CUSTOM_WIPE', 'steps': STEPS, 'extra': {'by': 'me'}})
    use(ironic, uuids['used-1'])


def use(ironic, uuid):
    """Brings a node into use without deploying it."""
    for verb, state in (('manage', 'manageable'), ('adopt', 'active')):
        ironic.provision(uuid, verb)
        ironic.reach(uuid, (state,), seconds=60, told=lambda _: None)
