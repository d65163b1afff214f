from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from accounts.factors import FRESH, FreshFactorNeeded
from alerts import actions
from alerts import release as releases
from alerts.models import Alert, Revision
from audit.models import Entry
from delivery.audience import Choice
from delivery.models import Delivery, Mailing, Recipient
from tests.alerts import factories
from tests.alerts.factories import SENSITIVE
from tests.factories import AgencyFactory, NetworkFactory, appoint, fresh, person


def verbs(alert):
    entries = Entry.objects.filter(subject_type="alerts.alert", subject_id=str(alert.pk))
    return list(entries.order_by("id").values_list("verb", flat=True))


def sheet(alert):
    return releases.sheet(Alert.objects.get(pk=alert.pk)).fingerprint


def names(alert):
    return set(Recipient.objects.filter(mailing=alert.mailing).values_list("person__name", flat=True))


@pytest.fixture
def refused():
    return pytest.raises(PermissionDenied)


class TestDraft:
    def test_gives_a_reference_counted_in_the_network_and_year(self, durham, riverside, cora, nora):
        year = timezone.localdate().year
        made = [factories.draft(durham, cora) for _ in range(2)] + [factories.draft(riverside, nora)]
        assert [a.reference for a in made] == [f"DUR-{year}-0001", f"DUR-{year}-0002", f"RIV-{year}-0001"]

    def test_leaves_one_entry_and_one_revision(self, durham, cora):
        alert = factories.draft(durham, cora)
        assert verbs(alert) == ["alert.draft"]
        assert [(r.by, r.deed) for r in alert.revisions.all()] == [(cora, Revision.Deed.DRAFTED)]

    def test_keeps_the_text_out_of_the_trail(self, durham, cora):
        factories.draft(durham, cora)
        entry = Entry.objects.get(verb="alert.draft")
        assert "Car washes" not in f"{entry.details}{entry.subject_name}"

    def test_writes_for_the_agency_of_a_lead_and_for_none_of_a_coordinator(self, durham, mia, cora, haven):
        assert factories.draft(durham, mia).agency == haven
        assert factories.draft(durham, cora).agency is None

    @pytest.mark.parametrize("who", ["ben", "nell", "cal", "faye", "dara", "omar"])
    def test_is_not_for(self, durham, who, request, refused):
        with refused:
            factories.draft(durham, request.getfixturevalue(who))

    def test_refuses_a_title_of_two_lines(self, durham, cora):
        with pytest.raises(ValidationError):
            factories.draft(durham, cora, title="One\r\nBcc: all@lantern.example")

    def test_leaves_no_gap_when_it_is_refused(self, durham, cora):
        with pytest.raises(ValidationError):
            factories.draft(durham, cora, title="")
        assert factories.draft(durham, cora).reference.endswith("-0001")


class TestEdit:
    def test_records_who_edited_and_resets_what_was_submitted(self, durham, mia, cora, haven):
        alert = factories.submitted(durham, mia, haven)
        edited = actions.edit(alert=alert, content={"title": "Another"}, by=cora)
        assert edited.title == "Another"
        assert edited.state == Alert.State.DRAFT
        assert cora.pk in releases.makers(edited)

    def test_changes_only_what_an_alert_says(self, durham, cora, mia):
        alert = factories.draft(durham, cora)
        edited = actions.edit(alert=alert, content={"created_by": mia, "reference": "X"}, by=cora)
        assert (edited.created_by, edited.reference) == (cora, alert.reference)

    def test_is_refused_after_release(self, durham, cora, haven, mia):
        alert = factories.released(durham, cora, haven)
        with pytest.raises(ValidationError, match="no longer be changed"):
            actions.edit(alert=alert, content={"title": "Another"}, by=cora)

    @pytest.mark.parametrize("who", ["otto", "ben", "nell", "dara", "omar"])
    def test_is_not_for(self, durham, mia, who, request, refused):
        alert = factories.draft(durham, mia)
        with refused:
            actions.edit(alert=alert, content={"title": "Another"}, by=request.getfixturevalue(who))

    def test_is_not_for_the_nation_where_it_may_not_read(self, durham, cora, nora, refused):
        alert = factories.draft(durham, cora, **SENSITIVE)
        with refused:
            actions.edit(alert=alert, content={"title": "Another"}, by=nora)


class TestAddress:
    def test_makes_whoever_chose_a_maker(self, durham, mia, asha, haven):
        alert = actions.address(alert=factories.draft(durham, mia), choice=Choice(agencies=[haven]), by=asha)
        assert asha.pk in releases.makers(alert)

    def test_resets_what_was_submitted(self, durham, cora, haven, harbour, otto, mia):
        alert = factories.submitted(durham, cora, haven)
        assert actions.address(alert=alert, choice=Choice(agencies=[harbour]), by=cora).submitted_at is None

    def test_refuses_an_agency_of_another_network(self, durham, cora, riverbank):
        with pytest.raises(ValidationError, match="this network"):
            factories.draft(durham, cora, riverbank)


class TestSubmit:
    def test_waits_for_an_approver(self, durham, cora, haven, mia):
        alert = factories.submitted(durham, cora, haven)
        assert alert.state == Alert.State.SUBMITTED
        assert verbs(alert) == ["alert.draft", "alert.address", "alert.submit"]

    def test_does_nothing_the_second_time(self, durham, cora, haven, mia):
        alert = factories.submitted(durham, cora, haven)
        actions.submit(alert=alert, by=cora)
        assert verbs(alert).count("alert.submit") == 1

    def test_is_refused_for_nobody(self, durham, cora, haven):
        with pytest.raises(ValidationError, match="nobody"):
            factories.submitted(durham, cora, haven)

    def test_is_not_for_another_lead(self, durham, mia, otto, haven, refused):
        alert = factories.draft(durham, mia, haven)
        with refused:
            actions.submit(alert=alert, by=otto)


class TestReturnToAuthor:
    def test_says_why_and_lets_it_be_submitted_again(self, durham, cora, asha, haven, mia):
        alert = actions.return_to_author(
            alert=factories.submitted(durham, cora, haven), reason="Too narrow an area", by=asha
        )
        assert (alert.state, alert.return_reason) == (Alert.State.RETURNED, "Too narrow an area")
        assert actions.submit(alert=alert, by=cora).return_reason == ""

    def test_wants_a_reason(self, durham, cora, asha, haven, mia):
        with pytest.raises(ValidationError, match="reason"):
            actions.return_to_author(alert=factories.submitted(durham, cora, haven), reason="  ", by=asha)

    def test_is_refused_unless_it_waits(self, durham, cora, asha, haven, mia):
        with pytest.raises(ValidationError, match="not waiting"):
            actions.return_to_author(alert=factories.draft(durham, cora, haven), reason="No", by=asha)

    @pytest.mark.parametrize("who", ["cora", "mia", "dara"])
    def test_is_not_for(self, durham, cora, haven, mia, who, request, refused):
        alert = factories.submitted(durham, cora, haven)
        with refused:
            actions.return_to_author(alert=alert, reason="No", by=request.getfixturevalue(who))


class TestRelease:
    def test_puts_it_in_exactly_the_right_inboxes(self, durham, cora, haven, mia, ben, otto, nell, cal):
        alert = factories.released(durham, cora, haven)
        assert names(alert) == {"Mia Hughes", "Ben Okafor"}
        assert Delivery.objects.filter(mailing=alert.mailing).count() == 2

    def test_leaves_the_excluded_agency_out(self, durham, cora, haven, harbour, mia, otto, nell):
        alert = factories.draft(durham, cora)
        choice = Choice(everyone=True, excluded=[harbour])
        alert = actions.address(alert=alert, choice=choice, by=cora)
        assert names(actions.release(alert=alert, sheet=sheet(alert), by=cora)) == {"Mia Hughes"}

    def test_freezes_the_marking_and_the_words(self, durham, cora, haven, mia):
        mailing = factories.released(durham, cora, haven).mailing
        assert mailing.marking == "OFFICIAL TLP:GREEN"
        assert "Ask who keeps the passports" in mailing.text
        assert not mailing.withheld

    @pytest.mark.parametrize("marking", [{"classification": "OFFICIAL-SENSITIVE"}, {"tlp": "AMBER"}, {"tlp": "RED"}])
    def test_puts_nothing_of_a_withheld_alert_into_the_mailing(self, durham, cora, asha, haven, mia, marking):
        mailing = factories.released(durham, cora, haven, approver=asha, **marking).mailing
        assert mailing.withheld
        said = mailing.subject + mailing.text
        assert not any(word in said for word in ("Car", "wash", "passports", "dawn"))

    def test_leaves_one_entry_for_all_of_it(self, durham, cora, haven, mia):
        assert verbs(factories.released(durham, cora, haven))[2:] == ["alert.release"]

    def test_does_nothing_the_second_time(self, durham, cora, haven, mia):
        alert = factories.draft(durham, cora, haven)
        seen = sheet(alert)
        first = actions.release(alert=alert, sheet=seen, by=cora)
        second = actions.release(alert=alert, sheet=seen, by=cora)
        assert first.mailing == second.mailing
        assert Mailing.objects.count() == 1
        assert verbs(alert).count("alert.release") == 1

    @pytest.mark.parametrize("name", [n for n in releases.CONTENT if n not in {"classification", "tlp", "expires_at"}])
    def test_is_void_when_a_word_changed_since_the_sheet_was_seen(self, durham, cora, haven, mia, name):
        alert = factories.draft(durham, cora, haven)
        seen = sheet(alert)
        other = {"urgency": "Future", "severity": "Minor", "certainty": "Possible"}.get(name, "x")
        actions.edit(alert=alert, content={name: other}, by=cora)
        with pytest.raises(ValidationError, match="check it again"):
            actions.release(alert=alert, sheet=seen, by=cora)

    def test_is_void_when_the_marking_changed(self, durham, cora, haven, mia):
        alert = factories.draft(durham, cora, haven)
        seen = sheet(alert)
        actions.edit(alert=alert, content={"tlp": "CLEAR"}, by=cora)
        with pytest.raises(ValidationError, match="check it again"):
            actions.release(alert=alert, sheet=seen, by=cora)

    def test_is_void_when_somebody_joined_or_left(self, durham, cora, haven, mia, ben):
        alert = factories.draft(durham, cora, haven)
        seen = sheet(alert)
        ben.appointments.update(until_at=Now())
        with pytest.raises(ValidationError, match="check it again"):
            actions.release(alert=alert, sheet=seen, by=cora)
        seen = sheet(alert)
        person("Zoe Late", "lead", haven)
        with pytest.raises(ValidationError, match="check it again"):
            actions.release(alert=alert, sheet=seen, by=cora)
        assert not Mailing.objects.exists()

    def test_lets_people_drop_out_at_the_last_moment_but_nobody_join(self, durham, cora, haven, mia, ben, monkeypatch):
        alert, mailing_of = factories.draft(durham, cora, haven), releases.mailing_of

        def meanwhile(*given):
            person("Zoe Late", "lead", haven)
            ben.appointments.update(until_at=Now())
            return mailing_of(*given)

        monkeypatch.setattr(releases, "mailing_of", meanwhile)
        alert = actions.release(alert=alert, sheet=sheet(alert), by=cora)
        assert names(alert) == {"Mia Hughes"}
        assert Entry.objects.get(verb="alert.release").details["people"] == 1

    def test_is_refused_for_nobody(self, durham, cora, haven):
        alert = factories.draft(durham, cora, haven)
        with pytest.raises(ValidationError, match="nobody"):
            actions.release(alert=alert, sheet=sheet(alert), by=cora)

    def test_is_refused_past_its_end(self, durham, cora, haven, mia):
        alert = factories.draft(durham, cora, haven, expires_at=timezone.now() - dt.timedelta(minutes=1))
        with pytest.raises(ValidationError, match="past its end"):
            actions.release(alert=alert, sheet=sheet(alert), by=cora)

    def test_rings_the_bell_only_once_it_is_committed(
        self, durham, cora, haven, mia, monkeypatch, django_capture_on_commit_callbacks
    ):
        rung = []
        monkeypatch.setattr("delivery.bells.ring", rung.append)
        with django_capture_on_commit_callbacks(execute=True):
            factories.released(durham, cora, haven, urgency="Immediate")
            assert rung == []
        assert rung == [Mailing.Urgency.IMMEDIATE]


class TestReleaseAlone:
    @pytest.mark.parametrize(
        "beyond",
        [
            {"classification": "OFFICIAL-SENSITIVE"},
            {"tlp": "AMBER"},
            {"tlp": "AMBER+STRICT"},
            {"tlp": "RED"},
            {"severity": "Extreme"},
        ],
    )
    def test_ends_at_each_limit(self, durham, cora, haven, mia, beyond, refused):
        alert = factories.draft(durham, cora, haven, **beyond)
        with refused:
            actions.release(alert=alert, sheet=sheet(alert), by=cora)

    def test_reaches_as_many_people_as_the_network_allows_and_no_more(self, durham, cora, haven, mia, ben, refused):
        durham.solo_release_limit = 2
        durham.save()
        factories.released(durham, cora, haven)
        person("Zoe Late", "member", haven)
        alert = factories.draft(durham, cora, haven)
        with refused:
            actions.release(alert=alert, sheet=sheet(alert), by=cora)

    @pytest.mark.parametrize("who", ["mia", "asha", "otto", "ben", "nell", "dara", "faye", "omar", "nora"])
    def test_is_for_coordinators_only(self, durham, mia, haven, who, request, refused):
        alert = factories.draft(durham, mia, haven)
        with refused:
            actions.release(alert=alert, sheet=sheet(alert), by=request.getfixturevalue(who))

    def test_is_for_coordinators_of_this_network_only(self, durham, riverside, mia, haven, refused):
        alert = factories.draft(durham, mia, haven)
        with refused:
            actions.release(alert=alert, sheet=sheet(alert), by=person("Rita Far", "coordinator", riverside))


class TestApproval:
    def release(self, alert, by):
        return actions.release(alert=alert, sheet=sheet(alert), by=fresh(by))

    def test_asks_for_a_fresh_second_factor(self, durham, cora, asha, haven, mia):
        alert = factories.submitted(durham, cora, haven, **SENSITIVE)
        for given in (None, timezone.now() - FRESH - dt.timedelta(seconds=1), timezone.now() + dt.timedelta(minutes=5)):
            asha.factor_at = given
            with pytest.raises(FreshFactorNeeded):
                actions.release(alert=alert, sheet=sheet(alert), by=asha)
        assert not Recipient.objects.filter(mailing=alert.mailing).exists()

    def test_releases_what_another_wrote(self, durham, cora, asha, haven, mia):
        alert = self.release(factories.submitted(durham, cora, haven, **SENSITIVE), asha)
        assert (alert.state, alert.released_by) == (Alert.State.RELEASED, asha)

    def test_comes_only_after_submitting(self, durham, cora, asha, haven, mia, refused):
        alert = factories.draft(durham, cora, haven)
        with refused:
            self.release(alert, asha)

    def test_is_not_for_the_author(self, durham, asha, haven, mia, refused):
        alert = factories.submitted(durham, asha, haven)
        with refused:
            self.release(alert, asha)

    def test_is_not_for_an_editor(self, durham, cora, asha, haven, mia, refused):
        alert = factories.draft(durham, cora, haven)
        actions.edit(alert=alert, content={"title": "Another"}, by=asha)
        alert = actions.submit(alert=alert, by=cora)
        with refused:
            self.release(alert, asha)

    def test_is_not_for_who_submitted_it(self, durham, cora, asha, haven, mia, refused):
        alert = actions.submit(alert=factories.draft(durham, cora, haven), by=asha)
        with refused:
            self.release(alert, asha)

    def test_looks_at_the_person_not_the_role(self, durham, cora, haven, mia, refused):
        appoint(cora, "approver", durham)
        alert = factories.submitted(durham, cora, haven, **SENSITIVE)
        with refused:
            self.release(alert, cora)

    def test_is_void_once_it_was_edited(self, durham, cora, asha, haven, mia, refused):
        alert = factories.submitted(durham, cora, haven, **SENSITIVE)
        actions.edit(alert=alert, content={"title": "Another"}, by=cora)
        with refused:
            self.release(alert, asha)

    def test_is_the_nations_too_but_not_where_it_may_not_read(self, durham, cora, nora, haven, mia, refused):
        assert self.release(factories.submitted(durham, cora, haven), nora).released_by == nora
        alert, nora.factor_at = factories.submitted(durham, cora, haven, **SENSITIVE), None
        with refused:
            actions.release(alert=alert, sheet=sheet(alert), by=nora)
        assert self.release(alert, nora).released_by == nora


class TestWithdraw:
    def test_stops_what_was_not_sent(self, durham, cora, haven, mia):
        alert = actions.withdraw(alert=factories.released(durham, cora, haven), reason="Sent in error", by=cora)
        states = set(Delivery.objects.filter(mailing=alert.mailing).values_list("state", flat=True))
        assert states == {Delivery.State.WITHDRAWN}
        assert alert.state == Alert.State.WITHDRAWN

    def test_does_nothing_the_second_time(self, durham, cora, asha, haven, mia):
        alert = actions.withdraw(alert=factories.released(durham, cora, haven), reason="Sent in error", by=cora)
        again = actions.withdraw(alert=alert, reason="Another", by=asha)
        assert (again.withdraw_reason, again.withdrawn_by) == ("Sent in error", cora)
        assert verbs(alert).count("alert.withdraw") == 1

    def test_is_for_the_lead_who_wrote_it(self, durham, mia, cora, haven):
        alert = factories.draft(durham, mia, haven)
        alert = actions.release(alert=alert, sheet=sheet(alert), by=cora)
        assert actions.withdraw(alert=alert, reason="Sent in error", by=mia).withdrawn_by == mia

    @pytest.mark.parametrize("who", ["mia", "ben", "otto", "nell", "dara", "omar"])
    def test_is_not_for_those_it_was_sent_to_or_others(self, durham, cora, haven, mia, who, request, refused):
        alert = factories.released(durham, cora, haven)
        with refused:
            actions.withdraw(alert=alert, reason="No", by=request.getfixturevalue(who))

    def test_is_refused_for_a_draft(self, durham, cora):
        with pytest.raises(ValidationError, match="released"):
            actions.withdraw(alert=factories.draft(durham, cora), reason="No", by=cora)


class TestAcknowledge:
    @pytest.fixture
    def out(self, durham, cora, haven, mia, ben):
        return factories.released(durham, cora, haven)

    def test_marks_the_persons_own_row(self, out, mia):
        actions.acknowledge(alert=out, by=mia)
        assert set(Recipient.objects.filter(acknowledged_at__isnull=False).values_list("person", flat=True)) == {mia.pk}

    def test_leaves_one_entry_however_often_it_is_pressed(self, out, mia):
        actions.acknowledge(alert=out, by=mia)
        at = Recipient.objects.get(person=mia).acknowledged_at
        actions.acknowledge(alert=out, by=mia)
        assert Recipient.objects.get(person=mia).acknowledged_at == at
        assert verbs(out).count("alert.acknowledge") == 1

    @pytest.mark.parametrize("who", ["otto", "nell", "cora", "asha", "dara", "nora", "omar"])
    def test_is_for_those_it_was_sent_to_only(self, out, who, request, refused):
        with refused:
            actions.acknowledge(alert=out, by=request.getfixturevalue(who))

    def test_is_refused_before_release(self, durham, cora, haven, mia, refused):
        alert = factories.draft(durham, cora, haven)
        with refused:
            actions.acknowledge(alert=alert, by=mia)

    def test_is_refused_once_withdrawn(self, out, cora, mia):
        actions.withdraw(alert=out, reason="Sent in error", by=cora)
        with pytest.raises(ValidationError, match="withdrawn"):
            actions.acknowledge(alert=out, by=mia)

    def test_is_over_for_who_has_left(self, out, mia, refused):
        mia.appointments.update(until_at=Now())
        with refused:
            actions.acknowledge(alert=out, by=mia)


class TestAudienceOfSeveralAgencies:
    def test_reaches_only_roles_that_were_asked_for(self, durham, cora, mia, ben, otto):
        AgencyFactory(network=durham)
        alert = factories.draft(durham, cora)
        alert = actions.address(alert=alert, choice=Choice(everyone=True, roles=["lead"]), by=cora)
        assert names(actions.release(alert=alert, sheet=sheet(alert), by=cora)) == {"Mia Hughes", "Otto Lindqvist"}


class TestPressedAtOnce:
    """Many fingers on one button, each from a connection of their own."""

    @pytest.mark.django_db(transaction=True)
    def test_releases_once_and_acknowledges_once(self):
        if connection.vendor == "sqlite":
            pytest.skip("SQLite lets one writer in at a time by itself; this test is about PostgreSQL")
        network = NetworkFactory(prefix="ONE")
        agency = AgencyFactory(network=network)
        cora, mia = person("Cora Bell", "coordinator", network), person("Mia Hughes", "lead", agency)
        alert = factories.draft(network, cora, agency)
        seen = sheet(alert)
        self.at_once(lambda: actions.release(alert=alert, sheet=seen, by=cora))
        self.at_once(lambda: actions.acknowledge(alert=Alert.objects.get(), by=mia))
        assert Mailing.objects.count() == 1
        assert verbs(alert)[2:] == ["alert.release", "alert.acknowledge"]

    @staticmethod
    def at_once(press):
        together = threading.Barrier(4)

        def one(_):
            together.wait(timeout=30)
            try:
                press()
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(one, range(4)))
