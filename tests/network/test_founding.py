from __future__ import annotations

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from accounts import actions as accounts
from accounts import links
from accounts.models import LinkRequest, User
from audit.models import Entry
from network import standing
from tests import factories

pytestmark = pytest.mark.django_db


def appoint(*words):
    call_command("appoint", *words)


class TestAppoint:
    def test_makes_the_first_operator_and_sends_a_link(self):
        appoint("operator", "Omar@Lantern.example", "Omar Siddiqui")
        omar = User.objects.get(email="omar@lantern.example")
        assert standing.of(omar).holds("operator")
        assert not omar.has_usable_password()
        links.answer(LinkRequest.objects.get().pk)
        assert mail.outbox[0].to == ["omar@lantern.example"]

    def test_leaves_an_entry_that_names_nobody_as_its_doer(self):
        appoint("national", "nora@lantern.example", "Nora Ellis")
        entry = Entry.objects.get(verb="appointment.make")
        assert (entry.actor_id, entry.details["role"]) == (None, "national")

    def test_gives_it_to_somebody_who_has_an_account(self, mia):
        appoint("national", mia.email)
        assert standing.of(mia).roles == {"lead", "national"}
        assert User.objects.filter(email=mia.email).count() == 1

    @pytest.mark.parametrize("role", ["lead", "coordinator", "superuser", ""])
    def test_gives_no_other_role(self, role, mia):
        with pytest.raises(CommandError, match="role of the platform"):
            appoint(role, mia.email)

    @pytest.mark.parametrize(
        ("words", "why"),
        [
            (("operator", "not an address", "Omar Siddiqui"), "valid email"),
            (("operator", "omar@lantern.example"), "full name"),
        ],
    )
    def test_says_what_is_missing_and_makes_nothing(self, words, why):
        with pytest.raises(CommandError, match=why):
            appoint(*words)
        assert not User.objects.exists()

    def test_refuses_twice(self, omar):
        with pytest.raises(CommandError, match="already"):
            appoint("operator", omar.email)

    def test_opens_a_closed_account_again_without_what_it_had(self, omar, mia):
        accounts.close(person=mia, by=factories.person("Olga Frost", "operator"))
        appoint("operator", mia.email)
        mia.refresh_from_db()
        assert (mia.is_active, mia.has_usable_password()) == (True, False)
        assert standing.of(mia).roles == {"operator"}
        assert Entry.objects.get(verb="account.reopen").actor_id is None
