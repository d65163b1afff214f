"""What tests about people share: the post, and the link in a letter."""

from __future__ import annotations

import re

from django.core import mail

from network import actions, letters
from network.models import Invitation


def post() -> int:
    """Everything that is owed leaves, as the worker does it; how many letters were handed over."""
    return sum(letters.send(pk) for pk in letters.waiting())


def token_in(message: mail.EmailMessage) -> str:
    """The secret of the link in an invitation's letter."""
    found = re.search(r"/network/invitation/([\w-]{43})/", str(message.body))
    assert found, message.body
    return found[1]


def invited(place, by, email="new@haven.example", role="member", name="Nia Cole") -> tuple[Invitation, str]:
    """An invitation whose letter has left, and the secret in it."""
    made = actions.invite(email=email, name=name, role=role, place=place, by=by)
    mail.outbox.clear()
    assert post() == 1
    return made, token_in(mail.outbox[0])
