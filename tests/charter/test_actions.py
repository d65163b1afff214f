from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from audit.models import Entry
from charter import actions
from charter.models import Adoption, Council, Evidence, Note, Progress
from tests.conftest import CAST

DECISION = {
    "kind": Adoption.Kind.THIS,
    "decided_on": dt.date(2018, 7, 18),
    "meeting": "Full council",
    "minutes_url": "https://council.example/minutes",
    "reservations": "",
}
STAGE = {"stage": Progress.Stage.STARTED, "note": "Half way.", "reviewed_on": None}


@pytest.fixture
def made(cal, darlington, framework) -> Adoption:
    return actions.record_adoption(council=darlington, framework=framework, by=cal, **DECISION)


@pytest.fixture
def shown(cal, darlington, promise) -> Evidence:
    link = {"title": "Template", "url": "https://council.example/template"}
    return actions.add_evidence(council=darlington, commitment=promise, public=False, by=cal, **link)


class TestWhoMay:
    @pytest.mark.parametrize("name", [name for name in CAST if name not in {"cal", "anonymous"}])
    def test_refuses_everybody_but_the_councils_own_officer(
        self, request, name, darlington, framework, promise, made, shown
    ):
        by = request.getfixturevalue(name)
        link = {"title": "x", "url": "https://council.example/"}
        for attempt in (
            lambda: actions.record_adoption(council=darlington, framework=framework, by=by, **DECISION),
            lambda: actions.correct_adoption(adoption=made, by=by, **DECISION),
            lambda: actions.remove_adoption(adoption=made, by=by),
            lambda: actions.record_progress(council=darlington, commitment=promise, by=by, **STAGE),
            lambda: actions.add_evidence(council=darlington, commitment=promise, public=True, by=by, **link),
            lambda: actions.publish_evidence(evidence=shown, by=by),
            lambda: actions.withhold_evidence(evidence=shown, by=by),
            lambda: actions.remove_evidence(evidence=shown, by=by),
        ):
            with pytest.raises(PermissionDenied):
                attempt()
        assert Adoption.objects.count() == Evidence.objects.count() == 1

    def test_refuses_cal_for_a_council_that_is_not_theirs(self, cal, elsewhere, framework):
        with pytest.raises(PermissionDenied):
            actions.record_adoption(council=elsewhere, framework=framework, by=cal, **DECISION)

    def test_refuses_to_touch_the_record_of_a_council_that_has_ended(self, cal, darlington, made):
        Council.objects.update(ends_on=timezone.localdate() - dt.timedelta(days=1))
        with pytest.raises(ValidationError, match="has ended"):
            actions.remove_adoption(adoption=made, by=cal)


class TestRecordAdoption:
    def test_leaves_one_entry_that_names_the_kind(self, made, cal, darlington):
        entry = Entry.objects.get()
        assert (entry.verb, entry.actor_id, entry.agency_id) == ("adoption.record", cal.pk, darlington.agency_id)
        assert entry.details == {"kind": "this"}

    def test_keeps_an_earlier_decision_as_history(self, cal, darlington, framework, made):
        later = {**DECISION, "kind": Adoption.Kind.OWN, "decided_on": dt.date(2019, 1, 10)}
        actions.record_adoption(council=darlington, framework=framework, by=cal, **later)
        assert [(row.kind, row.end) for row in Adoption.objects.all()] == [("own", ""), ("this", "followed")]

    def test_refuses_a_decision_older_than_the_one_it_would_follow(self, cal, darlington, framework, made):
        older = {**DECISION, "decided_on": dt.date(2018, 7, 17)}
        with pytest.raises(ValidationError, match="before the decision"):
            actions.record_adoption(council=darlington, framework=framework, by=cal, **older)

    def test_refuses_a_day_to_come(self, cal, darlington, framework):
        to_come = {**DECISION, "decided_on": timezone.localdate() + dt.timedelta(days=1)}
        with pytest.raises(ValidationError) as refusal:
            actions.record_adoption(council=darlington, framework=framework, by=cal, **to_come)
        assert list(refusal.value.message_dict) == ["decided_on"]

    @pytest.mark.parametrize("address", ["http://council.example/", "javascript:alert(1)", "ftp://council.example/"])
    def test_takes_minutes_over_https_only(self, cal, darlington, framework, address):
        with pytest.raises(ValidationError):
            actions.record_adoption(
                council=darlington, framework=framework, by=cal, **{**DECISION, "minutes_url": address}
            )


class TestCorrectAdoption:
    def test_hides_the_mistake_and_keeps_it_for_the_auditor(self, cal, dara, otto, made):
        actions.correct_adoption(adoption=made, by=cal, **{**DECISION, "kind": Adoption.Kind.INSPIRED})
        assert [row.kind for row in Adoption.objects.visible_to(otto)] == ["inspired"]
        assert {row.kind for row in Adoption.objects.visible_to(dara)} == {"inspired", "this"}

    def test_refuses_what_somebody_has_already_corrected(self, cal, made):
        actions.correct_adoption(adoption=made, by=cal, **DECISION)
        with pytest.raises(ValidationError, match="changed this record"):
            actions.correct_adoption(adoption=made, by=cal, **DECISION)
        assert Adoption.objects.count() == 2


class TestRemoveAdoption:
    def test_leaves_nothing_recorded(self, cal, made, otto):
        actions.remove_adoption(adoption=made, by=cal)
        assert not Adoption.objects.visible_to(otto)


class TestRecordProgress:
    def test_writes_over_the_one_row_of_a_commitment(self, cal, darlington, promise):
        told = {"council": darlington, "commitment": promise, "by": cal}
        actions.record_progress(**told, **STAGE)
        actions.record_progress(**told, **{**STAGE, "stage": Progress.Stage.IN_PLACE, "note": "Done."})
        assert (Progress.objects.get().stage, Note.objects.get().text) == ("in_place", "Done.")

    def test_keeps_the_note_out_of_the_trail(self, cal, darlington, promise):
        actions.record_progress(council=darlington, commitment=promise, by=cal, **STAGE)
        assert Entry.objects.get().details == {"commitment": 1, "stage": "started"}

    def test_refuses_a_stage_that_does_not_exist(self, cal, darlington, promise):
        with pytest.raises(ValidationError):
            actions.record_progress(council=darlington, commitment=promise, by=cal, **{**STAGE, "stage": "finished"})
        assert not Progress.objects.exists()


class TestEvidence:
    def test_is_private_until_published(self, cal, otto, shown):
        assert not Evidence.objects.visible_to(otto)
        actions.publish_evidence(evidence=shown, by=cal)
        assert Evidence.objects.visible_to(otto).get() == shown

    def test_can_be_made_private_again(self, cal, otto, shown):
        actions.publish_evidence(evidence=shown, by=cal)
        actions.withhold_evidence(evidence=shown, by=cal)
        assert not Evidence.objects.visible_to(otto)

    def test_when_removed_is_on_no_page(self, cal, shown):
        actions.remove_evidence(evidence=shown, by=cal)
        assert not Evidence.objects.visible_to(cal)

    def test_leaves_an_entry_for_each_deed(self, cal, shown):
        actions.publish_evidence(evidence=shown, by=cal)
        actions.remove_evidence(evidence=shown, by=cal)
        assert [e.verb for e in Entry.objects.order_by("id")] == ["evidence.add", "evidence.publish", "evidence.remove"]
