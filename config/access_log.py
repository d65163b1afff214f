"""The web server's log of requests, without what opens anything."""

from __future__ import annotations

from typing import Any

from gunicorn.glogging import Logger

from config.logs import without_keys


class AccessLog(Logger):
    """Gunicorn's own, in which no address holds a key and no question of somebody's search stands.

    Used by `gunicorn --logger-class config.access_log.AccessLog`.
    """

    def atoms(self, *about: Any) -> dict[str, Any]:
        """What the line is made of."""
        found: dict[str, Any] = super().atoms(*about)
        return {name: without_keys(value) if name in {"r", "U", "f"} else value for name, value in found.items()} | {
            "q": ""
        }
