"""What a role would open to somebody, asked before it is given or ended. The floors above know what there is to see."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.models import User
from network.models import Agency, Appointment, Network


def of_role(person: User | None, role: str, place: Agency | Network | None, *, by: Any) -> Any:
    """What the person (None: somebody new) would gain by this role; in an agency it takes the place of another."""
    return import_string(settings.ROLE_PREVIEW)(person, role, place, by=by)


def of_end(appointment: Appointment, *, by: Any) -> Any:
    """What the person would lose with this appointment."""
    place = appointment.agency or appointment.network
    return import_string(settings.ROLE_PREVIEW)(appointment.person, appointment.role, place, by=by, adding=False)
