"""Counts of a suite, and what they have to be."""

import re
from dataclasses import dataclass

COUNTS = re.compile(r'(\d+) passed, (\d+) failed(?:, (\d+) skipped)?')
MATCHES = re.compile(r'matched (\d+) / (\d+)')


@dataclass
class Tally:
    """How many checks ended how."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    @classmethod
    def read(cls, line):
        """Reads the last line that a suite printed; a suite that printed no counts has failed."""
        if found := COUNTS.search(line):
            return cls(*(int(number or 0) for number in found.groups()))
        if found := MATCHES.search(line):
            matched, compared = map(int, found.groups())
            return cls(matched, compared - matched)
        return cls(failed=1)

    def reaches(self, reference):
        """Whether as many passed as at the reference, and none failed that did not fail there."""
        return self.passed >= reference.passed and self.failed <= reference.failed

    def __str__(self):
        return f'{self.passed} passed, {self.failed} failed, {self.skipped} skipped'
