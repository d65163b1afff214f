"""When the last message was sent, remembered outside the database: by it one that was set back to an earlier day is
noticed. It is a moment and nothing else, may be lost at any time, and is no truth: without it nothing is held.

`settings.POST_MARK` says where: `cache`, which in production is Redis; the path of a file; or nowhere, when empty.
"""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path

from django.conf import settings
from django.core.cache import cache

KEY = "post.last-sent"
logger = logging.getLogger(__name__)


def read() -> dt.datetime | None:
    """The moment that is remembered; None when there is none, or when it cannot be read."""
    try:
        kept = cache.get(KEY) if settings.POST_MARK == "cache" else _file().read_text() if settings.POST_MARK else None
        return dt.datetime.fromisoformat(kept) if kept else None
    except FileNotFoundError:
        return None
    except Exception as problem:  # whatever is wrong with a cache, messages are not held for it
        logger.warning("waymark_not_read", extra={"problem": type(problem).__name__})
        return None


def write(moment: dt.datetime) -> None:
    """Remember it, as well as that goes."""
    _keep(moment.isoformat())


def forget() -> None:
    """What is remembered is of no use any more."""
    _keep("")


def _keep(words: str) -> None:
    try:
        if settings.POST_MARK == "cache":
            cache.set(KEY, words, timeout=None)
        elif settings.POST_MARK:
            _file().write_text(words)
    except Exception as problem:
        logger.warning("waymark_not_written", extra={"problem": type(problem).__name__})


def _file() -> Path:
    return Path(settings.POST_MARK)
