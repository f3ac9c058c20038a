"""Writing files so that nothing is lost: the disk may be full, the kernel killed, another kernel writing as well."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path


def replace(path: Path, text: str, *, private: bool = False) -> None:
    """Write a whole file. Whoever reads it, whenever it happens to end, finds the old text or the new one.

    `private`: only its owner may read it. Raises `OSError`; then the old file is as it was.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        mode = 0o600 if private else 0o666
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


def create(path: Path, text: str) -> bool:
    """Write a new file; False, and nothing written, if there is one of that name. Raises `OSError`."""
    try:
        path.open("x").close()  # the name is ours from here on, whoever else wants it
    except FileExistsError:
        return False
    try:
        replace(path, text)
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise
    return True
