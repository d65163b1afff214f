from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models.functions import Now
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import SignIn
from accounts.tokens import digest_of
from alerts import actions as alert_actions
from alerts import release
from alerts.models import Alert
from audit.models import Entry
from delivery.models import Delivery
from directory.models import Contact, Listing, Mobile
from network import actions, grants, inviting, keys, leaving, standing
from network.models import Appointment, Handover, Invitation
from tests import factories
from tests.alerts import factories as alerts
from tests.directory.factories import ContactFactory, ListingFactory
from tests.network.people import invited, post
from tests.training import factories as training

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
REASON = "Works with this family from tonight on"


def live(person):
    return set(Appointment.objects.live().filter(person=person).values_list("role", flat=True))


@pytest.fixture
def lena(haven):
    """The deputy of the refuge."""
    return factories.person("Lena Fox", "deputy", haven)


@pytest.fixture
def key(haven, mia):
    """Mia's key, and what opens it."""
    return actions.issue_key(
        agency=haven, name="Case system", scopes=["directory", "alerts"], expires_at=timezone.now() + 30 * DAY,
        by=factories.fresh(mia),
    )  # fmt: skip


class TestHeld:
    def test_counts_each_kind(self, mia, lena, haven, durham, key):
        alerts.draft(durham, mia)
        alerts.submitted(durham, mia, haven)
        ContactFactory(listing=ListingFactory(agency=haven), officer="Mia Hughes", email=mia.email)
        training.announced((mia, haven))
        session = training.announced((mia, haven), course=training.CourseFactory(network=durham))
        training.place(session, mia, haven)
        found = {row.label: row.number for row in leaving.held(mia, haven, lena)}
        assert found["Roles"] == found["API keys"] == found["Contacts that name them"] == 1
        assert found["Places on training"] == 1

    def test_counts_no_concealed_listing_for_who_may_not_know_of_one(self, mia, lena, cora, haven):
        listing = ListingFactory(agency=haven, access=Listing.Access.CONCEALED)
        ContactFactory(listing=listing, officer="Mia Hughes", email=mia.email, access=Listing.Access.CONCEALED)
        assert "Contacts that name them" in {row.label for row in leaving.held(mia, haven, lena)}
        assert "Contacts that name them" not in {row.label for row in leaving.held(mia, haven, cora)}


class TestHandover:
    def test_moves_nothing_before_the_yes(self, mia, ben, haven, cora):
        actions.ask_handover(leaver=mia, successor=ben, place=haven, by=cora)
        assert (live(mia), live(ben)) == ({"lead"}, {"member"})
        post()
        assert [message.to for message in mail.outbox] == [[ben.email]]

    def test_passes_roles_drafts_and_the_directorys_contact(self, mia, ben, haven, durham, cora, key):
        draft, waiting = alerts.draft(durham, mia), alerts.submitted(durham, mia, haven)
        contact = ContactFactory(
            listing=ListingFactory(agency=haven, assured_on=dt.date(2026, 1, 1)), officer="Mia Hughes", email=mia.email
        )
        handover = actions.ask_handover(leaver=mia, successor=ben, place=haven, by=cora)
        actions.accept_handover(handover=handover, by=ben)
        assert (live(mia), live(ben)) == (set(), {"lead", "member"})
        assert set(Alert.objects.values_list("created_by", flat=True)) == {ben.pk}
        assert {draft.pk, waiting.pk} == set(Alert.objects.visible_to(ben).values_list("pk", flat=True))
        contact = Contact.objects.get(pk=contact.pk)
        assert (contact.officer, contact.email) == ("Ben Okafor", ben.email)
        assert contact.listing.assured_on is None
        assert keys.holding(key[1]) is None

    def test_keeps_who_left_a_maker(self, mia, ben, haven, durham, cora):
        alert = alerts.submitted(durham, mia, haven)
        actions.accept_handover(handover=actions.ask_handover(leaver=mia, successor=ben, place=haven, by=cora), by=ben)
        assert {mia.pk, ben.pk} <= release.makers(Alert.objects.get(pk=alert.pk))

    def test_ends_the_leavers_rights_at_once_when_they_leave_now(self, mia, lena, ben, haven):
        handover = actions.ask_handover(leaver=mia, successor=ben, place=haven, now=True, by=lena)
        assert (live(mia), live(ben)) == (set(), {"member"})
        actions.accept_handover(handover=handover, by=ben)
        assert live(ben) == {"lead", "member"}

    def test_is_accepted_by_who_was_asked_only(self, mia, ben, haven, cora, lena, otto, nell):
        handover = actions.ask_handover(leaver=mia, successor=ben, place=haven, by=cora)
        for who in (mia, cora, lena, otto, nell):
            with pytest.raises(PermissionDenied):
                actions.accept_handover(handover=handover, by=who)
            with pytest.raises(PermissionDenied):
                actions.decline_handover(handover=handover, reason="No time", by=who)

    def test_gives_no_more_than_who_asked_might(self, mia, lena, haven, durham, ben):
        """The lead of an agency hands over no network: and a lead who asks themself gets no role by it."""
        factories.appoint(ben, "charter", haven)
        handover = actions.ask_handover(leaver=ben, successor=lena, place=haven, by=mia)
        assert handover.roles == ["member"]
        actions.take_back_handover(handover=handover, reason="No", by=mia)
        own = actions.ask_handover(leaver=ben, successor=mia, place=haven, by=mia)
        assert own.roles == []
        actions.accept_handover(handover=own, by=mia)
        assert live(mia) == {"lead"}

    def test_gives_no_role_in_a_network_without_a_second_yes(self, cora, asha, durham, omar):
        handover = actions.ask_handover(leaver=cora, successor=asha, place=durham, by=omar)
        assert handover.roles == []
        actions.accept_handover(handover=handover, by=asha)
        assert (live(cora), live(asha)) == (set(), {"approver"})

    def test_is_dead_when_who_asked_may_not_any_more(self, mia, lena, ben, haven):
        handover = actions.ask_handover(leaver=mia, successor=ben, place=haven, by=lena)
        Appointment.objects.filter(person=lena).update(until_at=Now())
        with pytest.raises(ValidationError):
            actions.accept_handover(handover=handover, by=ben)
        assert (live(mia), live(ben)) == ({"lead"}, {"member"})

    def test_leaves_drafts_with_the_network_if_the_successor_may_not_write(self, mia, lena, ben, haven, durham, nora):
        """A national coordinator may end roles and give none."""
        draft = alerts.draft(durham, mia)
        handover = actions.ask_handover(leaver=mia, successor=ben, place=haven, by=nora)
        assert handover.roles == []
        actions.accept_handover(handover=handover, by=ben)
        assert Alert.objects.get(pk=draft.pk).created_by == mia
        assert live(ben) == {"member"}

    def test_goes_back_to_who_asked_when_declined(self, mia, ben, haven, cora, lena, browse):
        handover = actions.ask_handover(leaver=mia, successor=ben, place=haven, by=cora)
        post()
        mail.outbox.clear()
        actions.decline_handover(handover=handover, reason="No time", by=ben)
        post()
        assert [message.to for message in mail.outbox] == [[cora.email]]
        page = browse(cora).get(f"/network/people/handovers/{handover.pk}/").content.decode()
        assert "does not take over" in page
        answer = browse(cora).post(f"/network/people/handovers/{handover.pk}/", {"successor": lena.pk})
        assert answer.status_code == 302
        assert Handover.objects.open().get().successor == lena

    def test_asks_the_successor_once_more_and_keeps_why(self, mia, ben, haven, cora, browse):
        handover = actions.ask_handover(leaver=mia, successor=ben, place=haven, by=cora)
        here = f"/network/people/handovers/{handover.pk}/"
        page = f"{here}decline/"
        assert page in browse(ben).get(here).content.decode()
        assert "It goes back to Cora Bell" in browse(ben).get(page).content.decode()
        assert browse(cora).get(page).status_code == 403
        assert "Enter why" in browse(ben).post(page, {"reason": " "}).content.decode()
        with pytest.raises(ValidationError):
            actions.decline_handover(handover=handover, reason="  ", by=ben)
        assert Handover.objects.open().exists()
        assert browse(ben).post(page, {"reason": "I leave <i>too</i>"})["Location"] == here
        assert "I leave &lt;i&gt;too&lt;/i&gt;" in browse(cora).get(here).content.decode()
        assert "I leave" not in str(list(Entry.objects.filter(verb="handover.decline").values()))
        assert browse(ben).get(page)["Location"] == here, "over already"

    def test_is_taken_back_after_a_question_and_keeps_why(self, mia, ben, haven, cora, browse):
        handover = actions.ask_handover(leaver=mia, successor=ben, place=haven, by=cora)
        here = f"/network/people/handovers/{handover.pk}/"
        page = f"{here}take-back/"
        assert page in browse(cora).get(here).content.decode()
        assert "is then not asked any more" in browse(cora).get(page).content.decode()
        assert browse(ben).get(page).status_code == 403
        assert "Enter why" in browse(cora).post(page, {"reason": " "}).content.decode()
        with pytest.raises(ValidationError):
            actions.take_back_handover(handover=handover, reason="  ", by=cora)
        with pytest.raises(PermissionDenied):
            actions.take_back_handover(handover=handover, reason="No", by=ben)
        assert Handover.objects.open().exists()
        assert browse(cora).post(page, {"reason": "Ben <i>leaves</i>"})["Location"] == here
        assert "Ben &lt;i&gt;leaves&lt;/i&gt;" in browse(ben).get(here).content.decode()
        assert "leaves" not in str(list(Entry.objects.filter(verb="handover.take_back").values()))
        assert browse(cora).get(page)["Location"] == here, "over already"

    def test_is_hidden_from_strangers(self, mia, ben, haven, cora, otto, nell, asha, browse):
        handover = actions.ask_handover(leaver=mia, successor=ben, place=haven, by=cora)
        for who in (otto, nell, asha):
            for deed in ("", "accept/", "decline/", "take-back/"):
                url = f"/network/people/handovers/{handover.pk}/{deed}"
                assert (browse(who).post(url) if deed else browse(who).get(url)).status_code == 404

    def test_takes_no_stranger_as_successor(self, mia, otto, nell, haven, cora, browse):
        for who in (otto, nell):
            with pytest.raises(ValidationError):
                actions.ask_handover(leaver=mia, successor=who, place=haven, by=cora)
            data = {"successor": who.pk, "when": "accepted"}
            answer = browse(cora).post(f"/network/people/agencies/{haven.pk}/{mia.pk}/leave/", data)
            assert answer.status_code == 200
            assert who.name not in answer.content.decode()
        assert not Handover.objects.exists()


class TestLeave:
    def test_refuses_the_last_lead_and_offers_to_name_another(self, mia, ben, haven, cora, browse):
        url = f"/network/people/agencies/{haven.pk}/{mia.pk}/leave/"
        assert "only lead" in browse(cora).get(url).content.decode()
        for data in ({"when": "now"}, {"when": "now", "successor": ben.pk}):
            assert "without a lead" in browse(cora).post(url, data).content.decode()
        assert live(mia) == {"lead"}
        assert not Handover.objects.exists()

    def test_ends_keys_mobiles_grants_places_and_mail_of_that_agency(
        self, mia, lena, haven, harbour, otto, durham, key
    ):
        factories.appoint(mia, "member", harbour)
        theirs = ListingFactory(agency=harbour, access=Listing.Access.CONCEALED)
        grants.give(row=theirs, person=mia, reason=REASON, until=timezone.now() + DAY, by=factories.fresh(otto))
        contact = ContactFactory(listing=ListingFactory(agency=haven))
        Mobile.objects.create(contact=contact, number="07700 900123", person=mia)
        session = training.announced((mia, haven), course=training.CourseFactory(network=durham))
        training.place(session, mia, haven)
        taken = type(session).objects.get(pk=session.pk).places_taken
        actions.leave(person=mia, place=haven, by=lena)
        assert keys.holding(key[1]) is None
        key[0].refresh_from_db()
        assert key[0].ended_at
        assert not Mobile.objects.exists()
        assert not mia.bookings.filter(cancelled_at=None).exists()
        assert type(session).objects.get(pk=session.pk).places_taken == taken - 1
        assert live(mia) == {"member"}
        Appointment.objects.filter(person=mia).update(until_at=Now())
        assert not Listing.objects.visible_to(mia).filter(pk=theirs.pk).exists()

    def test_carries_no_right_to_the_next_agency(self, mia, lena, haven, harbour, otto, browse, anonymous):
        """A mover: a new invitation, the old role ended, and only the new role's rights."""
        listing = ListingFactory(agency=haven, access=Listing.Access.CONCEALED)
        _, token = invited(harbour, otto, email=mia.email)
        client = browse(mia)
        client.get(f"/network/invitation/{token}/")
        client.post("/network/invitation/")
        actions.leave(person=mia, place=haven, by=lena)
        here = standing.of(mia)
        assert (here.roles, here.agencies("member")) == ({"member"}, {harbour.pk})
        assert not Listing.objects.visible_to(mia).filter(pk=listing.pk).exists()


class TestClose:
    @pytest.mark.parametrize(
        ("who", "whose", "allowed"),
        [
            ("mia", "ben", True), ("cora", "ben", True), ("nora", "ben", True), ("omar", "ben", True),
            ("ben", "mia", False), ("otto", "ben", False), ("nell", "ben", False), ("asha", "ben", False),
            ("mia", "cora", False), ("cora", "asha", False), ("cora", "cora", False), ("nora", "omar", False),
            ("nora", "cora", True), ("omar", "nora", True),
        ],
    )  # fmt: skip
    def test_is_for_who_may_end_all_of_it(self, request, who, whose, allowed):
        by, person = request.getfixturevalue(who), request.getfixturevalue(whose)
        if allowed:
            assert not accounts.close(person=person, by=by).is_active
        else:
            with pytest.raises(PermissionDenied):
                accounts.close(person=person, by=by)
            assert live(person)

    def test_is_not_for_a_lead_when_the_person_speaks_for_another_agency_too(self, mia, ben, harbour):
        factories.appoint(ben, "member", harbour)
        with pytest.raises(PermissionDenied):
            accounts.close(person=ben, by=mia)

    def test_tells_the_coordinators_of_an_agency_left_without_a_lead(self, mia, cora, omar):
        accounts.close(person=mia, by=omar)
        post()
        assert [message.to for message in mail.outbox] == [[cora.email]]

    def test_asks_once_more(self, mia, ben, haven, browse):
        url = f"/network/people/{ben.pk}/close/"
        assert "ends at once" in browse(mia).get(url).content.decode()
        ben.refresh_from_db()
        assert ben.is_active
        assert browse(mia).post(url).status_code == 302
        ben.refresh_from_db()
        assert not ben.is_active
        assert browse(mia).get(url).status_code == 404

    def test_leaves_no_way_in_of_any_kind(self, request, mia, haven, harbour, key, browse, client):
        """E42, the leaver sweep: in one transaction, and no worker runs."""
        otto, ben, lena, cora, omar, durham = map(
            request.getfixturevalue, ("otto", "ben", "lena", "cora", "omar", "durham")
        )
        doors = browse(mia)
        assert doors.get("/directory/").status_code == 200
        api = {"HTTP_AUTHORIZATION": f"Bearer {key[1]}"}
        assert client.get("/api/v1/listings", **api).status_code == 200
        theirs = ListingFactory(agency=harbour, access=Listing.Access.CONCEALED)
        grants.give(row=theirs, person=mia, reason=REASON, until=timezone.now() + DAY, by=factories.fresh(otto))
        alerts.released(durham, cora, haven)
        owed = Delivery.objects.filter(recipient__person=mia)
        assert owed.get().state == Delivery.State.QUEUED
        (_, token), (_, her_token) = invited(haven, mia), invited(harbour, otto, email=mia.email)
        handover = actions.ask_handover(leaver=ben, successor=mia, place=haven, by=lena)
        draft = alerts.draft(durham, mia, haven)
        actions.cover(person=mia, stand_in=ben, agency=haven, from_at=timezone.now() - DAY,
                      until_at=timezone.now() + DAY, by=mia)  # fmt: skip

        accounts.close(person=mia, by=omar)

        assert doors.get("/directory/").status_code == 302
        assert not SignIn.objects.filter(person=mia).exists()
        assert client.get("/api/v1/listings", **api).status_code == 401
        assert not grants.held(Listing, standing.of(mia)).exists()
        assert not Listing.objects.visible_to(mia).filter(access=Listing.Access.CONCEALED).exists()
        assert owed.get().state == Delivery.State.SUPPRESSED
        for secret in (token, her_token):
            assert inviting.opened_by(digest_of(secret)) is None
        assert not Invitation.objects.open().exists()
        with pytest.raises((ValidationError, PermissionDenied)):
            actions.accept_handover(handover=handover, by=mia)
        assert not Handover.objects.open().exists()
        with pytest.raises(PermissionDenied):
            alert_actions.release(alert=draft, sheet=release.sheet(draft).fingerprint, by=factories.fresh(mia))
        with pytest.raises(PermissionDenied):
            alert_actions.submit(alert=draft, by=mia)
        assert live(ben) == {"member"}
        assert not standing.of(mia).rows

    def test_is_all_or_nothing(self, mia, omar, haven, key, monkeypatch):
        monkeypatch.setattr("training.leaving.end_with_person", lambda *a: (_ for _ in ()).throw(RuntimeError))
        with pytest.raises(RuntimeError):
            accounts.close(person=mia, by=omar)
        mia.refresh_from_db()
        assert mia.is_active
        assert live(mia) == {"lead"}
        assert keys.holding(key[1])
