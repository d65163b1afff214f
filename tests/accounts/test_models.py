from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


class TestUser:
    def test_keeps_one_person_an_address_in_any_case_of_letters(self):
        UserFactory(email="sian@lantern.example")
        with pytest.raises(IntegrityError), transaction.atomic():
            UserFactory(email="Sian@Lantern.example")

    def test_is_never_a_superuser(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            UserFactory(is_superuser=True)

    def test_is_found_by_address_in_any_case_of_letters(self):
        person = User.objects.create_user("Siân.Ŵyn@lantern.example", "Siân Ŵyn", "a long pass phrase")
        assert User.objects.get_by_natural_key("SIÂN.ŴYN@lantern.example") == person

    def test_cannot_sign_in_without_a_password(self):
        assert not User.objects.create_user("nia@lantern.example", "Nia Rhys").has_usable_password()

    def test_has_identifiers_in_the_order_of_making(self):
        first, second = UserFactory(), UserFactory()
        assert first.pk.version == 7
        assert first.pk < second.pk
