#!/usr/bin/env python3
"""schemathesis at a fresh Ferric: requests made up from /openapi.json, every answer held against it.

See ../README.md.
"""

import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
# A run leaves nothing behind in the checkout but `target`.
sys.dont_write_bytecode = True

from known import LATEST, SEEDS
from stage.backends import Local, Services
from stage.ferric import Ferric
from stage.layout import fresh_dir, main, options, virtual_environment
from stage.processes import Processes, plain_environment

CHECKS = ('not_a_server_error', 'status_code_conformance', 'content_type_conformance',
          'response_headers_conformance', 'response_schema_conformance')
# How often what requests have deleted or renamed is brought back.
RESEED_SECONDS = 5


def request(url, body=None):
    """The answer to a GET, or to a POST of a document; None if it is refused."""
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, LATEST), timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError:
        return None


class Keeper:
    """Brings back, for as long as the run lasts, what its requests delete."""

    def __init__(self, url):
        self.url = url
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.keep)

    def seed(self):
        for collection, document in SEEDS:
            request(f'{self.url}/v1/{collection}', document)

    def keep(self):
        while not self.stop.wait(RESEED_SECONDS):
            self.seed()

    def __enter__(self):
        self.seed()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


def validate(url, python):
    """Whether the document is one of OpenAPI 3.1; says what is wrong with it."""
    script = 'import json, sys, openapi_spec_validator as v; v.validate(json.load(sys.stdin), cls=v.OpenAPIV31SpecValidator)'
    done = subprocess.run([python, '-c', script], input=json.dumps(request(f'{url}/openapi.json')), text=True)
    print('the document is valid' if done.returncode == 0 else 'the document is not valid', flush=True)
    return done.returncode


def fuzz(url, venv, logs, arguments):
    command = [venv / 'bin/schemathesis', '--config-file', os.devnull, 'run', f'{url}/openapi.json',
               '--checks', ','.join(CHECKS), '--max-time', arguments.minutes * 60, '--workers', arguments.workers,
               '--continue-on-failure', '--warnings', 'off', '--request-timeout', 90, '--no-color']
    if arguments.only:
        command += ['--include-path-regex', arguments.only]
    # The hooks and what they know of.
    env = plain_environment(PYTHONPATH=str(HERE), SCHEMATHESIS_HOOKS='hooks', PYTHONDONTWRITEBYTECODE='1')
    record = logs / 'schemathesis.log'
    with open(record, 'w') as output:
        done = subprocess.run([str(word) for word in command], cwd=logs, env=env, stdin=subprocess.DEVNULL,
                              stdout=output, stderr=subprocess.STDOUT)
    said = record.read_text()
    print(said[max(said.find('= FAILURES ='), said.find('= ERRORS ='), 0):], flush=True)
    return done.returncode


def run_at(backend_name, venv, arguments):
    logs = fresh_dir(f'schemathesis-{backend_name}')
    print(f'== schemathesis on {backend_name} for {arguments.minutes} min; logs in {logs}', flush=True)
    backend = Local(logs) if backend_name == 'sqlite' else Services()
    with backend, Processes(logs) as processes:
        ferric = Ferric(arguments.ferric, processes, backend, {'LOG__FILTER': 'warn'}).start_all_in_one()
        url = ferric.endpoints[0]
        if validate(url, venv / 'bin/python') != 0:
            return 1
        with Keeper(url):
            return fuzz(url, venv, logs, arguments)


def run():
    parser = options(__doc__)
    parser.add_argument('--backend', choices=('sqlite', 'postgres', 'both'), default='sqlite')
    parser.add_argument('--minutes', type=int, default=5)
    parser.add_argument('--workers', type=int, default=2)
    parser.add_argument('--only', help='a regular expression for paths')
    arguments = parser.parse_args()
    venv = virtual_environment('schemathesis-venv', HERE / 'requirements.txt')
    backends = ('sqlite', 'postgres') if arguments.backend == 'both' else (arguments.backend,)
    return max(run_at(backend, venv, arguments) for backend in backends)


if __name__ == '__main__':
    main(run)
