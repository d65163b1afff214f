from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import actions, links, moving, tasks
from accounts.factors import FreshFactorNeeded
from accounts.models import AddressChange, Identity, LinkRequest, SignIn, User
from accounts.tokens import digest_of
from audit.models import Entry
from network import actions as people
from network.models import Invitation
from tests.accounts.conftest import PASSWORD, is_in
from tests.factories import fresh, sign_in
from tests.network.people import invited

pytestmark = pytest.mark.django_db
NEW, ASK = "mia.hughes@new.example", "/account/your-sign-in/address/"
CONFIRM = f"{ASK}confirm/"
DAY = dt.timedelta(days=1)


def post() -> dict[str, mail.EmailMessage]:
    """What leaves now, by whom it is to."""
    mail.outbox.clear()
    tasks.send_notices()
    return {letter.to[0]: letter for letter in mail.outbox}


def token_in(letter) -> str:
    return re.search(r"http://127.0.0.1:8000/account/address/([\w-]{43})/", letter.body)[1]


def asked(person, email=NEW) -> str:
    """The digest of the secret that was sent to the new address."""
    actions.ask_address(email=email, by=fresh(person))
    return digest_of(token_in(post()[email]))


def works(person, digest) -> bool:
    try:
        actions.change_address(digest=digest, by=fresh(User.objects.get(pk=person.pk)))
    except PermissionDenied:
        return False
    return True


class TestTheWholeWay:
    def test_from_the_page_to_signing_in_with_the_new_address(self, browse, client, mia, password, app, code):
        here, there = browse(mia), browse(mia)
        SignIn.objects.create(person=mia, session_key=there.session.session_key, device="Firefox")
        done = here.post(ASK, {"email": " Mia.Hughes@New.example "}, follow=True)
        assert "We sent a link to the new address" in done.content.decode()
        mia.refresh_from_db()
        assert mia.email == "mia@lantern.example", "nothing changes before the link was followed"
        letters = post()
        assert set(letters) == {"mia@lantern.example", NEW}
        assert "Somebody signed in as you asked" in letters["mia@lantern.example"].body
        assert here.get(f"/account/address/{token_in(letters[NEW])}/")["Location"] == CONFIRM
        assert NEW in here.get(CONFIRM).content.decode()
        assert here.post(CONFIRM)["Location"] == "/account/your-sign-in/"
        mia.refresh_from_db()
        assert mia.email == NEW
        assert is_in(here)
        assert not is_in(there), "signed in elsewhere still"
        [letter] = post().values()
        assert (letter.to, letter.subject) == (["mia@lantern.example"], "Lantern: Your email address was changed")
        client.post("/account/sign-in/", {"login": "mia@lantern.example", "password": PASSWORD})
        assert client.post("/account/sign-in/code/", {"code": code()})["Location"].startswith("/account/sign-in/")
        client.post("/account/sign-in/", {"login": NEW, "password": PASSWORD})
        client.post("/account/sign-in/code/", {"code": code()})
        assert is_in(client)

    def test_survives_signing_in_on_the_way(self, client, mia):
        digest = asked(mia)
        client.session.save()
        token = "x" * 43
        AddressChange.objects.update(digest=digest_of(token))
        assert digest
        client.get(f"/account/address/{token}/")
        signs_in = client.get(CONFIRM)
        assert signs_in["Location"] == f"/account/sign-in/?next={CONFIRM}", "no secret in what one comes back to"

    def test_needs_a_fresh_factor_to_ask_and_to_confirm(self, browse, mia, app):
        assert browse(mia, "stale").get(ASK).status_code == 403
        with pytest.raises(FreshFactorNeeded):
            actions.ask_address(email=NEW, by=mia)
        actions.ask_address(email=NEW, by=fresh(mia))
        token = token_in(post()[NEW])
        stale = browse(mia, "stale")
        stale.get(f"/account/address/{token}/")
        answer = stale.post(CONFIRM)
        assert (answer.status_code, b"Confirm that it is you" in answer.content) == (403, True)
        mia.refresh_from_db()
        assert mia.email != NEW

    def test_a_get_changes_nothing(self, browse, mia):
        actions.ask_address(email=NEW, by=fresh(mia))
        here, token = browse(mia), token_in(post()[NEW])
        here.get(f"/account/address/{token}/", follow=True)
        mia.refresh_from_db()
        assert mia.email == "mia@lantern.example"


class TestTheSecret:
    def test_works_once(self, mia):
        digest = asked(mia)
        assert works(mia, digest)
        assert not works(mia, digest)

    def test_is_the_persons_who_asked(self, browse, mia, ben):
        digest = asked(mia)
        assert not works(ben, digest)
        other = browse(ben)
        session = other.session
        session["lantern_new_address"] = digest
        session.save()
        assert other.get(CONFIRM).status_code == other.post(CONFIRM).status_code == 404

    def test_holds_for_a_day_by_the_databases_clock(self, mia):
        digest = asked(mia)
        AddressChange.objects.update(asked_at=Now() - DAY)
        assert not works(mia, digest)

    def test_is_for_the_address_they_had(self, mia):
        digest = asked(mia)
        User.objects.filter(pk=mia.pk).update(email="mia@third.example")
        assert not works(mia, digest)

    def test_ends_with_a_newer_one(self, mia):
        first = asked(mia)
        assert works(mia, asked(mia, "mia@third.example"))
        assert not works(mia, first)

    @pytest.mark.parametrize("how", ["given up", "signed out everywhere", "a new password", "closed"])
    def test_ends_with_what_somebody_does_who_is_warned(self, how, mia, cora, browse, password):
        digest = asked(mia)
        if how == "given up":
            browse(mia).post(f"{ASK}give-up/")
        elif how == "signed out everywhere":
            actions.sign_out_everywhere(by=mia)
        elif how == "a new password":
            data = {"oldpassword": PASSWORD, "password1": "quite-another-password-7"}
            browse(mia).post("/account/password/change/", data)
        else:
            actions.close(person=mia, by=cora)
        assert not works(mia, digest)

    def test_is_nowhere_in_the_database(self, mia):
        actions.ask_address(email=NEW, by=fresh(mia))
        token = token_in(post()[NEW])
        rows = [*AddressChange.objects.values(), *Entry.objects.values()]
        assert token not in str(rows)

    def test_is_forgotten_after_a_day(self, mia):
        asked(mia)
        tasks.forget_ended()
        assert AddressChange.objects.exists()
        AddressChange.objects.update(asked_at=Now() - DAY)
        tasks.forget_ended()
        assert not AddressChange.objects.exists()

    def test_the_letter_to_the_new_address_says_nothing_of_who_asked(self, mia):
        actions.ask_address(email=NEW, by=fresh(mia))
        body = post()[NEW].body
        assert not [word for word in ("Mia", "mia@", "Haven") if word in body]


class TestAnAddressThatIsTaken:
    def test_is_answered_like_one_that_is_free(self, browse, mia, ben, otto):
        """Of an open account, of a closed one, and of nobody: the same page and the same work."""
        User.objects.filter(pk=ben.pk).update(is_active=False, closed_at=ben.joined_at)
        pages, work = set(), set()
        for email in (otto.email, ben.email, "nobody@x.example"):
            here = browse(mia)
            with CaptureQueriesContext(connection) as queries:
                answer = here.post(ASK, {"email": email})
            page = here.get(answer["Location"]).content.decode()
            assert email in page
            pages.add(
                re.sub(r'value="\w{64}"', "", page.split("<main")[1].replace(email, "X")).split("Where you are")[0]
            )
            work.add(len(queries))
            AddressChange.objects.update(ended_at=Now())
        assert len(pages) == len(work) == 1

    def test_is_written_to_by_nobody(self, mia, otto):
        actions.ask_address(email=otto.email, by=fresh(mia))
        assert set(post()) == {mia.email}

    def test_is_refused_when_it_was_taken_meanwhile(self, mia):
        digest = asked(mia)
        User.objects.create_user(NEW, "Nia Cole")
        assert not works(mia, digest)

    def test_is_free_for_others_once_it_was_left(self, mia, haven, cora, client):
        assert works(mia, asked(mia))
        _, token = invited(haven, cora, email="mia@lantern.example")
        client.get(f"/network/invitation/{token}/")
        client.post("/network/invitation/", {"name": "Mia Else", "password": "three green kites at dawn"})
        assert User.objects.get(email="mia@lantern.example").pk != mia.pk


class TestWhatHangsOnIt:
    def test_an_organisations_sign_in_stays_linked(self, mia):
        Identity.objects.create(person=mia, issuer="i", subject="s")
        assert works(mia, asked(mia))
        assert Identity.holder("i", "s") == mia

    def test_the_factors_and_roles_stay(self, mia, app):
        assert works(mia, asked(mia))
        assert mia.authenticator_set.count() == 1
        assert mia.appointments.live().exists()

    def test_a_link_for_a_new_password_sent_before_opens_nothing(self, mia, password):
        links.answer(LinkRequest.objects.create(email=mia.email).pk)
        link = re.search(r"http://127.0.0.1:8000(/account/password/reset/\S+/)", mail.outbox[-1].body)[1]
        assert works(mia, asked(mia))
        assert b"This link no longer works" in Client().get(link).content

    def test_invitations_to_the_old_address_end_and_those_to_the_new_stay(self, mia, harbour, otto):
        invited(harbour, otto, email=mia.email)
        invited(harbour, otto, email=NEW)
        assert works(mia, asked(mia))
        assert list(Invitation.objects.open().values_list("email", flat=True)) == [NEW]

    def test_nobody_takes_up_what_they_sent_to_an_address_that_became_theirs(self, mia, haven):
        """Mia leads; she invites an address of her own as deputy, then moves to it."""
        _, token = invited(haven, mia, email=NEW, role="deputy")
        assert works(mia, asked(mia))
        with pytest.raises(PermissionDenied):
            people.accept(digest=digest_of(token), by=User.objects.get(pk=mia.pk))

    def test_nobody_invites_an_address_that_was_theirs(self, mia, haven):
        """With it she would be two people, and her own second person."""
        assert works(mia, asked(mia))
        AddressChange.objects.update(asked_at=Now() - DAY)
        tasks.forget_ended()
        moved = User.objects.get(pk=mia.pk)
        for email in ("mia@lantern.example", "MIA+two@lantern.example", NEW):
            with pytest.raises(PermissionDenied):
                people.invite(email=email, name="Mia Two", role="lead", place=haven, by=moved)

    def test_nobody_agrees_to_an_invitation_of_an_address_that_was_theirs(self, asha, durham, omar):
        assert works(asha, asked(asha))
        made = people.invite(email="asha@lantern.example", name="Asha Two", role="approver", place=durham, by=omar)
        with pytest.raises(PermissionDenied):
            people.agree(invitation=made, by=User.objects.get(pk=asha.pk))

    def test_every_other_session_ends(self, client, mia):
        sign_in(client, mia)
        SignIn.objects.create(person=mia, session_key=client.session.session_key, device="x")
        assert works(mia, asked(mia))
        assert not is_in(client)


class TestAsk:
    @pytest.mark.parametrize("email", ["", "no address", "mia@lantern.example", "MIA@lantern.example"])
    def test_refuses_what_is_no_other_address(self, email, mia, browse):
        with pytest.raises(ValidationError):
            actions.ask_address(email=email, by=fresh(mia))
        assert browse(mia).post(ASK, {"email": email}).status_code == 200
        assert not AddressChange.objects.exists()

    def test_writes_to_five_addresses_a_day_at_most(self, mia):
        for number in range(moving.ENOUGH):
            actions.ask_address(email=f"mia{number}@x.example", by=fresh(mia))
        with pytest.raises(ValidationError, match="tomorrow"):
            actions.ask_address(email=NEW, by=fresh(mia))

    def test_leaves_entries_without_an_address(self, mia):
        assert works(mia, asked(mia))
        found = Entry.objects.filter(verb__startswith="address.").order_by("pk")
        assert [entry.verb for entry in found] == ["address.ask", "address.change"]
        assert "@" not in str(list(found.values()))

    def test_nobody_gives_up_anothers(self, mia, ben):
        actions.ask_address(email=NEW, by=fresh(mia))
        with pytest.raises(PermissionDenied):
            actions.give_up_address(change=AddressChange.objects.get(), by=ben)
        assert not AddressChange.objects.visible_to(ben).exists()
