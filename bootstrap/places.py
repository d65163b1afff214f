"""Where things are in this checkout, and the commands inside its virtual environment."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = BIN / "python"
REQUIREMENTS = ROOT / "requirements"
BUILT = ROOT / "assets" / "built"


def var() -> Path:
    """The folder that keeps state (LANTERN_VAR, else `var/`), made when it is not there."""
    folder = Path(os.environ.get("LANTERN_VAR") or ROOT / "var")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def log(name: str) -> Path:
    """The file that keeps the full output of `name`; what was in it before is kept beside it as `.1`."""
    folder = var() / "log"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.log"
    if path.exists():
        path.replace(path.with_suffix(".log.1"))
    return path


def shown(path: Path) -> str:
    """The path as a person would type it from the checkout."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
