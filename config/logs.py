"""Log lines for machines in production, for eyes in development. No request body, no person, no local variable."""

from __future__ import annotations

import logging.config
import re

import structlog

# An invitation, a link to unsubscribe or to set a password opens something for whoever has it. A row's ID does not.
KEY = re.compile(r"(?<=/)(?![0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b)[\w:=.~-]{20,}(?=/|\s|$)", re.ASCII)
ASKED = re.compile(r"(?<=/)\?\S*")  # of a search, somebody's name
# What our own lines say besides their name. What libraries add is left out: Django's whole request, Celery's arguments.
BESIDES = ("channel", "count", "delivery", "kind", "problem", "reason", "state")


def logging_for(mode: str) -> None:
    """Configure the standard library's logging and structlog for this mode; call once, from settings."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _without_keys,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,  # plain tracebacks: the pretty ones print local variables, passwords too
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if mode == "production"
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "lines": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": [structlog.stdlib.ExtraAdder(allow=BESIDES), *shared],
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                }
            },
            "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
            "root": {"handlers": ["console"], "level": "INFO" if mode == "production" else "WARNING"},
        }
    )


def without_keys(words: str) -> str:
    """The same line, its addresses without what was asked and without what opens anything."""
    return ASKED.sub("", KEY.sub("(key)", words))


def _without_keys(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {**event, "event": without_keys(str(event.get("event", "")))}
