"""The account of the post in words and cells, for pages and for the command line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from delivery.models import Delivery
from delivery.operating import Account, Batch
from delivery.promise import Measured
from delivery.reasons import plain

Cell = dict[str, Any]
N: Cell = {"numeric": True}
OWED_HEAD: list[Cell] = [
    {"text": "Channel and urgency"},
    {"text": "Due", **N},
    {"text": "Due later", **N},
    {"text": "Being sent", **N},
    {"text": "Unsure", **N},
    {"text": "Stuck", **N},
    {"text": "Oldest", **N},
]
RATES_HEAD: list[Cell] = [
    {"text": "Channel"},
    {"text": "Last minute", **N},
    {"text": "Last 10 minutes", **N},
    {"text": "Last hour", **N},
]
FAILED_HEAD: list[Cell] = [
    {"text": "Reason"},
    {"text": "Channel"},
    {"text": "Last 24 hours", **N},
    {"text": "Last 7 days", **N},
]
RETRY_HEAD: list[Cell] = [
    {"text": "Reference"},
    {"text": "Network"},
    {"text": "Marking"},
    {"text": "Urgency"},
    {"text": "Failed", **N},
    {"text": "What you can do"},
]
TROUBLE_HEAD: list[Cell] = [{"text": "Server"}, {"text": "Since"}, {"text": "What it said"}]
TEST_HEAD: list[Cell] = [
    {"text": "Channel"},
    {"text": "State"},
    {"text": "Tries", **N},
    {"text": "What the server said"},
]
PROMISE_HEAD: list[Cell] = [
    {"text": "Urgency and time"},
    {"text": "Messages", **N},
    {"text": "Within 10 seconds", **N},
    {"text": "Half within", **N},
    {"text": "95 of 100 within", **N},
    {"text": "99 of 100 within", **N},
    {"text": "Still waiting", **N},
    {"text": "Failed", **N},
]
COLOURS = {
    Delivery.State.SENT: "green",
    Delivery.State.DELIVERED: "green",
    Delivery.State.FAILED: "red",
    Delivery.State.BOUNCED: "red",
    Delivery.State.UNSURE: "orange",
    Delivery.State.SUPPRESSED: "grey",
}


def page(found: Account) -> dict[str, Any]:
    """The tables of the operator's page, each with its head."""
    return {
        "account": found,
        "summary": in_short(found),
        "owed": _table(OWED_HEAD, [_owed(row) for row in found.owed]),
        "rates": _table(RATES_HEAD, [_texts(*row) for row in found.rates]),
        "failed": _table(FAILED_HEAD, [_texts(row.reason, row.channel, row.day, row.week) for row in found.failed]),
        "retryable": _table(RETRY_HEAD, [_batch(row) for row in found.retryable]),
        "troubles": found.troubles,
        "failed_today": sum(row.day for row in found.failed),
    }


def in_short(found: Account) -> str:
    """The whole account in a few short sentences, what somebody has to mend first."""
    wrong, failed = _wrong_in_words(found), _failed_in_words(found)
    if not (wrong or failed or found.total):
        return "Nothing is owed. Everything has been sent."
    return " ".join(filter(None, (wrong, _owed_in_words(found), failed)))


def in_lines(found: Account, may_repeat: Sequence[Batch]) -> list[str]:
    """The account for a terminal."""
    lines = [in_short(found)]
    if found.hold:
        lines.append(f"Held since {found.hold.since:%Y-%m-%d %H:%M:%S %Z} by {found.hold.by}: {found.hold.reason}")
    lines += [f"May be sent twice: {row.many:,} of {row.reference} ({row.network})" for row in may_repeat]
    for owed in found.owed:
        by = f"{owed.channel}, {owed.urgency.lower()}: {owed.queued:,} due, {owed.waiting:,} due later"
        lines.append(f"{by}, {owed.sending:,} being sent, {owed.unsure:,} unsure, {owed.stuck:,} stuck")
    lines += [f"{row.server} does not answer: {row.problem}" for row in found.troubles]
    for rate in found.rates:
        lines.append(f"{rate.channel}: {rate.minute:,} in a minute, {rate.ten:,} in ten, {rate.hour:,} in an hour")
    for lost in found.failed:
        lines.append(f"{lost.channel}, failed: {lost.day:,} in a day, {lost.week:,} in a week: {lost.reason}")
    return [plain(line) for line in lines]  # what somebody typed must not move the cursor of whoever reads it


def of_test(rows: Sequence[Delivery]) -> list[list[Cell]]:
    """One row for each channel."""
    return [
        [
            {"text": row.get_channel_display()},
            {"text": row.get_state_display(), "tag": COLOURS.get(Delivery.State(row.state), "blue")},
            {"text": str(row.attempts)},
            {"text": row.detail or "Nothing"},
        ]
        for row in rows
    ]


def of_promise(found: Sequence[Measured]) -> list[list[Cell]]:
    """One row for each urgency and period."""
    return [
        _texts(
            f"{row.urgency}, last {row.days} days",
            row.messages,
            _kept(row),
            *(how_long(took) if took is not None else "–" for took in (row.half, row.most, row.nearly_all)),
            row.waiting,
            row.failed,
        )
        for row in found
    ]


def _kept(row: Measured) -> Cell:
    kept = row.is_kept
    return {"text": f"{row.share:g}%{'' if kept else ': not kept'}", **({} if kept else {"tag": "red"})}


def how_long(took: dt.timedelta) -> str:
    """`0.4 seconds`, `12 seconds`, `4 minutes`, `3 hours`, `2 days`: as exact as anybody needs."""
    seconds = max(took.total_seconds(), 0)
    if seconds < 10:
        return f"{seconds:.1f} seconds"
    for size, unit, up_to in ((1, "second", 120), (60, "minute", 7200), (3600, "hour", 172800)):
        if seconds < up_to:
            return _counted(int(seconds // size), unit)
    return _counted(int(seconds // 86400), "day")


def _owed(row: Any) -> list[Cell]:
    oldest = how_long(row.oldest) if row.oldest else "–"
    return [
        {"text": f"{row.channel}, {row.urgency.lower()}"},
        *_texts(row.queued, row.waiting, row.sending, row.unsure),
        {"text": f"{row.stuck:,}", **({"tag": "red"} if row.stuck else {})},
        {"text": oldest},
    ]


def _batch(row: Batch) -> list[Cell]:
    again = {"text": "Try again", "about": row.reference, "url": reverse("delivery:retry_mailing", args=[row.mailing])}
    return [*_texts(row.reference, row.network, row.marking, row.urgency, row.many), again]


def _wrong_in_words(found: Account) -> str:
    if found.hold:
        return "Everything is held."
    if any(trouble.is_ours for trouble in found.troubles):
        return "A server does not answer."
    if found.stuck:
        return f"{_many(found.stuck)} due and not moving."
    return "Systems of agencies do not answer." if found.troubles else ""


def _failed_in_words(found: Account) -> str:
    many = sum(row.day for row in found.failed)
    return f"{many:,} failed in the last 24 hours." if many else ""


def _owed_in_words(found: Account) -> str:
    if not found.total:
        return "Nothing is owed."
    age = f"; the oldest for {how_long(found.oldest)}" if found.oldest else ""
    return f"{_many(found.total)} owed{age}."


def _many(count: int) -> str:
    return "1 message is" if count == 1 else f"{count:,} messages are"


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _table(head: list[Cell], rows: Sequence[Sequence[Cell]]) -> dict[str, Any]:
    return {"head": head, "rows": rows}


def _texts(*values: Any) -> list[Cell]:
    return [value if isinstance(value, dict) else {"text": _shown(value)} for value in values]


def _shown(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
