"""Where planted words are found: in the files below some folders, also while a program still writes there."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


def files(*folders: Path) -> Iterator[Path]:
    """Every file below them; sockets and pipes are none."""
    for top in folders:
        for folder, _, names in os.walk(top):  # which, unlike rglob, goes on where a folder goes away
            yield from filter(Path.is_file, (Path(folder, name) for name in names))


def found(words: str, *folders: Path) -> list[str]:
    """The names of the files that hold them."""
    holding = []
    for path in files(*folders):
        with contextlib.suppress(FileNotFoundError):  # a temporary file of a program that went on meanwhile
            if words.encode() in path.read_bytes():
                holding.append(path.name)
    return sorted(holding)
