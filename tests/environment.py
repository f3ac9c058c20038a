"""The environment that notebooks are tested and refreshed in: recorded replies, strict, and nothing of this machine."""

from __future__ import annotations

import os
from pathlib import Path


def clean(home: Path) -> dict[str, str]:
    """This process's environment without keys and settings, with every folder that is written to inside `home`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANTHROPIC_", "TUTOR_", "JUPYTER", "IPYTHON", "MPL"))
    }
    folders = {
        name: str(home / name.lower())
        for name in ("TUTOR_HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    }
    return (
        kept
        | folders
        | {
            "TUTOR_MODE": "recorded",  # a `.env` with a key changes nothing here
            "TUTOR_STRICT": "1",
            "TUTOR_PACE": "0",
            "MPLCONFIGDIR": str(home / "matplotlib"),
            "JUPYTER_PLATFORM_DIRS": "1",  # silences jupyter_core's note about its coming default
            "PYTHONUTF8": "1",
        }
    )
