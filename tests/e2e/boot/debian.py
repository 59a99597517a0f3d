"""What Debian has for a machine to boot with: QEMU, OVMF, the stub of unified kernel images, grub, iPXE, a kernel, busybox."""

import shutil
from pathlib import Path

from stage import packages
from stage.layout import TARGET
from stage.packages import run

PACKAGES = {
    'qemu-system-x86': Path('/usr/bin/qemu-system-x86_64'),
    'ovmf': Path('/usr/share/OVMF/OVMF_CODE_4M.fd'),
    'systemd-boot-efi': Path('/usr/lib/systemd/boot/efi/linuxx64.efi.stub'),
    'ipxe-qemu': Path('/usr/lib/ipxe/qemu/efi-virtio.rom'),
    'busybox-static': Path('/bin/busybox'),
    'grub-efi-amd64-bin': Path('/usr/lib/grub/x86_64-efi/moddep.lst'),
    'grub-common': Path('/usr/bin/grub-mkimage'),
    'cpio': Path('/usr/bin/cpio'),
}
KERNEL_METAPACKAGE = 'linux-image-amd64'
# In the order in which they are loaded.
MODULES = ('virtio_ring', 'virtio', 'virtio_pci_legacy_dev', 'virtio_pci_modern_dev', 'virtio_pci', 'failover',
           'net_failover', 'virtio_net')
GRUB_MODULES = ('part_gpt', 'part_msdos', 'fat', 'iso9660', 'normal', 'linux', 'search', 'search_fs_file',
                'search_label', 'configfile', 'echo', 'test', 'efi_gop', 'all_video', 'reboot', 'halt')
OVMF_CODE = Path('/usr/share/OVMF/OVMF_CODE_4M.fd')
OVMF_VARS = Path('/usr/share/OVMF/OVMF_VARS_4M.fd')


def install():
    """Installs what is not there; skips where that cannot be done."""
    packages.install(PACKAGES)


def kernel():
    """The folder of an unpacked kernel package; it is not installed."""
    folder = TARGET / 'e2e-kernel'
    if not list(folder.glob('boot/vmlinuz-*')):
        package = run('apt-cache', 'depends', KERNEL_METAPACKAGE).split('Depends: ')[1].split()[0]
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        print(f'downloading {package}', flush=True)
        run('apt-get', 'download', package, cwd=folder)
        run('dpkg', '-x', next(folder.glob('*.deb')), folder)
    return folder


def kernel_image():
    return next(kernel().glob('boot/vmlinuz-*'))


def modules():
    """The modules that a machine of QEMU needs to reach its network."""
    found = {path.name.removesuffix('.ko'): path for path in kernel().glob('lib/modules/**/*.ko')}
    return [found[name] for name in MODULES if name in found]


def grub(path):
    """A boot loader that reads its configuration from the folder it lies in."""
    run('grub-mkimage', '--format', 'x86_64-efi', '--prefix', '/EFI/BOOT', '--output', path, *GRUB_MODULES)
    return path
