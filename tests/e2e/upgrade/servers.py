"""Simulated servers (ferric-bmc-sim), whose agents call back at whichever API process is there."""

from stage.processes import free_port

COUNT = 3
USER, PASSWORD = 'admin', 'password'


class Servers:
    """The servers of one simulator."""

    def __init__(self, processes, simulator):
        port = free_port()
        self.url = f'http://127.0.0.1:{port}'
        process = processes.start('simulator', [
            simulator, '--listen', f'127.0.0.1:{port}', '--servers', COUNT, '--power-delay-ms', '20..80', '--step-delay-ms', 300,
            '--heartbeat-interval-ms', 500])
        process.wait_for(f'{self.url}/sim/servers')
        rows = [line.split() for line in process.text().splitlines() if line.startswith('server ')]
        self.rows = [(row[2], row[3].split(',')[0]) for row in rows]

    def enroll(self, rest):
        """Creates the nodes of all servers, each with the port that it boots from."""
        return [self.node(rest, number, *row) for number, row in enumerate(self.rows, 1)]

    def node(self, rest, number, system, mac):
        node = rest.do('POST', '/v1/nodes', {
            'name': f'server-{number}', 'driver': 'redfish', 'driver_info': {
                'redfish_address': self.url, 'redfish_system_id': system, 'redfish_username': USER, 'redfish_password': PASSWORD},
            'properties': {'capabilities': 'boot_mode:uefi'}})
        rest.do('POST', '/v1/ports', {'node_uuid': node['uuid'], 'address': mac, 'pxe_enabled': True})
        return node['uuid']
