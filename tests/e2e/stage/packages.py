"""Packages of Debian that a run needs."""

import os
import shutil
import subprocess

from .layout import Skip


def run(*command, **options):
    """What a command says; skips the run where it fails."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise Skip(f'{command[0]} failed: {said[-1] if said else done.returncode}')
    return done.stdout


def install(proofs):
    """Installs the packages whose proof, a path by name of the package, is not there; skips where that cannot be done."""
    missing = [package for package, proof in proofs.items() if not proof.exists()]
    if missing and (os.geteuid() != 0 or not shutil.which('apt-get')):
        raise Skip(f'these packages of Debian are not there: {", ".join(missing)}')
    if missing:
        print(f'installing {", ".join(missing)}', flush=True)
        run('apt-get', 'install', '--yes', '--no-install-recommends', *missing)
