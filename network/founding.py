"""Roles in the whole platform: operators and national coordinators. No page gives them; whoever has the server does.

So there is no door that could be left open after the first day, and each is in the audit trail like any other deed.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts import links, reopening
from accounts.models import User
from audit import trail
from network.models import Appointment


@transaction.atomic
def appoint(*, email: str, name: str, role: str) -> Appointment:
    """Give a role in the platform to whoever has this address; somebody new gets an account, a closed account is opened
    again without anything it had, and each gets a link to choose a password by email. They set up a second factor when
    they sign in.

    Raises ValidationError for a role that is not of the platform, an address that is none, no name, and a role that the
    person has already.
    """
    if role not in Appointment.PLATFORM_ROLES:
        raise ValidationError(f"Choose a role of the platform: {', '.join(Appointment.PLATFORM_ROLES)}.")
    person = _person(email.strip().lower(), name.strip())
    if Appointment.objects.live().filter(person=person, role=role).exists():
        raise ValidationError(f"{person} has this role already.")
    appointment = Appointment.objects.create(person=person, role=role)
    trail.record("appointment.make", appointment, role=str(role), person=str(person.pk))
    links.ask(person.email)
    return appointment


def _person(email: str, name: str) -> User:
    known: User | None = User.objects.filter(email=email).first()
    if known is None:
        validate_email(email)
        if not name:
            raise ValidationError("Give the person's full name.")
        made: User = User.objects.create_user(email, name)
        return made
    return reopening.begin_anew(known, name=name or known.name, password=None) or known
