"""Who may know of an alert, and why, in words: as far as the one who asks may hear them."""

from __future__ import annotations

from typing import Any

from alerts import board
from alerts.models import Alert
from alerts.reasons import By, Facts, Way, facts_of, why
from network import sight, standing
from network.dates import Moment
from network.sight import Answer, Everyone, Reason, Told

NOT_YET = "This alert had not been written yet."
READS = {
    True: "may read it",
    False: "knows of it, but may not read it",
    None: "Lantern cannot tell whether they could read it",
}
RANKS = {By.AUTHOR: 0, By.RUN: 1, By.SENT: 2, By.WATCH: 3, By.NATION: 4}


def may_ask(by: Any, alert: Alert) -> bool:
    """Whether the person may hear who else knows of it: those who follow how it fares with everyone."""
    return board.sees_all(alert, by)


def of_alert(alert: Alert, *, by: Any, at: Moment = None) -> Told:
    """Who may know of the alert, now or at a past moment, and who may read it. About fifteen queries."""
    facts = facts_of(alert, at=at)
    if facts is None:
        return Told(Answer(), NOT_YET)
    everyone, known = sight.everyone(at=at), sight.known_to(by)
    return Told(sight.answer(lambda here: reasons(facts, here, everyone), everyone, known))


def of_oneself(alert: Alert, *, by: Any) -> list[str]:
    """Why the person may know of the alert, in words."""
    facts = facts_of(alert)
    if facts is None:
        return []
    return sight.in_words(reasons(facts, standing.of(by), sight.nobody()))


def reasons(facts: Facts, here: standing.Standing, everyone: Everyone) -> list[Reason]:
    """Each way in as a reason."""
    return [_reason(facts, way, everyone) for way in why(facts, here)]


def _reason(facts: Facts, way: Way, everyone: Everyone) -> Reason:
    network = everyone.networks[facts.network]
    held, reads = everyone.held(way.seat), READS[way.reads]
    group, heading, words = {
        By.AUTHOR: ("author", "Its author", f"Wrote it as {held[0].lower()}{held[1:]}"),
        By.RUN: (f"run:{facts.network}", f"Coordinators and approvers of {network}", held),
        By.SENT: ("sent", "People it was sent to", f"It was sent to them as {held[0].lower()}{held[1:]}"),
        By.WATCH: ("watch", f"Auditors of {network}", held),
        By.NATION: ("nation", "National coordinators", held),
    }[way.by]
    return Reason(RANKS[way.by], group, heading, f"{words}: {reads}", way.seat)
