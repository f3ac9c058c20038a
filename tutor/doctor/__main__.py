"""`python -m tutor.doctor`: one line for each check, with the next step where something is wrong.

The exit status is 1 if something must be mended, else 0. With a key, the API is asked for its list of models, which
costs nothing; TUTOR_MODE=recorded keeps the doctor off the network.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

from .. import settings
from . import freshness, kernel, key, live, machine, notebooks, packages
from .finding import Finding, mend


def examine(root: Path) -> Iterator[Finding]:
    """Every check in order, also after one has failed."""
    now = datetime.now()
    checks: dict[str, Callable[[], Iterable[Finding]]] = {
        "Packages": lambda: packages.look(root),
        "Kernel": lambda: kernel.look(root),
        "Notebooks": lambda: notebooks.look(root / "notebooks"),
        "Relay": lambda: [machine.relay()],
        "Proxy": lambda: machine.proxy(os.environ),
        "Disk": lambda: [machine.room(shutil.disk_usage(root).free)],
        "Saving": lambda: machine.saving(root, settings.read(os.environ, root).home),
        "Key": lambda: key.look(os.environ, root),
        "Clock": lambda: [machine.clock(now, root)],
        "Model table": lambda: freshness.look(root, now.date()),
        "API": lambda: live.look(settings.read(os.environ, root), freshness.used(root)),
    }
    for subject, check in checks.items():
        try:
            yield from check()
        except settings.SettingsError:
            continue  # the check of the key tells it
        except ImportError as error:
            yield mend(subject, f"{error}", packages.again(root))
        except Exception as error:  # whatever is broken here, the other checks still have something to say
            words = settings.without_keys(f"{type(error).__name__}: {error}")
            yield mend(subject, f"this check could not be made. {words}", "Show this line to the course's authors.")


def main(words: list[str] | None = None, root: Path = settings.ROOT) -> int:
    """Print what is found; return the exit status."""
    argparse.ArgumentParser("python -m tutor.doctor", description=__doc__.partition("\n\n")[2]).parse_args(words)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that has no such mark still has the word
    settings.spare_loopback(os.environ)  # as every lesson does
    found = []
    for each in examine(root):
        print(settings.without_keys(str(each)), flush=True)  # a key may stand where nobody expects one
        found.append(each.state)
    broken, noted = found.count("mend"), found.count("note")
    print(
        f"\n{broken} thing{'s' * (broken != 1)} must be mended."
        if broken
        else f"\nNothing must be mended{f'; {noted} worth knowing' if noted else ''}."
    )
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
