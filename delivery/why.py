"""“Why did I not get this?”: for one recipient, each way with what happened by it, in words and with times.

It is told to the recipient alone. What the other side said is told in words that servers use (`delivery.reasons`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from django.utils import timezone
from django.utils.formats import date_format

from accounts.dates import written
from delivery import confirming, operating, wishes
from delivery.channels.text import is_on
from delivery.models import Delivery, Mailing, Number, Preference, Recipient, SetAside
from delivery.reasons import UNKNOWN, reason
from delivery.running import AGAIN

State, Channel, Choice = Delivery.State, Delivery.Channel, Preference.Choice
IN_PLATFORM = "In the platform"
SINCE_RELEASE = "You have had it here since its release."
UNSURE = "It was handed over, but no answer came. It is sent again, so you may have it twice."
NO_NUMBER = "You have given no number for text messages."
NEVER_CONFIRMED = "You gave a number for text messages, but it was never confirmed by the code that was sent to it."
SUPPRESSED = {
    wishes.TURNED_OFF: "You have turned this off.",
    wishes.IN_SUMMARY: "You chose to have it in one summary a day. The summary lists what is still open.",
    wishes.ADDRESS_SET_ASIDE: "Your address is set aside, because messages to it came back.",
}


class Way(NamedTuple):
    """One way to a person: what it is called, what became of the message in a word, in a sentence or two, and when."""

    name: str
    outcome: str
    words: str
    at: dt.datetime | None


def ways(recipient: Recipient) -> list[Way]:
    """Each way to the recipient, the platform first. The same few queries whatever happened."""
    by_channel = {delivery.channel: delivery for delivery in recipient.deliveries.all()}
    found = [_in_platform(recipient)]
    for channel in Channel:
        if channel in by_channel:
            found.append(_told(by_channel[channel]))
        elif channel == Channel.TEXT:
            found.append(Way(Channel.TEXT.label, "Not sent", _why_no_text(recipient), None))
        elif channel == Channel.EMAIL:
            found.append(Way(Channel.EMAIL.label, "Not sent", "It was not to be sent by email.", None))
    return found


def _in_platform(recipient: Recipient) -> Way:
    since, withdrawn = recipient.has_had_it_since, recipient.mailing.withdrawn_at
    if recipient.acknowledged_at:
        words = f"You acknowledged it on {_moment(recipient.acknowledged_at)}."
        return Way(IN_PLATFORM, "Acknowledged", words, since)
    words = f"You have had it here since {_moment(since)}." if recipient.added_at else SINCE_RELEASE
    words = f"It was withdrawn on {_moment(withdrawn)}." if withdrawn else words
    return Way(IN_PLATFORM, "Withdrawn" if withdrawn else "Here", words, since)


def _told(delivery: Delivery) -> Way:
    outcome, say, at = _SAID[State(delivery.state)]
    again = " It may have reached you twice: one answer of the server was lost." if delivery.possible_repeat else ""
    return Way(
        delivery.get_channel_display(),
        outcome,
        say(delivery) + again,
        getattr(delivery, at) or delivery.finished_at if at else None,
    )


def _queued(delivery: Delivery) -> str:
    due = _moment(delivery.due_at)
    if operating.hold():
        return "Nothing is sent to anybody at the moment. It goes out when that has ended."
    if delivery.detail == AGAIN:
        return "It is about to be sent again."
    if delivery.due_at <= timezone.now():
        return f"It is about to be sent.{_problem(delivery)}"
    if delivery.detail in {wishes.RESTING, ""}:
        return f"It waits until {due}: these are your quiet hours."
    return f"It could not be sent yet and is tried again on {due}.{_problem(delivery)}"


def _sent(delivery: Delivery) -> str:
    if delivery.channel == Channel.EMAIL:
        return "Your mail server took it. If you do not find it, look among the junk mail."
    return "The other side took it."


def _failed(delivery: Delivery) -> str:
    return f"It could not be delivered.{_problem(delivery)}"


def _suppressed(delivery: Delivery) -> str:
    return SUPPRESSED.get(delivery.detail, delivery.detail)


def _detail(delivery: Delivery) -> str:
    return delivery.detail


def _problem(delivery: Delivery) -> str:
    said = reason(delivery.detail)  # a server may name somebody: who has the mailbox now, or where they went
    return f" The other side said: {said}." if said != UNKNOWN else ""


# By state: what became of it, what to say, and the moment to show with it.
_SAID: dict[Delivery.State, tuple[str, Callable[[Delivery], str], str]] = {
    State.QUEUED: ("Waiting", _queued, ""),
    State.SENDING: ("Being sent", lambda _: "It is being sent at this moment.", ""),
    State.UNSURE: ("Not known", lambda _: UNSURE, ""),
    State.SENT: ("Sent", _sent, "sent_at"),
    State.DELIVERED: ("Delivered", lambda _: "It arrived.", "sent_at"),
    State.FAILED: ("Failed", _failed, "finished_at"),
    State.BOUNCED: ("Came back", _failed, "finished_at"),
    State.SUPPRESSED: ("Not sent", _suppressed, "finished_at"),
    State.EXPIRED: ("Not sent", _detail, "finished_at"),
    State.WITHDRAWN: ("Not sent", _detail, "finished_at"),
}


def _why_no_text(recipient: Recipient) -> str:
    if not is_on():
        return "Text messages are not set up here."
    number = Number.objects.filter(person=recipient.person_id).first()
    if number is None:
        return NEVER_CONFIRMED if confirming.waiting(recipient.person) else NO_NUMBER
    gone = SetAside.objects.filter(person=recipient.person_id, channel=Channel.TEXT, address=number.number)
    if gone.filter(until_at=None, flagged_only=False).exists():
        return "Your number is set aside, because messages to it came back."
    chosen = Preference.objects.filter(
        person=recipient.person_id, kind=recipient.mailing.kind, channel=Channel.TEXT
    ).first()
    if chosen is not None and chosen.choice == Choice.OFF:
        return "You have turned text messages off."
    if chosen is not None:
        return "You had not asked for text messages when it was released."
    return f"You have not asked for text messages about {_WHAT[Mailing.Kind(recipient.mailing.kind)]}. {IN_NEED}"


IN_NEED = (
    "One is sent only when an email could not be delivered and the message is urgent, or to those who lead an agency "
    "when nobody there acknowledges an alert that cannot wait."
)
_WHAT = {
    Mailing.Kind.ALERT: "alerts",
    Mailing.Kind.TRAINING: "training",
    Mailing.Kind.DIGEST: "summaries",
    Mailing.Kind.NOTICE: "notices",
}


def _moment(at: dt.datetime) -> str:
    at = timezone.localtime(at)
    return f"{date_format(at, 'j F Y')} at {written(at)}"
