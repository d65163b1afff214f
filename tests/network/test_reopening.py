"""A closed account is opened again by an invitation, and of what it had before nothing comes back."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client

from accounts import actions as accounts
from accounts import codes, links, tasks
from accounts.models import Identity, LinkRequest, SignIn, User
from alerts import actions as alert_actions
from alerts.models import Alert
from audit.models import Entry
from delivery.models import Number
from directory import need_to_know
from directory.models import Listing, ListingGrant
from network import actions, standing
from network.models import ApiKey, Appointment, Invitation
from tests import factories
from tests.accounts.conftest import is_in
from tests.alerts import factories as alerts
from tests.directory.factories import ListingFactory
from tests.network.people import invited

pytestmark = pytest.mark.django_db
HERE = "/network/invitation/"
BEFORE, AGAIN = "lanterns-in-the-harbour-42", "three green kites at dawn"


def opened(client: Client, token: str) -> Client:
    """A browser in which the link in the letter was followed."""
    client.get(f"{HERE}{token}/")
    return client


def follow(token: str, name: str = "Ben Okafor") -> Client:
    """And the invitation accepted."""
    client = opened(Client(), token)
    client.post(HERE, {"name": name, "password": AGAIN})
    return client


@pytest.fixture
def session(client, ben):
    """A browser in which Ben was signed in before he left."""
    factories.sign_in(client, ben)
    SignIn.objects.create(person=ben, session_key=client.session.session_key, device="Firefox")
    return client


@pytest.fixture
def closed(ben, mia, otto, haven, harbour, session) -> User:
    """Ben led the refuge too and had one of everything when his account was closed."""
    listing = ListingFactory(agency=harbour, access="concealed", name="Number Nine")
    told = {"with_place": False, "reason": "Joint visit, agreed at the meeting", "hours": 24}
    need_to_know.give(listing=listing, person=ben, by=factories.fresh(otto), **told)
    factories.appoint(ben, "lead", haven)
    ben.set_password(BEFORE)
    ben.save(update_fields=["password"])
    codes.keep_app(ben, codes.new_secret())
    codes.keep_recovery_codes(ben)
    Identity.objects.create(person=ben, issuer="i", subject="s")
    Number.objects.create(person=ben, number="+447700900123")
    ApiKey.objects.create(agency=haven, owner=ben, name="x", digest="1" * 64, expires_at="2099-01-01T00:00Z")
    assert Listing.objects.visible_to(ben).filter(name="Number Nine").exists()
    accounts.close(person=ben, by=mia)
    ben.refresh_from_db()
    mail.outbox.clear()
    return ben


class TestNothingOldComesBack:
    def test_but_the_role_that_was_given_now(self, closed, haven, harbour, otto, session):
        _, token = invited(harbour, otto, email=closed.email)
        follow(token)
        closed.refresh_from_db()
        assert (closed.is_active, closed.closed_at) == (True, None)
        live = Appointment.objects.live().filter(person=closed)
        assert list(live.values_list("role", "agency")) == [("member", harbour.pk)]
        assert not ApiKey.objects.live().filter(owner=closed).exists()
        assert not ListingGrant.objects.visible_to(closed).exists()
        assert not closed.authenticator_set.exists()
        assert Identity.holder("i", "s") is None
        assert not Number.objects.filter(person=closed).exists()
        assert not closed.check_password(BEFORE)
        assert not is_in(session), "an old session came back"

    def test_in_the_same_agency_either(self, closed, haven, mia):
        _, token = invited(haven, mia, email=closed.email)
        follow(token)
        assert standing.of(User.objects.get(pk=closed.pk)).roles == {"member"}
        assert not Listing.objects.visible_to(closed).filter(name="Number Nine").exists()

    def test_a_link_for_a_new_password_from_before_opens_nothing(self, closed, ben, haven, mia):
        row = LinkRequest.objects.create(email=closed.email)
        _, token = invited(haven, mia, email=closed.email)
        mail.outbox.clear()
        links.answer(row.pk)
        assert not mail.outbox, "a closed account gets no link"
        follow(token)
        assert User.objects.get(pk=closed.pk).check_password(AGAIN)

    def test_an_invitation_from_before_the_closing_opens_nothing(self, ben, haven, harbour, mia, otto):
        _, token = invited(harbour, otto, email=ben.email)
        accounts.close(person=ben, by=mia)
        follow(token)
        ben.refresh_from_db()
        assert not ben.is_active


class TestAMailboxThatPassedToSomebodyElse:
    def test_brings_the_history_of_the_account_and_the_trail_tells_the_two_apart(
        self, ben, cora, mia, omar, durham, haven, browse
    ):
        alert = alerts.released(durham, cora, haven)
        alert_actions.acknowledge(alert=alert, by=ben)
        accounts.close(person=ben, by=omar)
        _, token = invited(haven, mia, email=ben.email)
        follow(token, name="Dee Marlow")
        dee = User.objects.get(pk=ben.pk)
        assert dee.name == "Dee Marlow"
        assert Alert.objects.visible_to(dee).filter(pk=alert.pk).exists()
        own = Entry.objects.visible_to(dee).filter(actor_id=ben.pk).order_by("id")
        assert [(entry.verb, entry.actor_name) for entry in own] == [
            ("alert.acknowledge", "Ben Okafor"),
            ("account.reopen", "Dee Marlow"),
            ("invitation.accept", "Dee Marlow"),
        ]
        assert "Dee Marlow" in browse(mia).get(f"/alerts/{alert.reference}/board/").content.decode()


class TestTheWay:
    def test_leads_to_a_second_factor_before_anything_else(self, closed, haven, mia):
        _, token = invited(haven, mia, email=closed.email)
        client = follow(token)
        assert client.get("/")["Location"].startswith("/account/set-up/")

    def test_is_the_page_of_somebody_who_never_had_an_account(self, closed, haven, mia):
        pages = []
        for email in (closed.email, "nobody@lantern.example"):
            _, token = invited(haven, mia, email=email)
            page = opened(Client(), token).get(HERE).content.decode()
            pages.append(page.split("<main")[1].replace(email, "X").split("csrfmiddlewaretoken")[0])
        assert pages[0] == pages[1]

    def test_tells_who_invites_nothing(self, closed, haven, mia, browse):
        """The same invitation page, before and after it was accepted, as for somebody who never had an account."""
        pages = []
        for email in (closed.email, "nobody@lantern.example"):
            made, token = invited(haven, mia, email=email)
            before = browse(mia).get(f"/network/people/invitations/{made.pk}/").content.decode()
            follow(token)
            after = browse(mia).get(f"/network/people/invitations/{made.pk}/").content.decode()
            mains = [re.search(r"<main.*?</main>", text, re.DOTALL)[0] for text in (before, after)]
            pages.append([re.sub(rf"{email}|{made.pk}|[\w]{{64}}", "X", main) for main in mains])
        assert pages[0] == pages[1]

    def test_writes_down_that_it_was_reopened_and_tells_the_address(self, closed, haven, mia):
        _, token = invited(haven, mia, email=closed.email)
        follow(token, name="Ben Okafor-Hale")
        entry = Entry.objects.get(verb="account.reopen")
        assert (entry.subject_id, entry.actor_id, entry.agency_id) == (str(closed.pk), closed.pk, None)
        mail.outbox.clear()
        tasks.send_notices()
        subjects = {letter.subject: letter.to for letter in mail.outbox}
        assert subjects["Lantern: Your account was opened again"] == [closed.email]
        assert User.objects.get(pk=closed.pk).name == "Ben Okafor-Hale"

    def test_happens_once_though_two_agencies_invite(self, closed, haven, harbour, mia, otto):
        (_, first), (_, second) = invited(haven, mia, email=closed.email), invited(harbour, otto, email=closed.email)
        client = follow(first)
        assert b"Sign in with" in opened(Client(), second).get(HERE).content
        assert Entry.objects.filter(verb="account.reopen").count() == 1
        assert Invitation.objects.open().filter(email=closed.email).exists(), "the other can still be accepted"
        assert client.get(HERE).status_code in {200, 302, 403, 404}

    def test_is_refused_with_a_poor_password_and_stays_closed(self, closed, haven, mia):
        _, token = invited(haven, mia, email=closed.email)
        client = opened(Client(), token)
        assert client.post(HERE, {"name": "Ben", "password": "short"}).status_code == 200
        closed.refresh_from_db()
        assert not closed.is_active
        assert not closed.has_usable_password()

    def test_into_a_network_needs_the_second_yes_as_well(self, closed, durham, omar, nora):
        asked = actions.invite(email=closed.email, name="Ben", role="approver", place=durham, by=omar)
        assert not User.objects.get(pk=closed.pk).is_active
        assert asked.needs_yes

    def test_the_operators_page_says_how(self, closed, omar, browse):
        page = browse(omar).get(f"/network/people/{closed.pk}/").content.decode()
        assert "Account closed" in page
        assert "invites this address again" in page
        assert "Close the account" not in page
