"""What the server runs when it boots the ramdisk: the real agent, in a cage, with the kernel line of the boot image."""

import builtins
import io
import os
import sys
import tempfile

from .paper import FOLDER, MACHINE


def main():
    # Packages of the agent that look for C libraries with programs of this computer when they are loaded.
    import pyudev  # noqa: F401
    import zeroconf  # noqa: F401

    from . import cage
    cage.close()
    line = os.environ['FERRIC_SIM_KERNEL_LINE']
    MACHINE.note('boot', line=line, uid=os.getuid())
    tempfile.tempdir = str(FOLDER / 'tmp')
    os.makedirs(tempfile.tempdir, exist_ok=True)
    # A virtual CD was booted, but this machine has no drive that could be looked into.
    builtins.open = reading_kernel_line(line.replace('boot_method=vmedia', ''))
    from oslo_concurrency import processutils
    from .commands import execute
    processutils.execute = execute
    from ironic_python_agent.cmd import agent
    sys.argv = ['ironic-python-agent']
    agent.run()


def reading_kernel_line(line):
    """`open`, for which this machine's kernel line is /proc/cmdline."""
    real = builtins.open

    def opened(file, *arguments, **options):
        if file == '/proc/cmdline':
            return io.StringIO(line + '\n')
        return real(file, *arguments, **options)
    return opened


if __name__ == '__main__':
    main()
