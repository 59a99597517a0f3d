"""What pykickstart says about kickstart files: one line of JSON for each file named."""

import json
import sys
import warnings

from pykickstart.constants import KS_SCRIPT_ONERROR, KS_SCRIPT_POST, KS_SCRIPT_PRE, KS_SCRIPT_PREINSTALL, KS_SCRIPT_TRACEBACK
from pykickstart.parser import KickstartParser
from pykickstart.version import makeVersion

SCRIPTS = {KS_SCRIPT_PRE: '%pre', KS_SCRIPT_PREINSTALL: '%pre-install', KS_SCRIPT_POST: '%post',
           KS_SCRIPT_ONERROR: '%onerror', KS_SCRIPT_TRACEBACK: '%traceback'}


def word(value):
    return str(value).upper().replace('RAID', '') if value not in (None, '') else None


def commands(handler):
    """The storage commands, by kind, in the words of the example `read_kickstart`."""
    return {
        'part': [{'mountpoint': one.mountpoint, 'size': one.size, 'maxsize': one.maxSizeMB or None, 'grow': one.grow,
                  'ondisk': one.disk or None, 'onpart': one.onPart or None,
                  'sized_by_installer': bool(one.recommended or one.hibernation)} for one in handler.partition.partitions],
        'raid': [{'mountpoint': one.mountpoint, 'device': one.device, 'level': word(one.level), 'members': one.members,
                  'spares': one.spares} for one in handler.raid.raidList],
        'volgroup': [{'name': one.vgname, 'members': one.physvols, 'existing': not one.format or one.preexist,
                      'extent_kib': one.pesize or 4096, 'reserved_space': one.reserved_space or 0,
                      'reserved_percent': one.reserved_percent or 0} for one in handler.volgroup.vgList],
        'logvol': [{'mountpoint': one.mountpoint, 'name': one.name, 'vgname': one.vgname, 'size': one.size or None,
                    'percent': one.percent or None, 'grow': one.grow, 'existing': bool(one.preexist or not one.format),
                    'thinpool': one.thin_pool, 'pool': one.pool_name if one.thin_volume else None,
                    'cachesize': one.cache_size or 0} for one in handler.logvol.lvList],
        'clearpart': handler.clearpart.drives or [],
        'ignoredisk': [handler.ignoredisk.ignoredisk or [], handler.ignoredisk.onlyuse or []],
        'autopart': bool(handler.autopart.autopart),
        'zerombr': bool(handler.zerombr.zerombr),
        'boot_drive': handler.bootloader.bootDrive or None,
    }


def judge(path):
    handler = makeVersion('RHEL9')
    parser = KickstartParser(handler, followIncludes=False, missingIncludeIsFatal=False)
    try:
        parser.readKickstart(path)
    except Exception as error:  # Whatever it is, the file is refused.
        return {'refused': f'{type(error).__name__}: {error}'}
    scripts = [SCRIPTS[script.type] for script in handler.scripts]
    return {'scripts': scripts, 'packages': handler.packages.seen, 'storage': commands(handler)}


warnings.simplefilter('ignore')
for name in sys.argv[1:]:
    print(json.dumps(judge(name)))
