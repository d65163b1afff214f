"""Rows for tests of the post."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from delivery import post
from delivery.models import Audience, Mailing
from network.models import Agency, Appointment, Membership, Network
from tests.factories import LONG_AGO, AgencyFactory, UserFactory, sign_for_all


def audience(network: Network, **rule: Any) -> Audience:
    """A saved rule; everyone's leads and deputies unless the arguments say otherwise."""
    many = {name: rule.pop(name) for name in ("areas", "agencies", "excluded") if name in rule}
    rule = {"roles": ["lead", "deputy"], "everyone": not many and "kinds" not in rule, **rule}
    made = Audience.objects.create(network=network, **rule)
    for name, rows in many.items():
        getattr(made, name).set(rows)
    return made


def mailing(network: Network, **fields: Any) -> Mailing:
    """A mailing that is not saved yet."""
    usual = {
        "kind": Mailing.Kind.ALERT,
        "reference": f"{network.prefix}-2026-0042",
        "marking": "OFFICIAL",
        "subject": "White van near the marina",
        "text": "A white van was seen.\n\nCall the helpline if you see it.",
        "path": "/alerts/DUR-2026-0042/",
        "urgency": Mailing.Urgency.IMMEDIATE,
    }
    return Mailing(network=network, **{**usual, **fields})


def released(network: Network, rule: Audience | None = None, **fields: Any) -> Mailing:
    """A mailing that has gone in, to everyone's leads unless a rule is given."""
    return post.enclose(mailing=mailing(network, **fields), audience=rule or audience(network), only=None)


def leads(network: Network, count: int) -> list[User]:
    """So many people, each lead of an agency of their own."""
    made = UserFactory.build_batch(count)
    User.objects.bulk_create(made)
    agencies = AgencyFactory.build_batch(count)
    Agency.objects.bulk_create(agencies)
    Membership.objects.bulk_create(Membership(network=network, agency=agency, from_at=LONG_AGO) for agency in agencies)
    sign_for_all(agencies, network)
    Appointment.objects.bulk_create(
        Appointment(person=person, agency=agency, role="lead", from_at=LONG_AGO)
        for person, agency in zip(made, agencies, strict=True)
    )
    return made
