"""The hardware manager: a machine whose parts are files and constants."""

import os

from ironic_python_agent import hardware, tls_utils

from .paper import DISK, DISK_BYTES, FOLDER, MACHINE

MACS = os.environ['FERRIC_SIM_MACS'].split(',')


class PaperHardware(hardware.HardwareManager):
    """Everything that the generic manager would ask the real machine."""

    HARDWARE_MANAGER_NAME = 'PaperHardware'
    HARDWARE_MANAGER_VERSION = '1'

    def evaluate_hardware_support(self):
        return hardware.HardwareSupport.SERVICE_PROVIDER

    # Inventory

    def list_network_interfaces(self):
        # Not the address that the agent is reached at: inspection has no use for cards on the loopback.
        return [hardware.NetworkInterface(f'eth{index}', mac, ipv4_address=f'192.0.2.{10 + index}')
                for index, mac in enumerate(MACS)]

    def get_cpus(self):
        return hardware.CPU('Paper', 2400, 8, 'x86_64', socket_count=1)

    def get_memory(self):
        return hardware.Memory(16 << 30, 16384)

    def list_block_devices(self, include_partitions=False):
        return [hardware.BlockDevice(str(DISK), 'Paper', DISK_BYTES, False, serial='P1', vendor='Ferric')]

    def get_os_install_device(self, permit_refresh=False):
        return str(DISK)

    def get_bmc_address(self):
        return None

    def get_bmc_v6address(self):
        return None

    def get_system_vendor_info(self):
        return hardware.SystemVendorInfo('Paper', 'P1', 'Ferric', hardware.SystemFirmware('Ferric', '1', ''))

    def get_boot_info(self):
        return hardware.BootInfo('uefi', MACS[0])

    def generate_tls_certificate(self, ip_address):
        certificate, key = str(FOLDER / 'agent.crt'), str(FOLDER / 'agent.key')
        text = tls_utils._generate_tls_certificate(certificate, key, 'paper', ip_address)
        return tls_utils.TlsCertificate(text, certificate, key)

    def full_sync(self):
        MACHINE.note('sync')

    def wait_for_disks(self):
        pass

    # Steps

    def get_clean_steps(self, node, ports):
        return [
            {'step': 'erase_devices', 'interface': 'deploy', 'priority': 10, 'abortable': True},
            {'step': 'erase_devices_metadata', 'interface': 'deploy', 'priority': 99, 'abortable': True},
        ]

    def get_deploy_steps(self, node, ports):
        return []

    def get_service_steps(self, node, ports):
        return []

    def erase_devices(self, node, ports):
        MACHINE.erased()
        return self.told('erase_devices', node, ports)

    def erase_devices_metadata(self, node, ports):
        MACHINE.erased()
        return self.told('erase_devices_metadata', node, ports)

    def write_image(self, node, ports, image_info, configdrive=None):
        """The agent's own way of fetching, verifying and writing; the partitions are those of the image."""
        self.told('write_image', node, ports, image=image_info, configdrive=bool(configdrive))
        MACHINE.image_written()
        generic = next(found for found in hardware.get_managers()
                       if isinstance(found, hardware.GenericHardwareManager))
        return generic.write_image(node, ports, image_info, configdrive)

    @staticmethod
    def told(step, node, ports, **more):
        """Notes what a command brought; the diary is what the run looks at."""
        MACHINE.note('step', step=step, node=node, ports=[port['address'] for port in ports], **more)
        return {'paper': step}
