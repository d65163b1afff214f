"""Settings of how the platform is run and watched."""

from __future__ import annotations

from pathlib import Path

from config import environment as env

METRICS_TOKEN = env.text("METRICS_TOKEN")  # who may read /metrics; nobody, without it
# Where the post remembers when it last sent something, outside the database: see `delivery.waymark`.
_beside = Path(env.text("VAR", str(Path(__file__).resolve().parent.parent / "var"))) / "last-sent"
POST_MARK = {"production": "cache", "development": str(_beside)}.get(env.text("MODE", "production"), "")
