"""The post in the words of Prometheus: what is true in the database at the moment of asking, and nothing kept between.

Labels are a channel and an urgency, never a person, a network or a message.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from delivery import operating
from delivery.channels import CHANNELS
from delivery.models import Mailing

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BY = ["channel", "urgency"]


def text() -> bytes:
    """All of it, as it is scraped."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Post())
    return generate_latest(registry)


class _Post(Collector):
    """Asked once for each scrape."""

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: to be registered must not cost a look into the database."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Each figure, in a fixed number of statements."""
        yield from _owed(operating.owed())
        failed = GaugeMetricFamily(
            "lantern_post_failed_last_hour", "Failed or came back in the last hour", labels=BY[:1]
        )
        for channel, many in operating.failed_last_hour().items():
            failed.add_metric([channel], many)
        yield failed
        silent = operating.breakers_open()
        yield GaugeMetricFamily("lantern_post_breakers_open", "Servers of ours that do not answer", silent)
        yield GaugeMetricFamily("lantern_post_held", "1 while everything is held", float(operating.hold() is not None))


def _owed(rows: list[operating.Owed]) -> Iterator[GaugeMetricFamily]:
    about: dict[str, tuple[str, Callable[[operating.Owed], float]]] = {
        "owed": ("Not sent yet, in whatever state", lambda row: row.total),
        "sending": ("Being handed over", lambda row: row.sending),
        "unsure": ("May or may not have been accepted", lambda row: row.unsure),
        "stuck": ("Due for a minute and not moving", lambda row: row.stuck),
        "oldest_seconds": ("How long the oldest has been owed", _seconds),
    }
    known = {(row.way, row.pace): row for row in rows}
    for name, (words, value) in about.items():
        family = GaugeMetricFamily(f"lantern_post_{name}", words, labels=BY)
        for way, pace in itertools.product(CHANNELS, map(str, Mailing.Urgency)):  # nought is said too
            row = known.get((way, pace))
            family.add_metric([way, pace], value(row) if row else 0)
        yield family


def _seconds(row: operating.Owed) -> float:
    return row.oldest.total_seconds() if row.oldest else 0.0
