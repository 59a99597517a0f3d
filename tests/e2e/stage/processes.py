"""Processes of a run: each has its log, all of them end with the run, whatever ends it."""

import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from .layout import Broken

# Below the range from which Linux hands out ports, so that no connection of a client sits on one of them.
PORTS = range(10_000, 20_000)
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)
GIVEN_OUT = set()


def free_port():
    """A port of 127.0.0.1 that nothing listens on, a different one with each call."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(('127.0.0.1', port))
            except OSError:
                continue
        if port not in GIVEN_OUT:
            GIVEN_OUT.add(port)
            return port


def status_of(url, timeout=5):
    """The status of a GET, 0 if there is no answer."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Process:
    """One running program and its log."""

    def __init__(self, name, command, log, env=None, cwd=None):
        self.name = name
        self.log = log
        with open(log, 'ab') as output:
            self.child = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env=env, cwd=cwd, preexec_fn=die_with_parent)

    def wait_for(self, url, seconds=60):
        """Waits until `url` answers 200."""
        end = time.monotonic() + seconds
        while status_of(url) != 200:
            if self.child.poll() is not None:
                raise Broken(f'{self.name} ended with {self.child.returncode}:\n{self.tail()}')
            if time.monotonic() > end:
                raise Broken(f'{self.name} does not answer {url} after {seconds} s:\n{self.tail()}')
            time.sleep(0.1)

    def tail(self, lines=20):
        return '\n'.join(self.text().splitlines()[-lines:]) or '(its log is empty)'

    def text(self):
        return self.log.read_text(errors='replace')

    def stop(self, seconds=45):
        """Asks it to end and returns its exit code; one that does not end in time is killed."""
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(seconds)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        return self.child.returncode


class Processes:
    """Everything a run started, ended in the opposite order."""

    def __init__(self, logs):
        self.logs = logs
        self.running = []

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        return self

    def __exit__(self, *_):
        while self.running:
            self.running.pop().stop()

    def start(self, name, command, env=None, cwd=None):
        process = Process(name, command, self.logs / f'{name}.log', env, cwd)
        self.running.append(process)
        return process

    def stop(self, processes):
        """Ends some of them at once; returns {name: exit code}."""
        for process in processes:
            self.running.remove(process)
            if process.child.poll() is None:
                process.child.terminate()
        return {process.name: process.stop() for process in processes}


def plain_environment(**more):
    """The environment of this process without what would configure Ferric or a client."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(('FERRIC', 'OS_', 'IRONIC'))}
    return {**kept, **more}
