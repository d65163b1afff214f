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
    "contact.loosen": "let more people see a contact",
    "course.add": "added a course",
    "cover.name": "named the cover of a concealed listing",
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
    "listing.loosen": "let more people see a listing",
    "listing.tighten": "made a listing more private",
    "loosening.ask": "asked to let more people see a listing or contact",
    "loosening.end": "declined or took back a wish to let more people see a listing or contact",
    "mobile.reveal": "asked for a mobile number",
    "mobile.unusual": "asked for unusually many mobile numbers",
    "progress.record": "recorded progress on a commitment",
    "safe_place.ask": "asked to change a safe place",
    "safe_place.confirm": "allowed a change of a safe place",
    "safe_place.end": "declined or took back a change of a safe place",
    "safe_place.review": "looked at a proposed safe place",
    "safe_place.reveal": "looked at a safe place",
    "session.address": "chose who a training session is for",
    "session.announce": "announced a training session",
    "session.call_off": "called off a training session",
    "session.schedule": "planned a training session",
    "share.accept": "accepted a share of a listing",
    "share.decline": "declined a share of a listing",
    "share.end": "ended a share of a listing",
    "share.offer": "offered to share a listing",
    "trail.download": "downloaded a sheet of the audit trail",
    "trail.export": "exported the audit trail for checking",
    "seal.mail": "sent the newest seal to the auditors",
}


def sentence(verb: str) -> str:
    """What was done, after the name of who did it."""
    noun, _, deed = verb.partition(".")
    if deed == "load":
        return f"loaded a reference table ({noun})"
    return WORDS.get(verb, verb.replace(".", " ").replace("_", " "))
