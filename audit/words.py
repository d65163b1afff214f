"""Deeds in words. A deed without a sentence of its own is read from its verb: `key.end` as “key end”."""

from __future__ import annotations

WORDS = {
    "adoption.correct": "corrected a council’s decision",
    "adoption.record": "recorded a council’s decision",
    "adoption.remove": "removed a decision recorded by mistake",
    "agency.edit": "edited an agency",
    "alert.acknowledge": "acknowledged an alert",
    "alert.address": "chose who an alert is for",
    "alert.draft": "drafted an alert",
    "alert.edit": "edited an alert",
    "alert.release": "released an alert",
    "alert.return": "returned an alert to its author",
    "alert.submit": "submitted an alert for approval",
    "alert.withdraw": "withdrew an alert",
    "booking.cancel": "gave up a place",
    "booking.make": "booked a place",
    "course.add": "added a course",
    "evidence.add": "added evidence",
    "evidence.publish": "published evidence",
    "evidence.remove": "took evidence away",
    "evidence.withhold": "made evidence private",
    "grant.end": "ended a need-to-know grant",
    "grant.give": "gave a need-to-know grant",
    "key.end": "ended an API key",
    "key.issue": "issued an API key",
    "listing.add": "added a listing",
    "listing.confirm": "confirmed that a listing is right",
    "listing.edit": "edited a listing",
    "listing.tighten": "made a listing more private",
    "progress.record": "recorded progress on a commitment",
    "session.address": "chose who a training session is for",
    "session.announce": "announced a training session",
    "session.call_off": "called off a training session",
    "session.schedule": "planned a training session",
}


def sentence(verb: str) -> str:
    """What was done, after the name of who did it."""
    noun, _, deed = verb.partition(".")
    if deed == "load":
        return f"loaded a reference table ({noun})"
    return WORDS.get(verb, verb.replace(".", " ").replace("_", " "))
