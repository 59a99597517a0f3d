"""Keeps everything in this process from whatever is real.

Three walls, each of which suffices: the process has no rights (where it was started with some); it can start no program, write
nothing outside the machine's folder and speak to nobody but 127.0.0.1; and what the agent wants to run is answered by
`commands`.
"""

import ctypes
import os
import struct
import sys

from .paper import FOLDER, MACHINE

NOBODY = 65534
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_SET_NO_NEW_PRIVS = 1, 8, 38
SIGKILL = 9
SYS_CAPSET = {'x86_64': 126, 'aarch64': 91}
CAPABILITIES_VERSION_3 = 0x20080522
# Reading only: the interpreter may live in a folder that is closed to others.
CAP_DAC_READ_SEARCH = 1 << 2

STARTS = {'subprocess.Popen', 'os.system', 'os.exec', 'os.posix_spawn', 'os.spawn', 'os.fork', 'os.forkpty',
          'pty.spawn'}
# Event, and which of its arguments are paths that it changes.
CHANGES = {'os.remove': (0,), 'os.rename': (0, 1), 'os.rmdir': (0,), 'os.mkdir': (0,), 'os.chmod': (0,),
           'os.chown': (0,), 'os.link': (0, 1), 'os.symlink': (1,), 'os.truncate': (0,), 'os.utime': (0,)}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
LOOPBACK = {'127.0.0.1', '::1', 'localhost', ''}


class Caged(PermissionError):
    """The agent wanted something that reaches out of its machine."""


def close():
    """Shuts the door; there is no way to open it again."""
    drop_rights()
    sys.addaudithook(watch)


def drop_rights():
    """Root becomes nobody."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0:
        os.setgroups([])
        libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        header = struct.pack('<II', CAPABILITIES_VERSION_3, 0)
        sets = struct.pack('<6I', CAP_DAC_READ_SEARCH, CAP_DAC_READ_SEARCH, 0, 0, 0, 0)
        if libc.syscall(SYS_CAPSET[os.uname().machine], header, sets) != 0:
            raise OSError(ctypes.get_errno(), 'the rights of root cannot be dropped')
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # The server's power is this process's life.
    libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)


def watch(event, arguments):
    if event in STARTS:
        refuse(event, arguments)
    elif event == 'open':
        path, _, flags = arguments
        if isinstance(path, (str, bytes)) and isinstance(flags, int) and flags & WRITES and not is_own(path):
            refuse(event, arguments)
    elif event in CHANGES:
        if not all(is_own(arguments[index]) for index in CHANGES[event]):
            refuse(event, arguments)
    elif event in ('socket.connect', 'socket.bind', 'socket.sendto'):
        address = arguments[1]
        if not (isinstance(address, tuple) and address[0] in LOOPBACK):
            refuse(event, arguments)
    elif event == 'socket.getaddrinfo' and arguments[0] not in (*LOOPBACK, None, b'localhost', b'127.0.0.1'):
        refuse(event, arguments)


def is_own(path):
    if isinstance(path, int):
        return True
    real = os.path.realpath(os.fsdecode(path))
    return real == '/dev/null' or os.path.commonpath([real, FOLDER]) == str(FOLDER)


def refuse(event, arguments):
    text = f'{event} {arguments!r}'[:300]
    # The diary itself is in the folder and may be written.
    MACHINE.note('refused', event=event, arguments=text)
    raise Caged(text)
