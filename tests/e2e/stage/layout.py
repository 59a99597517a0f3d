"""Where things are, and what a run cannot do without."""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

E2E = Path(__file__).resolve().parent.parent
REPOSITORY = E2E.parent.parent
SHARED = REPOSITORY.parent / 'shared'
TARGET = REPOSITORY / os.environ.get('CARGO_TARGET_DIR', 'target')


class Skip(Exception):
    """Something outside this repository is absent; the text says what."""


class Broken(Exception):
    """The run cannot go on; the text says why."""


def shared(relative):
    """A file of the material beside the repository."""
    path = SHARED / relative
    if not path.exists():
        raise Skip(f'../shared/{relative} is not there')
    return path


def options(description):
    """Options that every suite has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('--ferric', type=Path, default=TARGET / 'debug/ferric', help='the binary under test')
    return parser


def fresh_dir(name):
    """An empty directory for the logs and data of one run."""
    path = TARGET / 'e2e' / name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def environment():
    """The virtual environment with the stock client and the emulator."""
    return virtual_environment('e2e-venv', E2E / 'requirements.txt')


def virtual_environment(name, requirements):
    """A virtual environment with these packages, made first if it is absent or has others."""
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    venv = TARGET / name
    stamp = venv / 'requirements.sha256'
    if not stamp.is_file() or stamp.read_text() != wanted:
        print(f'installing {", ".join(requirements.read_text().split())}', flush=True)
        commands = (
            [sys.executable, '-m', 'venv', '--clear', venv],
            [venv / 'bin/pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements],
        )
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode != 0:
                said = (done.stderr or done.stdout).strip().splitlines()
                raise Skip(f'{name} cannot be filled from PyPI: {said[-1] if said else done.returncode}')
        stamp.write_text(wanted)
    return venv


def main(run):
    """Runs a suite to its exit code; skipping is no failure."""
    try:
        code = run()
    except Skip as reason:
        print(f'skipped: {reason}')
        code = 0
    except Broken as reason:
        print(f'error: {reason}')
        code = 1
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
