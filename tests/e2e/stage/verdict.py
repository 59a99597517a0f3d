"""Counting checks and telling what happens when."""

import time


class Stopped(Exception):
    """A check failed that everything after it builds on."""


class Verdict:
    """The timeline of a run and its count."""

    def __init__(self):
        self.began = time.monotonic()
        self.passed = 0
        self.failed = []

    def say(self, text):
        print(f'{time.monotonic() - self.began:7.1f}s  {text}', flush=True)

    def check(self, what, holds, why=''):
        """Counts one check; `why` is what was found instead."""
        if holds:
            self.passed += 1
            self.say(f'ok    {what}')
        else:
            self.failed.append(what)
            self.say(f'FAIL  {what}: {why}')
        return holds

    def need(self, what, holds, why=''):
        """A check without which the rest makes no sense."""
        if not self.check(what, holds, why):
            raise Stopped(what)

    def equal(self, what, found, wanted):
        return self.check(f'{what} is {wanted}', found == wanted, f'it is {found}')
