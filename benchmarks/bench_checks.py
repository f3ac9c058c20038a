"""How many small breaks of the checks of lesson 00 a test notices; of another lesson `mutants.py <lesson>` tells it."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stdout

from figures import Figure, table
from mutants import WANTED, counted, share


def measure() -> list[Figure]:
    with redirect_stdout(io.StringIO()):
        counts = counted("start_here")
    of = f"{counts['caught']} of {counts['caught'] + counts['survived']}"
    return [Figure("breaks of lesson 00's checks noticed", 100 * share(counts), "%", 100 * WANTED, of, at_least=True)]


if __name__ == "__main__":
    sys.exit(table(measure()))
