"""The machine: a folder with a disk, its partitions, boot entries and a diary."""

import json
import os
import uuid
from pathlib import Path

FOLDER = Path(os.environ['FERRIC_RAMDISK_FOLDER'])
DISK = FOLDER / 'paper'
DISK_BYTES = 8 << 30
# What is on the disk once an image was written: the image's own two partitions.
IMAGE_PARTITIONS = ({'name': 'EFI', 'flags': 'boot, esp', 'filesystem': 'fat32'},
                    {'name': 'root', 'flags': '', 'filesystem': 'ext4'})


class Machine:
    """What outlasts a boot is in `state.json`, what happened is in `diary.jsonl`."""

    def __init__(self):
        self.file = FOLDER / 'state.json'
        try:
            self.state = json.loads(self.file.read_text())
        except FileNotFoundError:
            self.state = {'partitions': [], 'boot_entries': []}

    def save(self):
        self.file.write_text(json.dumps(self.state))

    @property
    def partitions(self):
        return self.state['partitions']

    @property
    def boot_entries(self):
        return self.state['boot_entries']

    def add_partition(self, name, flags='', filesystem='', unique=None):
        number = len(self.partitions) + 1
        self.partitions.append({'number': number, 'name': name, 'flags': flags, 'filesystem': filesystem,
                                'uuid': unique or str(uuid.uuid5(uuid.NAMESPACE_OID, f'{name}-{number}'))})
        self.save()

    def image_written(self):
        """The disk has the image's partitions and nothing of what was there before."""
        self.partitions.clear()
        for partition in IMAGE_PARTITIONS:
            self.add_partition(**partition)

    def erased(self):
        self.partitions.clear()
        self.save()
        DISK.write_bytes(b'')

    def file_of(self, device):
        """Where the content of a device of this machine is."""
        name = device.rsplit('/', 1)[-1]
        if name != DISK.name and name not in {f'{DISK.name}{row["number"]}' for row in self.partitions}:
            raise LookupError(f'no device {device}')
        return FOLDER / name

    def note(self, what, **more):
        with open(FOLDER / 'diary.jsonl', 'a') as diary:
            diary.write(json.dumps({'what': what, **more}) + '\n')


MACHINE = Machine()
