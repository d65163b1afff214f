"""Who may still be sent a message at this moment: the one place that words it, for deliveries and for recipients."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from network.dates import going_on
from network.models import Appointment, Dated, Membership
from network.standing import signatories_of

Row = TypeVar("Row", bound=Model)


def going() -> Q:
    """Of rows about a mailing: that the message has neither been withdrawn nor expired nor outlived its deadline."""
    unexpired = Q(mailing__expires_at=None) | Q(mailing__expires_at__gt=Now())
    return unexpired & Q(mailing__withdrawn_at=None, mailing__deadline_at__gt=Now())


def belongs(agency: str = "agency", mailing: str = "mailing") -> Q:
    """Of rows that lead to an agency and a mailing: that the agency is still in that network, and has signed its
    agreement where the message is read only behind sign-in."""
    network = OuterRef(f"{mailing}__network")
    member = Membership.objects.live().filter(agency=OuterRef(agency), network=network)
    signed = signatories_of(network).filter(agency=OuterRef(agency))
    return Q(Q(**{f"{mailing}__withheld": False}) | Q(Exists(signed)), Exists(member))


def entitled(rows: QuerySet[Row], to: str = "") -> QuerySet[Row]:
    """Those whose person still speaks for that agency, and whose agency is still in that network; what is read only
    behind sign-in needs the agency's signature as well. Who was written to for no agency still has that role, in the
    network, which has not ended, or in the platform. `to` leads from a row to its recipient: `recipient__`."""
    person, agency, network = OuterRef(f"{to}person"), OuterRef(f"{to}agency"), OuterRef("mailing__network")
    # Whether the agency is live is asked below, of this network; `Appointments.live` would ask it of every network.
    held = Dated.live(Appointment.objects.filter(person=person, person__is_active=True))
    appointed = held.filter(agency=agency)
    here = Q(going_on("network__"), network=network) | Q(network=None)
    runs = held.filter(here, role=OuterRef(f"{to}role"), agency=None)
    speaks = belongs(f"{to}agency") & Q(Exists(appointed))
    return rows.filter(speaks | Q(Exists(runs), **{f"{to}agency": None}))
