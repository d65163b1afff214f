"""Two acceptances of one invitation at the same moment give one account and one appointment, on either engine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connections

from accounts.models import User
from accounts.tokens import digest_of
from network import actions
from network.models import Appointment
from tests import factories
from tests.network.people import invited


@pytest.mark.django_db(transaction=True)
def test_gives_one_appointment_for_two_presses_at_once():
    network = factories.NetworkFactory()
    haven = factories.AgencyFactory(name="Haven House", network=network)
    mia = factories.person("Mia Hughes", "lead", haven)
    _, token = invited(haven, mia)
    together = Barrier(4)

    def press(number: int) -> bool:
        together.wait()
        try:
            digest = digest_of(token)
            actions.join(digest=digest, name=f"Nia {number}", password="three kites at dawn", by=AnonymousUser())
        except (PermissionDenied, DatabaseError):
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(4) as presses:
        outcomes = list(presses.map(press, range(4)))
    assert outcomes.count(True) == 1
    nia = User.objects.get(email="new@haven.example")
    assert Appointment.objects.filter(person=nia).count() == 1
