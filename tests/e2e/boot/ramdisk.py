"""A ramdisk that speaks lookup, heartbeat and inspection: busybox and a script."""

import gzip
import shutil
import subprocess
from pathlib import Path

import debian

HERE = Path(__file__).resolve().parent


def build(folder, path):
    """Writes the archive, compressed as ramdisks are."""
    root = folder / 'root'
    (root / 'bin').mkdir(parents=True)
    (root / 'modules').mkdir()
    shutil.copy(debian.PACKAGES['busybox-static'], root / 'bin/busybox')
    for name in ('init', 'answer'):
        shutil.copy(HERE / name, root / name)
        (root / name).chmod(0o755)
    modules = debian.modules()
    for module in modules:
        shutil.copy(module, root / 'modules' / module.name)
    (root / 'modules/order').write_text('\n'.join(module.name for module in modules) + '\n')
    names = '\n'.join(str(one.relative_to(root)) for one in sorted(root.rglob('*')))
    archive = folder / 'root.cpio'
    with open(archive, 'wb') as output:
        subprocess.run(['cpio', '--create', '--format=newc', '--quiet'], input=names.encode(), stdout=output,
                              cwd=root, check=True)
    with open(archive, 'rb') as source, gzip.open(path, 'wb', compresslevel=6) as output:
        shutil.copyfileobj(source, output)
    return path
