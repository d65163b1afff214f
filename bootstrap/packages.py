"""The virtual environment and the wheels in it, from hash-locked lists; done again only when a list has changed."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from bootstrap.places import PYTHON, REQUIREMENTS, VENV
from bootstrap.steps import Trouble, step

STAMP = VENV / "lantern-installed.json"
INCLUDES = {"demo": ("demo",), "dev": ("dev", "demo"), "node": ("node",)}


def install(name: str) -> None:
    """Have the wheels of requirements/<name>.txt in `.venv`, made first when there is none.

    Raises Trouble when Python's venv module is missing or a wheel cannot be had.
    """
    make_environment()
    lists = {each: _fingerprint(REQUIREMENTS / f"{each}.txt") for each in INCLUDES[name]}
    done = _installed()
    if done.get(name) == lists[name]:
        return
    path = REQUIREMENTS / f"{name}.txt"
    step(
        "Installing Python packages" if name != "node" else "Installing Node.js (there is no npm here)",
        [*_installer(), "--only-binary", ":all:", "--require-hashes", "-r", path],
        name=f"install-{name}",
        trouble=_why,
        counts=lambda line: line.startswith(("Collecting ", "Requirement already satisfied")),
        total=path.read_text().count("=="),
    )
    kept = {each: mark for each, mark in done.items() if each == "node"}
    _keep({**(done if name == "node" else kept), **lists})


def make_environment() -> None:
    """Have a working `.venv`. Raises Trouble when Python cannot make one."""
    if _works():
        return
    missing = venv_missing()
    uv = shutil.which("uv")
    if missing and not uv:
        raise Trouble(missing)
    shutil.rmtree(VENV, ignore_errors=True)
    step(
        "Making the virtual environment",
        [uv, "venv", "--python", sys.executable, VENV] if uv else [sys.executable, "-m", "venv", VENV],
        name="environment",
        trouble="Could not make the virtual environment .venv: check that this folder can be written to.",
    )


def venv_missing() -> str | None:
    """The sentence for a Python without its venv module (Debian and Ubuntu package it apart), or None."""
    if all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        return None
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    advice = f"install it (on Debian or Ubuntu: sudo apt install {package}), then run this again."
    return f"This Python comes without its venv module: {advice}"


def _works() -> bool:
    """Whether `.venv` has a Python that runs, new enough, and something to install with."""
    tool = "import sys" if shutil.which("uv") else "import sys, pip"
    if STAMP.exists():
        tool = "import sys"
    try:
        check = [str(PYTHON), "-c", f"{tool}; sys.exit(sys.version_info < (3, 11))"]
        return subprocess.run(check, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _installer() -> list[str | Path]:
    uv = shutil.which("uv")
    if uv:
        return [uv, "pip", "install", "--compile-bytecode", "--python", PYTHON]
    return [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]


def _why(output: str) -> str:
    if "DO NOT MATCH THE HASHES" in output or "Hash mismatch" in output:
        return "A downloaded Python package is not the one expected (its checksum differs), so nothing was installed."
    if "No space left" in output:
        return "The disk is full: make room and run this again."
    return "Could not download the Python packages: check the network connection, then run this again."


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _installed() -> dict[str, str]:
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


def _keep(marks: dict[str, str]) -> None:
    scratch = STAMP.with_suffix(f".{os.getpid()}")
    scratch.write_text(json.dumps(marks, indent=1))
    scratch.replace(STAMP)
