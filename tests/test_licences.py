"""Every package that is installed with the course may be used, changed and handed on by anybody, also in a company."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution

from test_frame import LOCKS, lines

# By their SPDX names. MPL-2.0 asks only that changed files of its own stay open; nobody changes them here.
PERMITTED = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0"),
    *("PSF-2.0", "Zlib"),
}
# What older metadata says in their place.
OLDER = {
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",  # or BSD-2-Clause
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
# Installed on other systems or by other Pythons only; read from their metadata on 2026-11-26.
ELSEWHERE = {
    "appnope": "BSD-2-Clause",
    "colorama": "BSD-3-Clause",
    "httpx2-jsfetch": "BSD-3-Clause",
    "overrides": "Apache-2.0",
    "pywin32": "PSF-2.0",
    "pywinpty": "MIT",
}
# Named in the files of the package only, not in its metadata.
IN_FILES = {"axe-playwright-python": {"MIT", "MPL-2.0"}}  # its own, and that of the axe.min.js in it
NAMES = sorted({line.partition("==")[0] for name in LOCKS for line in lines(name)})


def licences(name: str) -> set[str]:
    """The SPDX names of a package's licences; what has none comes as it is written."""
    try:
        told = distribution(name).metadata
    except PackageNotFoundError:
        return {ELSEWHERE[name]}
    if expression := told.get("License-Expression"):
        return set(re.split(r" (?:AND|OR|WITH) ", expression))
    classifiers = [one.rpartition(" :: ")[2] for one in told.get_all("Classifier", []) if one.startswith("License ::")]
    if not classifiers and name in IN_FILES:
        return IN_FILES[name]
    return {OLDER.get(words, words) for words in classifiers or [told.get("License", "none")]}


def test_every_package_may_be_handed_on_by_anybody() -> None:
    assert {name: found for name in NAMES if not (found := licences(name)) <= PERMITTED} == {}
