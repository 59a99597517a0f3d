"""The stock `baremetal` command."""

import itertools
import json
import subprocess

from .processes import plain_environment

COMMAND_SECONDS = 900


class Answer:
    """What one command said."""

    def __init__(self, words, done):
        self.words = words
        self.code = done.returncode
        self.text = done.stdout
        self.error = done.stderr.strip()

    @property
    def ok(self):
        return self.code == 0

    def json(self):
        """The answer, read; tables have columns in lower case, however this version of the client writes them."""
        answer = json.loads(self.text)
        if isinstance(answer, list):
            return [{name.lower().replace(' ', '_'): value for name, value in row.items()} for row in answer]
        return answer

    def __str__(self):
        return f'baremetal {" ".join(self.words)}: exit code {self.code} {self.error or self.text.strip()}'


class Baremetal:
    """Runs commands, each at the next of the endpoints."""

    def __init__(self, venv, endpoints, log):
        self.program = venv / 'bin/baremetal'
        self.endpoints = itertools.cycle(endpoints)
        self.log = log

    def __call__(self, *words):
        endpoint = next(self.endpoints)
        env = plain_environment(OS_AUTH_TYPE='none', OS_ENDPOINT=endpoint, PYTHONWARNINGS='ignore')
        done = subprocess.run([self.program, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              timeout=COMMAND_SECONDS, env=env)
        answer = Answer(words, done)
        with open(self.log, 'a') as log:
            log.write(f'[{endpoint}] {answer}\n')
        return answer

    def json(self, *words):
        """The same, with the answer as JSON."""
        return self(*words, '-f', 'json')
