from __future__ import annotations

import datetime as dt
import logging
import smtplib

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.db.models.functions import Now

from accounts import actions as accounts
from accounts.models import User
from accounts.tokens import digest_of
from audit.models import Entry
from network import actions, inviting, letters, tasks
from network.models import Appointment, Invitation, Letter
from tests import factories
from tests.network.people import invited, post, token_in

pytestmark = pytest.mark.django_db
HERE = "/network/invitation/"
ACCOUNT = {"name": "Nia Cole", "password": "three green kites at dawn"}


@pytest.fixture(autouse=True)
def bells(monkeypatch):
    """Bells are rung after the commit, which a test's transaction never reaches: the worker is asked by `post()`."""
    rung = []
    monkeypatch.setattr(tasks.send_letters, "apply_async", lambda *args, **kwargs: rung.append((args, kwargs)))
    return rung


def open_link(client, token):
    assert client.get(f"{HERE}{token}/").status_code == 302
    return client.get(HERE)


class TestInvite:
    @pytest.mark.parametrize(
        ("who", "role", "place", "allowed"),
        [
            ("mia", "member", "haven", True),
            ("mia", "lead", "haven", True),
            ("mia", "deputy", "haven", True),
            ("mia", "charter", "haven", False),
            ("mia", "member", "harbour", False),
            ("mia", "coordinator", "durham", False),
            ("ben", "member", "haven", False),
            ("cal", "charter", "council_agency", True),
            ("cal", "lead", "council_agency", False),
            ("cal", "member", "council_agency", False),
            ("cora", "lead", "haven", True),
            ("cora", "charter", "council_agency", True),
            ("cora", "coordinator", "durham", False),
            ("cora", "approver", "durham", False),
            ("cora", "lead", "riverbank", False),
            ("asha", "approver", "durham", False),
            ("omar", "approver", "durham", True),
            ("omar", "member", "haven", False),
            ("omar", "operator", "durham", False),
            ("nora", "coordinator", "durham", False),
            ("dara", "auditor", "durham", False),
            ("faye", "member", "haven", False),
            ("otto", "member", "haven", False),
            ("nell", "member", "haven", False),
        ],
    )
    def test_is_for_who_may_give_the_role(self, request, who, role, place, allowed):
        by, where = request.getfixturevalue(who), request.getfixturevalue(place)

        def invite():
            return actions.invite(email="new@x.example", name="Nia", role=role, place=where, by=by)

        if allowed:
            assert invite().role == role
        else:
            with pytest.raises(PermissionDenied):
                invite()
            assert not Invitation.objects.exists()

    @pytest.mark.parametrize("email", ["mia@lantern.example", "MIA+two@Lantern.example"])
    def test_refuses_the_inviters_own_mailbox(self, mia, haven, email):
        with pytest.raises(PermissionDenied):
            actions.invite(email=email, name="Mia", role="deputy", place=haven, by=mia)

    def test_answers_alike_for_an_address_with_an_account_and_one_without(self, mia, haven, otto, browse):
        pages = []
        for email in (otto.email, "nobody@lantern.example"):
            data = {"email": email, "agency": haven.pk, "name": "Sam Hill", "role": "member", "sure": "on"}
            answer = browse(mia).post("/network/people/invite/", data, follow=True)
            pages.append(answer.content.decode().replace(email, "X").split("<dl")[0].split("<main")[1])
        assert pages[0] == pages[1]

    def test_refuses_a_second_one_for_the_same_role(self, mia, haven):
        invited(haven, mia)
        with pytest.raises(ValidationError, match="invited to this role already"):
            actions.invite(email="NEW@haven.example", name="Nia", role="member", place=haven, by=mia)

    def test_lets_a_coordinator_invite_the_first_lead_of_an_agency_that_is_joining(self, cora, durham):
        agency = factories.AgencyFactory(name="Tees Outreach")
        factories.join(agency, durham, from_at=None)
        made, token = invited(agency, cora, role="lead")
        assert inviting.opened_by(digest_of(token)) == made

    def test_is_written_down_without_the_address(self, mia, haven):
        made, token = invited(haven, mia)
        entry = Entry.objects.get(verb="invitation.send")
        assert (entry.actor_id, entry.agency_id, entry.subject_id) == (mia.pk, haven.pk, str(made.pk))
        assert "new@" not in str(vars(entry))
        assert token not in str(list(Entry.objects.values()))


class TestSecondYes:
    @pytest.fixture
    def asked(self, omar, durham) -> Invitation:
        return actions.invite(email="vic@durham.example", name="Vic Ames", role="approver", place=durham, by=omar)

    def test_holds_the_letter_back(self, asked):
        post()
        assert all(message.to != [asked.email] for message in mail.outbox)
        assert inviting.opened_by("") is None

    def test_asks_those_who_may_agree_and_never_who_asked(self, asha, nora, omar, cora, asked):
        post()
        assert {to for message in mail.outbox for to in message.to} == {asha.email, nora.email}

    @pytest.mark.parametrize(("who", "may"), [("asha", True), ("nora", True), ("cora", False), ("mia", False)])
    def test_is_for_approvers_of_the_network_the_nation_and_other_operators(self, request, asked, who, may):
        by = request.getfixturevalue(who)
        if may:
            assert actions.agree(invitation=asked, by=by).approved_by == by
        else:
            with pytest.raises(PermissionDenied):
                actions.agree(invitation=asked, by=by)

    def test_is_not_for_who_asked_even_with_another_role_that_may(self, asked, omar, durham):
        factories.appoint(omar, "approver", durham)
        with pytest.raises(PermissionDenied):
            actions.agree(invitation=asked, by=omar)

    def test_is_not_for_an_approver_of_another_network(self, asked, riverside):
        with pytest.raises(PermissionDenied):
            actions.agree(invitation=asked, by=factories.person("Rhys Bow", "approver", riverside))

    def test_is_not_for_whom_it_is_about(self, omar, durham):
        two = factories.person("Olga Day", "operator")
        asked = actions.invite(email=two.email, name="Olga", role="approver", place=durham, by=omar)
        with pytest.raises(PermissionDenied):
            actions.agree(invitation=asked, by=two)

    def test_lets_the_letter_leave(self, asked, asha):
        actions.agree(invitation=asked, by=asha)
        mail.outbox.clear()
        post()
        assert [message.to for message in mail.outbox] == [[asked.email]]

    def test_dies_when_who_agreed_may_not_any_more(self, asked, asha, browse, anonymous):
        actions.agree(invitation=asked, by=asha)
        mail.outbox.clear()
        post()
        token = token_in(mail.outbox[0])
        Appointment.objects.filter(person=asha).update(until_at=Now())
        assert open_link(browse(anonymous), token).status_code == 404


class TestLetter:
    def test_carries_the_only_copy_of_the_secret(self, mia, haven, bells, caplog, django_capture_on_commit_callbacks):
        with caplog.at_level(logging.DEBUG), django_capture_on_commit_callbacks(execute=True):
            made, token = invited(haven, mia)
        made.refresh_from_db()
        assert made.digest == digest_of(token)
        with connection.cursor() as cursor:
            for table in ("network_invitation", "network_letter", "audit_entry"):
                cursor.execute(f"SELECT * FROM {table}")
                assert token not in str(cursor.fetchall())
        assert bells
        assert all(args == () and "args" not in kwargs and "kwargs" not in kwargs for args, kwargs in bells)
        assert token not in caplog.text

    def test_says_who_invites_to_what_and_for_how_long(self, mia, haven):
        invited(haven, mia, role="deputy")
        body = mail.outbox[0].body
        for words in ("Nia Cole", "Mia Hughes", "deputy lead of Haven House", "works once"):
            assert words in body

    def test_is_sent_once_however_often_the_bell_rings(self, mia, haven):
        invited(haven, mia)
        tasks.send_letters()
        tasks.send_letters()
        assert len(mail.outbox) == 1

    def test_is_tried_again_when_the_mail_server_is_down(self, mia, haven, monkeypatch, browse):
        made = actions.invite(email="new@haven.example", name="Nia", role="member", place=haven, by=mia)
        with monkeypatch.context() as down:
            down.setattr("django.core.mail.EmailMessage.send", lambda self: (_ for _ in ()).throw(OSError("refused")))
            assert post() == 0
        letter = Letter.objects.get()
        assert letter.problem
        assert letter.due_at
        page = browse(mia).get(f"/network/people/invitations/{made.pk}/").content.decode()
        assert "Waiting to be sent" in page
        assert "We keep trying" in page
        Letter.objects.update(due_at=Now())
        assert post() == 1
        assert "Sent" in browse(mia).get(f"/network/people/invitations/{made.pk}/").content.decode()

    def test_is_given_up_when_the_address_is_refused_and_the_page_says_so(self, mia, haven, monkeypatch, browse):
        made = actions.invite(email="gone@haven.example", name="Nia", role="member", place=haven, by=mia)
        refusal = smtplib.SMTPRecipientsRefused({"gone@haven.example": (550, b"no such user")})
        with monkeypatch.context() as refusing:
            refusing.setattr("django.core.mail.EmailMessage.send", lambda self: (_ for _ in ()).throw(refusal))
            assert post() == 0
        assert letters.waiting() == []
        assert "Not sent" in browse(mia).get(f"/network/people/invitations/{made.pk}/").content.decode()

    def test_is_not_sent_when_the_inviter_has_lost_the_right_meanwhile(self, mia, haven):
        actions.invite(email="new@haven.example", name="Nia", role="member", place=haven, by=mia)
        Appointment.objects.filter(person=mia).update(until_at=Now())
        assert post() == 0
        assert not mail.outbox

    def test_sent_again_leaves_one_link_alive(self, mia, haven, browse, anonymous):
        made, first = invited(haven, mia)
        mail.outbox.clear()
        actions.send_again(invitation=made, by=mia)
        assert open_link(browse(anonymous), first).status_code == 404
        post()
        second = token_in(mail.outbox[0])
        assert second != first
        assert open_link(browse(anonymous), first).status_code == 404
        assert open_link(browse(anonymous), second).status_code == 200


class TestAccept:
    def test_makes_the_account_and_the_role_and_goes_on_to_a_second_factor(self, mia, haven, browse, anonymous):
        _, token = invited(haven, mia)
        client = browse(anonymous)
        page = open_link(client, token)
        assert "Mia Hughes" in page.content.decode()
        assert "member of Haven House" in page.content.decode()
        answer = client.post(HERE, ACCOUNT, follow=True)
        nia = User.objects.get(email="new@haven.example")
        assert nia.check_password(ACCOUNT["password"])
        appointment = Appointment.objects.live().get(person=nia)
        assert (appointment.role, appointment.agency, appointment.appointed_by) == ("member", haven, mia)
        assert answer.redirect_chain[-1][0].startswith("/account/set-up/")
        assert answer.context["user"] == nia
        assert client.get("/directory/").status_code == 302

    def test_works_once(self, mia, haven, browse, anonymous):
        _, token = invited(haven, mia)
        client = browse(anonymous)
        open_link(client, token)
        client.post(HERE, ACCOUNT)
        assert open_link(browse(anonymous), token).status_code == 404
        with pytest.raises(PermissionDenied):
            actions.join(digest=digest_of(token), name="X", password="another long one", by=anonymous)
        assert Appointment.objects.filter(agency=haven, role="member").count() == 1

    def test_answers_each_dead_link_alike(self, mia, haven, browse, anonymous):
        pages = set()
        for kill in (
            lambda i: Invitation.objects.filter(pk=i.pk).update(expires_at=Now()),
            lambda i: actions.cancel_invitation(invitation=i, by=mia),
            lambda i: actions.send_again(invitation=i, by=mia),
            lambda i: Invitation.objects.filter(pk=i.pk).update(accepted_at=Now()),
        ):
            made, token = invited(haven, mia)
            kill(made)
            answer = open_link(browse(anonymous), token)
            pages.add((answer.status_code, answer.content))
            Invitation.objects.all().delete()
        for forged in ("x", "A" * 43, "0" * 64):
            answer = open_link(browse(anonymous), forged)
            pages.add((answer.status_code, answer.content))
        answer = browse(anonymous).get(HERE)
        pages.add((answer.status_code, answer.content))
        assert len(pages) == 1
        assert next(iter(pages))[0] == 404

    def test_dies_with_the_inviters_right(self, mia, haven, browse, anonymous):
        _, token = invited(haven, mia)
        client = browse(anonymous)
        assert open_link(client, token).status_code == 200
        Appointment.objects.filter(person=mia).update(role="member")
        assert client.get(HERE).status_code == 404
        assert client.post(HERE, ACCOUNT).status_code == 404
        assert not User.objects.filter(email="new@haven.example").exists()

    def test_dies_with_the_agencys_membership(self, mia, haven, browse, anonymous):
        _, token = invited(haven, mia)
        haven.memberships.update(suspended_at=Now())
        assert open_link(browse(anonymous), token).status_code == 404

    def test_dies_with_the_inviters_account(self, mia, haven, omar, browse, anonymous):
        _, token = invited(haven, mia)
        accounts.close(person=mia, by=factories.fresh(omar))
        assert open_link(browse(anonymous), token).status_code == 404

    def test_cannot_be_aimed_at_another_role_place_or_address(self, mia, haven, harbour, browse, anonymous):
        _, token = invited(haven, mia)
        client = browse(anonymous)
        open_link(client, token)
        more = {"role": "lead", "agency": harbour.pk, "email": "other@x.example", "network": "x", "is_superuser": "on"}
        client.post(HERE, {**ACCOUNT, **more})
        made = Appointment.objects.get(person__email="new@haven.example")
        assert (made.role, made.agency) == ("member", haven)
        assert not User.objects.filter(email="other@x.example").exists()

    def test_adds_the_role_to_the_account_with_that_address_after_sign_in(self, mia, haven, otto, browse, anonymous):
        _, token = invited(haven, mia, email=otto.email)
        stranger = browse(anonymous)
        assert "Sign in" in open_link(stranger, token).content.decode()
        assert stranger.post(HERE, ACCOUNT).status_code == 200
        assert Appointment.objects.filter(person=otto).count() == 1
        client = browse(otto)
        assert open_link(client, token).status_code == 200
        assert client.post(HERE).status_code == 302
        assert set(Appointment.objects.live().filter(person=otto).values_list("role", "agency__name")) == {
            ("lead", "Harbour Advice"),
            ("member", "Haven House"),
        }

    def test_refuses_an_account_with_another_address(self, mia, haven, otto, browse):
        made, token = invited(haven, mia)
        client = browse(otto)
        assert open_link(client, token).status_code == 403
        assert client.post(HERE).status_code == 403
        with pytest.raises(PermissionDenied):
            actions.accept(digest=digest_of(token), by=otto)
        made.refresh_from_db()
        assert made.accepted_at is None

    @pytest.mark.parametrize("alike", ["m\u0131a@lantern.example", "mia+x@lantern.example"])
    def test_e63_an_address_that_only_looks_like_that_of_an_account_is_somebody_elses(
        self, alike, mia, cora, haven, browse, client
    ):
        made, token = invited(haven, cora, email=alike, role="lead")
        assert mail.outbox[0].to == [alike]
        assert open_link(browse(mia), token).status_code == 403
        with pytest.raises(PermissionDenied):
            actions.accept(digest=digest_of(token), by=mia)
        page = open_link(client, token).content.decode()
        assert "Choose a password" in page, "a new account, and not a way into hers"
        actions.join(
            digest=digest_of(token), name="Mia Hughes", password="three green kites at dawn", by=AnonymousUser()
        )
        made.refresh_from_db()
        assert made.accepted_by != mia

    def test_needs_the_second_factor_of_an_account(self, mia, haven, otto, browse):
        _, token = invited(haven, mia, email=otto.email)
        client = browse(otto, factor=None)
        client.get(f"{HERE}{token}/")
        client.post(HERE)
        assert not Appointment.objects.filter(person=otto, agency=haven).exists()

    def test_changes_nothing_by_looking(self, mia, haven, browse, anonymous):
        made, token = invited(haven, mia)
        for _ in range(3):
            open_link(browse(anonymous), token)
        made.refresh_from_db()
        assert made.accepted_at is None
        assert open_link(browse(anonymous), token).status_code == 200

    def test_keeps_the_secret_out_of_the_address_the_session_and_other_sites(self, mia, haven, browse, anonymous):
        _, token = invited(haven, mia)
        client = browse(anonymous)
        first = client.get(f"{HERE}{token}/")
        second = client.get(HERE)
        assert first["Location"] == HERE
        assert first["Referrer-Policy"] == "no-referrer"
        assert second["Referrer-Policy"] == "same-origin"  # without any, browsers say that the form comes from nowhere
        for answer in (first, second):
            assert "no-store" in answer["Cache-Control"]
        assert token not in str(dict(client.session)) + second.content.decode()

    def test_asks_for_a_password_that_will_do(self, mia, haven, browse, anonymous):
        _, token = invited(haven, mia)
        client = browse(anonymous)
        open_link(client, token)
        assert client.post(HERE, {**ACCOUNT, "password": "password12"}).status_code == 200
        assert not User.objects.filter(email="new@haven.example").exists()
        assert open_link(client, token).status_code == 200

    def test_leaves_nothing_half_done(self, mia, haven, anonymous, monkeypatch):
        made, token = invited(haven, mia)
        monkeypatch.setattr("audit.trail.record", lambda *a, **k: (_ for _ in ()).throw(RuntimeError))
        with pytest.raises(RuntimeError):
            actions.join(digest=digest_of(token), by=anonymous, **ACCOUNT)
        made.refresh_from_db()
        assert made.accepted_at is None
        assert not User.objects.filter(email="new@haven.example").exists()


class TestPages:
    def test_suggests_the_agency_of_the_address_and_grants_nothing(self, cora, haven, harbour, browse):
        haven.email_domains = "haven.example"
        haven.save()
        page = browse(cora).post("/network/people/invite/", {"email": "sam@mail.haven.example"})
        assert page.context["form"].initial["agency"] == haven.pk
        assert not Invitation.objects.exists()

    def test_asks_twice_about_an_address_that_only_looks_right(self, mia, haven, browse):
        haven.email_domains = "haven.example"
        haven.save()
        client = browse(mia)
        data = {"email": "sam@evilhaven.example", "agency": haven.pk, "name": "Sam", "role": "member"}
        answer = client.post("/network/people/invite/", data)
        assert "looks like a domain" in answer.content.decode()
        assert not Invitation.objects.exists()
        assert client.post("/network/people/invite/", {**data, "sure": "on"}).status_code == 302

    def test_takes_no_agency_but_those_one_may_invite_to(self, mia, haven, harbour, browse):
        client = browse(mia)
        data = {"email": "sam@x.example", "agency": harbour.pk, "name": "Sam", "role": "member", "sure": "on"}
        assert client.post("/network/people/invite/", data).status_code == 200
        assert (
            client.post(f"/network/people/invite/?agency={harbour.pk}", {"email": "sam@x.example"})
            .context["form"]
            .initial["agency"]
            != harbour.pk
        )
        assert not Invitation.objects.exists()

    def test_hides_invitations_from_those_they_are_not_for(self, mia, haven, otto, nell, ben, omar, cal, browse):
        made, _ = invited(haven, mia)
        for who in (otto, nell, ben, omar, cal):
            client = browse(who)
            for deed in ("", "agree/", "send/", "cancel/"):
                url = f"/network/people/invitations/{made.pk}/{deed}"
                assert (client.post(url) if deed else client.get(url)).status_code == 404
        made.refresh_from_db()
        assert made.ended_at is None

    def test_gives_no_agreement_by_who_may_only_see(self, omar, cora, durham, browse):
        asked = actions.invite(email="vic@durham.example", name="Vic", role="approver", place=durham, by=omar)
        assert browse(cora).get(f"/network/people/invitations/{asked.pk}/").status_code == 200
        assert browse(cora).post(f"/network/people/invitations/{asked.pk}/agree/").status_code == 403
        assert browse(omar).post(f"/network/people/invitations/{asked.pk}/agree/").status_code == 403

    def test_expires_after_seven_days(self, mia, haven):
        made, _ = invited(haven, mia)
        made.refresh_from_db()
        assert made.expires_at - made.invited_at == pytest.approx(dt.timedelta(days=7), abs=dt.timedelta(seconds=5))
