#!/usr/bin/env python3
"""Holds Ferric's reader of kickstart files against pykickstart, on files that are made up.

See ../README.md.
"""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
# A run leaves nothing behind in the checkout but `target`.
sys.dont_write_bytecode = True

from generate import WRONG, kickstart
from stage.layout import Broken, fresh_dir, main, options, virtual_environment

SCRIPTS = ('%pre', '%pre-install', '%post', '%onerror', '%traceback')
# Files of one call.
BATCH = 100


def answers(command, files):
    """One document for each file."""
    lines = []
    for start in range(0, len(files), BATCH):
        done = subprocess.run([*command, *files[start:start + BATCH]], capture_output=True, text=True)
        if done.returncode != 0:
            raise Broken(f'{command[0]} ended with {done.returncode}: {done.stderr.strip()[-500:]}')
        lines += done.stdout.splitlines()
    return [json.loads(line) for line in lines]


def ours_by_kind(storage):
    """Our commands in the shape of the oracle's: lists add up, of settings the last one counts."""
    kinds = {'part': [], 'raid': [], 'volgroup': [], 'logvol': [], 'clearpart': [], 'ignoredisk': [[], []],
             'autopart': False, 'zerombr': False, 'boot_drive': None}
    for command in storage:
        kind = command.pop('command')
        if kind in ('part', 'raid', 'volgroup', 'logvol'):
            kinds[kind].append(command)
        elif kind == 'clearpart':
            kinds[kind] = command['drives']
        elif kind == 'ignoredisk':
            kinds[kind] = [given or held for given, held in zip((command['drives'], command['only_use']), kinds[kind])]
        elif kind == 'bootloader':
            kinds['boot_drive'] = command['boot_drive']
        else:
            kinds[kind] = True
    for one in kinds['part']:
        one['maxsize'] = one['maxsize'] or None
    for one in kinds['raid']:
        # Up to RHEL 9 pykickstart drops what every array's name begins with.
        one['device'] = one['device'].removeprefix('md')
    return kinds


def theirs_by_kind(storage):
    """The oracle's commands; two slashes at the beginning, which POSIX lets mean something else, are one on Linux."""
    for kind in ('part', 'raid', 'logvol'):
        for one in storage[kind]:
            if one['mountpoint'].startswith('//'):
                one['mountpoint'] = one['mountpoint'][1:]
    return storage


def difference(ours, theirs):
    """What the two readings disagree about, in words; none if they agree."""
    if ours['problems'] or 'refused' in theirs:
        if ours['problems'] and 'refused' in theirs:
            return None
        return f'ours: {ours["problems"] or "accepted"}; theirs: {theirs.get("refused", "accepted")}'
    names = [section['name'] for section in ours['sections']]
    # pykickstart forgets scripts in which nothing is.
    scripts = [section['name'] for section in ours['sections'] if section['name'] in SCRIPTS and not section['blank']]
    if scripts != theirs['scripts'] or ('%packages' in names) != theirs['packages']:
        return f'sections: ours {names}, theirs {theirs["scripts"]}, packages {theirs["packages"]}'
    kinds = ours_by_kind(ours['storage'])
    for kind, wanted in theirs_by_kind(theirs['storage']).items():
        if kinds[kind] != wanted:
            return f'{kind}: ours {kinds[kind]}, theirs {wanted}'
    return None


def run():
    parser = options(__doc__)
    parser.add_argument('--count', type=int, default=600, help='how many files are made up')
    parser.add_argument('--seed', type=int, default=0, help='the first seed')
    args = parser.parse_args()
    venv = virtual_environment('e2e-kickstart-venv', HERE / 'requirements.txt')
    folder = fresh_dir('kickstart')
    texts = [f'text\n{wrong}\n' for wrong in WRONG]
    texts += [kickstart(seed) for seed in range(args.seed, args.seed + args.count)]
    files = []
    for number, text in enumerate(texts):
        path = folder / f'{number:04}.ks'
        path.write_text(text)
        files.append(str(path))
    ours = answers([args.ferric], files)
    theirs = answers([venv / 'bin/python', HERE / 'oracle.py'], files)
    if not len(files) == len(ours) == len(theirs):
        raise Broken(f'{len(files)} files, {len(ours)} and {len(theirs)} answers')
    different = 0
    for path, one, other in zip(files, ours, theirs):
        words = difference(one, other)
        if words:
            different += 1
            print(f'{path}: {words}')
    refused = sum('refused' in one for one in theirs)
    print(f'{len(files)} files, {refused} of them refused by pykickstart: {different} read differently')
    return 1 if different else 0


if __name__ == '__main__':
    main(run)
