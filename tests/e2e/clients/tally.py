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
        """Whether no more failed and no more were left out than at the reference."""
        return self.failed <= reference.failed and self.skipped <= reference.skipped and self.passed >= reference.passed

    def __str__(self):
        return f'{self.passed} passed, {self.failed} failed, {self.skipped} skipped'
