from __future__ import annotations

import pytest

from alerts import actions, release
from alerts.models import Alert
from delivery.models import Mailing
from tests.alerts import factories
from tests.factories import lapse, person


class TestSheet:
    def test_names_each_person_once_with_the_reason(self, durham, cora, haven, mia, ben, otto):
        sheet = release.sheet(factories.draft(durham, cora, haven))
        assert [(n.name, n.reason) for n in sheet.people] == [
            ("Ben Okafor", "member of Haven House"),
            ("Mia Hughes", "lead of Haven House"),
        ]

    def test_names_nobody_without_an_audience(self, durham, cora, mia):
        assert list(release.sheet(factories.draft(durham, cora)).people) == []

    def test_names_the_agencies_that_a_strict_alert_will_not_reach(self, durham, cora, haven, harbour, mia, otto):
        lapse(haven)
        strict = release.sheet(factories.draft(durham, cora, haven, harbour, **factories.SENSITIVE))
        assert ([n.name for n in strict.people], list(strict.unsigned)) == (["Otto Lindqvist"], ["Haven House"])
        unrestricted = release.sheet(factories.draft(durham, cora, haven, harbour))
        assert (len(unrestricted.people), list(unrestricted.unsigned)) == (2, [])

    def test_has_the_same_fingerprint_until_something_changes(self, durham, cora, haven, mia):
        alert = factories.draft(durham, cora, haven)
        assert release.sheet(alert).fingerprint == release.sheet(Alert.objects.get(pk=alert.pk)).fingerprint

    def test_has_another_fingerprint_when_one_goes_and_one_comes(self, durham, cora, haven, mia, ben):
        alert = factories.draft(durham, cora, haven)
        before = release.sheet(alert)
        ben.appointments.update(until_at="2025-01-01T00:00Z")
        person("Bea New", "member", haven)
        after = release.sheet(alert)
        assert len(before.people) == len(after.people)
        assert before.fingerprint != after.fingerprint

    def test_differs_between_alerts_that_say_the_same(self, durham, cora, haven, mia):
        one, two = (factories.draft(durham, cora, haven) for _ in range(2))
        assert release.sheet(one).fingerprint != release.sheet(two).fingerprint


class TestWhyNotAlone:
    def test_gives_no_reason_within_the_limits(self, durham, cora):
        assert release.why_not_alone(factories.draft(durham, cora), 200) == []

    def test_counts_people(self, durham, cora):
        assert release.why_not_alone(factories.draft(durham, cora), 201) == [
            "It would reach 201 people; one coordinator may alert 200 at most."
        ]

    def test_names_every_reason(self, durham, cora):
        alert = factories.draft(durham, cora, severity="Extreme", **factories.SENSITIVE)
        assert len(release.why_not_alone(alert, 201)) == 4


class TestUrgency:
    @pytest.mark.parametrize(
        ("urgency", "severity", "speed"),
        [
            ("Immediate", "Minor", Mailing.Urgency.IMMEDIATE),
            ("Expected", "Minor", Mailing.Urgency.PRIORITY),
            ("Future", "Extreme", Mailing.Urgency.PRIORITY),
            ("Unknown", "Severe", Mailing.Urgency.PRIORITY),
            ("Future", "Moderate", Mailing.Urgency.ROUTINE),
            ("Past", "Extreme", Mailing.Urgency.ROUTINE),
        ],
    )
    def test_follows_how_soon_and_how_serious(self, urgency, severity, speed):
        assert release.urgency(Alert(urgency=urgency, severity=severity)) == speed


class TestPreview:
    def test_is_what_the_person_will_get(self, durham, cora, haven, mia):
        alert = factories.draft(durham, cora, haven)
        subject, text = release.preview(alert, "/alerts/x/", release.sheet(alert).people[0])
        assert subject == "OFFICIAL TLP:GREEN: Car washes: new pattern"
        assert "Dear Mia Hughes" in text
        assert "passports" in text
        assert not Mailing.objects.exists()

    def test_says_nothing_of_what_is_withheld(self, durham, cora, haven, mia):
        alert = factories.draft(durham, cora, haven, **factories.SENSITIVE)
        said = " ".join(release.preview(alert, "/alerts/x/", release.sheet(alert).people[0]))
        assert alert.reference in said
        assert not any(word in said for word in ("Car washes", "passports", "dawn"))


class TestMakers:
    def test_are_all_who_had_a_hand_in_any_version(self, durham, mia, cora, asha, nora, haven):
        alert = factories.draft(durham, mia, haven)
        actions.edit(alert=alert, content={"title": "Another"}, by=cora)
        actions.edit(alert=alert, content={"title": "A third"}, by=nora)
        assert release.makers(Alert.objects.get(pk=alert.pk)) == {mia.pk, cora.pk, nora.pk}


class TestDigest:
    def test_follows_words_marking_and_audience(self, durham, cora, haven, mia):
        alert = factories.draft(durham, cora)
        alert = actions.edit(alert=alert, content={"title": "Another"}, by=cora)
        alert = actions.edit(alert=alert, content={"tlp": "CLEAR"}, by=cora)
        factories.actions.address(alert=alert, choice=factories.Choice(agencies=[haven]), by=cora)
        digests = list(alert.revisions.values_list("digest", flat=True))
        assert len(set(digests)) == len(digests) == 4
