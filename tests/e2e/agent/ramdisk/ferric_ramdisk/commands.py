"""Programs as the agent finds them on this machine: each is answered here, none is ever run."""

import os
import shutil

from oslo_concurrency import processutils

from .paper import DISK, MACHINE

ESP_MIB, DISK_MIB = 64, 8192


def execute(*words, **options):
    """Stands in for `oslo_concurrency.processutils.execute`."""
    words = [str(word) for word in words]
    program = words[0].rsplit('/', 1)[-1]
    answer = None if options.get('shell') else ANSWERS.get(program)
    MACHINE.note('command', words=words, known=answer is not None)
    if answer is None:
        # As on a ramdisk that lacks the program.
        raise FileNotFoundError(2, 'No such file or directory', words[0])
    text = answer(words)
    if options.get('binary'):
        return text.encode(), b''
    return text, ''


def lsblk(words):
    rows = [{'NAME': DISK.name, 'KNAME': DISK.name, 'TYPE': 'disk', 'UUID': '', 'PARTUUID': '', 'LABEL': '',
             'TRAN': 'sata', 'SIZE': str(DISK_MIB << 20)}]
    if '--nodeps' not in words:
        rows += [{**rows[0], 'NAME': f'{DISK.name}{row["number"]}', 'KNAME': f'{DISK.name}{row["number"]}',
                  'TYPE': 'part', 'UUID': row['uuid'], 'PARTUUID': row['uuid']} for row in MACHINE.partitions]
    if '--json' in words:
        # Asked for the disks of the real machine: of this one, `hardware` tells.
        return '{"blockdevices": []}'
    if str(DISK) not in words:
        return ''
    return '\n'.join(' '.join(f'{name}="{value}"' for name, value in row.items()) for row in rows)


def parted(words):
    if 'unit' not in words:
        return 'Model: paper\nPartition Table: gpt\n'
    lines = ['BYT;', f'{DISK}:{DISK_MIB}MiB:file:512:512:gpt:paper:;']
    begin = 1
    for row in MACHINE.partitions:
        end = begin + ESP_MIB
        lines.append(f'{row["number"]}:{begin}MiB:{end}MiB:{ESP_MIB}MiB:{row["filesystem"]}:{row["name"]}:'
                     f'{row["flags"]};')
        begin = end
    return '\n'.join(lines)


def sgdisk(words):
    if words[1] == '-i':
        row = next(row for row in MACHINE.partitions if row['number'] == int(words[2]))
        return f'Partition unique GUID: {row["uuid"].upper()}\n'
    if words[1] == '-n':
        unique = words[words.index('-u') + 1].split(':', 1)[1]
        MACHINE.add_partition('config-2', unique=unique)
    return 'No problems found.\n'


def dd(words):
    given = dict(word.split('=', 1) for word in words[1:] if '=' in word)
    shutil.copyfile(given['if'], MACHINE.file_of(given['of']))
    return ''


def mount(words):
    """A file system shows itself as a folder: the ESP with a boot loader, others empty."""
    device, folder = words[-2:]
    number = int(device.removeprefix(f'/dev/{DISK.name}'))
    if 'esp' in MACHINE.partitions[number - 1]['flags']:
        loader = os.path.join(folder, 'EFI', 'BOOT', 'BOOTX64.EFI')
        os.makedirs(os.path.dirname(loader), exist_ok=True)
        with open(loader, 'wb') as file:
            file.write(b'MZ')
        os.chmod(loader, 0o755)
    return ''


def efibootmgr(words):
    if '-c' in words:
        MACHINE.boot_entries.append({option: words[words.index(option) + 1] for option in ('-p', '-L', '-l')})
        MACHINE.save()
    return 'BootCurrent: 0000\nBootOrder: 0000\n'


def power(code):
    def answer(words):
        MACHINE.note('power', word=words[0])
        # The server is told by how this process ends.
        os._exit(code)
    return answer


def fails(words):
    raise processutils.ProcessExecutionError(cmd=' '.join(words), exit_code=1)


def nothing(_words):
    return ''


ANSWERS = {
    'lsblk': lsblk, 'parted': parted, 'sgdisk': sgdisk, 'dd': dd, 'mount': mount, 'efibootmgr': efibootmgr,
    'poweroff': power(0), 'reboot': power(3),
    'hexdump': lambda _: '0x00000000', 'hwclock': fails, 'modprobe': fails, 'mdadm': fails,
    **dict.fromkeys(('umount', 'sync', 'partprobe', 'partx', 'udevadm', 'blockdev', 'test'), nothing),
}
