"""How long a sign-in lasts, where a person is signed in, and the end of it.

A session ends when it has not been used for a while, when it is old, when it is ended from elsewhere, and with its
person's account. All of it is decided here on the server, for each request, and without a query: when it began and when
it was last used are in the session itself, when everything was ended is on the person's own row.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from accounts import devices, moving
from accounts.models import SignIn, User

BEGAN, SEEN = "lantern_began", "lantern_seen"
SEEN_EVERY = 60  # seconds: how often the session is told that it is still in use

IDLE = "You were signed out because you had not used Lantern for {idle}. Sign in to go on where you were."
OLD = "You were signed out because a sign-in lasts {old} at most. Sign in to go on where you were."
GONE = "You are not signed in any more. Sign in to go on where you were."
ENDED = "You were signed out from another device, or your password was changed. Sign in again."


class Place(NamedTuple):
    """One line of “Where you are signed in”."""

    pk: int
    device: str
    began_at: dt.datetime
    seen_at: dt.datetime
    is_here: bool


def begin(request: HttpRequest, person: User) -> None:
    """Start counting, and remember the device in words. Call it once the person has been signed in."""
    request.session[BEGAN] = request.session[SEEN] = time.time()
    request.session.save()
    SignIn.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={"person": person, "device": devices.in_words(request.headers.get("User-Agent", "")[:300])},
    )


def why_over(request: HttpRequest) -> str | None:
    """Why this signed-in session may not go on, in a sentence; None when it may. What does not say since when it has
    been going on does not go on."""
    began, seen = request.session.get(BEGAN), request.session.get(SEEN)
    return _why_over(began, seen, getattr(request.user, "signed_out_at", None))


def is_gone(request: HttpRequest) -> bool:
    """Whether the browser speaks of a session that is not there: ended from elsewhere, or cleared away. Said once,
    because Django then takes the cookie back."""
    return bool(request.COOKIES.get(settings.SESSION_COOKIE_NAME)) and request.session.is_empty()


def touch(request: HttpRequest) -> None:
    """The session is still in use."""
    if time.time() - request.session[SEEN] >= SEEN_EVERY:
        request.session[SEEN] = time.time()


def follow(before: str | None, after: str | None) -> None:
    """A session goes on under another key: changing a password does that."""
    if before and after and before != after:
        SignIn.objects.filter(session_key=before).update(session_key=after)


def places(person: User, here: str | None) -> list[Place]:
    """Where the person is signed in at this moment, this place first. Two queries."""
    rows = {row.session_key: row for row in SignIn.objects.filter(person=person)}
    living = Session.objects.filter(session_key__in=rows, expire_date__gt=timezone.now())
    known, found = person.get_session_auth_hash(), []
    for session in living:
        data = session.get_decoded()
        began, seen = data.get(BEGAN), data.get(SEEN)
        if seen is None or data.get(HASH_SESSION_KEY) != known or _why_over(began, seen, person.signed_out_at):
            continue
        row = rows[session.session_key]
        last = dt.datetime.fromtimestamp(seen, tz=dt.UTC)
        found.append(Place(row.pk, row.device, row.began_at, last, row.session_key == here))
    return sorted(found, key=lambda place: (not place.is_here, -place.seen_at.timestamp()))


def end(sign_in: SignIn) -> None:
    """End one session, at once."""
    Session.objects.filter(session_key=sign_in.session_key).delete()
    sign_in.delete()


def end_all(person: User, *, but: str | None = None) -> None:
    """End every session of this person, except the one with this key. Without one, whatever session there may be that
    we have lost sight of ends as well. A change of address that one of them asked for is not made any more."""
    rows = SignIn.objects.filter(person=person).exclude(session_key=but or "")
    Session.objects.filter(session_key__in=list(rows.values_list("session_key", flat=True))).delete()
    rows.delete()
    moving.end_all(person)
    if but is None:
        person.signed_out_at = timezone.now()  # the clock that sessions begin by
        User.objects.filter(pk=person.pk).update(signed_out_at=person.signed_out_at)


def forget_ended() -> int:
    """Clear away what is over; return how many rows. Nothing depends on it."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    gone, _ = SignIn.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return gone


def _why_over(began: float | None, seen: float | None, ended_at: dt.datetime | None) -> str | None:
    now = time.time()
    if not began or not seen or (ended_at is not None and began <= ended_at.timestamp()):
        return ENDED
    if now - began > settings.SESSION_COOKIE_AGE:
        return OLD.format(old=_in_words(settings.SESSION_COOKIE_AGE))
    if now - seen > settings.SESSION_IDLE_SECONDS:
        return IDLE.format(idle=_in_words(settings.SESSION_IDLE_SECONDS))
    return None


def _in_words(seconds: int) -> str:
    hours, minutes = seconds // 3600, max(1, seconds // 60)
    if hours:
        return f"{hours} hour{'s' if hours > 1 else ''}"
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
