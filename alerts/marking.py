"""How an alert must be handled: two labels, what they allow, and what may leave the platform.

Sources: Government Security Classifications Policy (Cabinet Office, August 2024) for OFFICIAL and -SENSITIVE; Traffic
Light Protocol 2.0 (FIRST) for the sharing labels. The sentences are ours.
"""

from __future__ import annotations

from django.db import models


class Classification(models.TextChoices):
    """The tier this platform may hold, and its need-to-know marking. Nothing above OFFICIAL is ever entered here."""

    OFFICIAL = "OFFICIAL", "OFFICIAL"
    SENSITIVE = "OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE"


class Tlp(models.TextChoices):
    """How far the reader may pass it on, from widest to narrowest."""

    CLEAR = "CLEAR", "TLP:CLEAR"
    GREEN = "GREEN", "TLP:GREEN"
    AMBER = "AMBER", "TLP:AMBER"
    AMBER_STRICT = "AMBER+STRICT", "TLP:AMBER+STRICT"
    RED = "RED", "TLP:RED"


OPEN_LABELS = (Tlp.CLEAR, Tlp.GREEN)
ALLOWS: dict[str, str] = {
    Tlp.CLEAR: "You may share this with anyone.",
    Tlp.GREEN: "You may share this with partner agencies in the network. Do not publish it.",
    Tlp.AMBER: "You may share this inside your own agency, and with the people it serves, if they need it to act.",
    Tlp.AMBER_STRICT: "You may share this only inside your own agency, with people who need it to act.",
    Tlp.RED: "For you alone. Do not pass this on to anybody, not even in your own agency.",
}
SENSITIVE_ALLOWS = (
    "This is marked OFFICIAL-SENSITIVE: share it only inside your own agency, with people who need it to act."
)


def text(classification: str, tlp: str) -> str:
    """The marking as it stands first in a subject line: `OFFICIAL-SENSITIVE TLP:AMBER`."""
    return f"{classification} TLP:{tlp}"


def withheld(classification: str, tlp: str) -> bool:
    """Whether the text stays behind sign-in: OFFICIAL-SENSITIVE, AMBER, AMBER+STRICT and RED never travel."""
    return classification != Classification.OFFICIAL or tlp not in OPEN_LABELS


def allows(classification: str, tlp: str) -> str:
    """May I pass it on? One plain sentence; where the two labels disagree, the stricter one answers."""
    looser = (Tlp.CLEAR, Tlp.GREEN, Tlp.AMBER)
    if classification == Classification.SENSITIVE and tlp in looser:
        return SENSITIVE_ALLOWS
    return ALLOWS[tlp]
