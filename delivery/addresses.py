"""Addresses at which messages do not arrive: those set aside, and those looked after."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q

from audit.visible import VisibleQuerySet
from delivery.models import Delivery, Number, SetAside
from network.standing import Standing


def amiss(reader: Standing) -> VisibleQuerySet[SetAside]:
    """Those that the reader looks after and that are still the address of the person, who still has an account; the
    newest first."""
    by_email = Q(channel=Delivery.Channel.EMAIL, address=F("person__email"))
    its_number = Number.objects.filter(person=OuterRef("person"), number=OuterRef("address"))
    by_text = Q(Exists(its_number), channel=Delivery.Channel.TEXT)
    rows = SetAside.objects.visible_to(reader).filter(by_email | by_text, until_at=None, person__is_active=True)
    return rows.select_related("person").order_by("-since", "-pk")
