from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from audit.models import Entry
from delivery.actions.preferences import choose, mute
from delivery.models import Preference, Quiet
from tests.delivery.wishing import wants

NIGHT = (dt.time(22), dt.time(7))
CHOICES = {("alert", "email"): "digest", ("alert", "text"): "at_once", ("training", "email"): "off"}


class TestChoose:
    def test_keeps_choices_and_hours_and_leaves_one_entry(self, mia):
        choose(person=mia, choices=CHOICES, quiet=NIGHT, by=mia)
        assert set(mia.preferences.values_list("kind", "channel", "choice")) == {(*k, v) for k, v in CHOICES.items()}
        assert (mia.quiet_hours.begins, mia.quiet_hours.ends) == NIGHT
        entry = Entry.objects.get(verb="preference.choose")
        assert entry.actor_id == mia.pk
        assert entry.details["alert by email"] == "digest"
        assert entry.details["quiet_hours"] is True

    def test_what_was_chosen_before_is_replaced_and_the_rest_stays(self, mia):
        choose(person=mia, choices=CHOICES, quiet=NIGHT, by=mia)
        choose(person=mia, choices={("alert", "email"): "at_once", ("alert", "text"): ""}, quiet=None, by=mia)
        kept = {(row.kind, row.channel): row.choice for row in mia.preferences.all()}
        assert kept == {("alert", "email"): "at_once", ("training", "email"): "off"}
        assert not Quiet.objects.exists()

    def test_nobody_chooses_for_another(self, mia, cora):
        with pytest.raises(PermissionDenied):
            choose(person=mia, choices=CHOICES, quiet=None, by=cora)
        assert not Preference.objects.exists()

    @pytest.mark.parametrize(
        ("choices", "quiet"),
        [
            ({("alert", "email"): "sometimes"}, None),
            ({("gossip", "email"): "off"}, None),
            ({("alert", "pigeon"): "off"}, None),
            ({("alert", "text"): "digest"}, None),
            ({("alert", "email"): "off"}, (dt.time(7), dt.time(7))),
        ],
    )
    def test_what_there_is_not_is_refused_and_nothing_is_half_done(self, choices, quiet, mia):
        wants(mia, "digest")
        with pytest.raises(ValidationError):
            choose(person=mia, choices=choices, quiet=quiet, by=mia)
        assert [row.choice for row in Preference.objects.all()] == ["digest"]
        assert not Entry.objects.filter(verb="preference.choose").exists()


class TestMute:
    def test_says_whether_anything_changed(self, mia):
        assert mute(kind="training", channel="email", by=mia)
        assert not mute(kind="training", channel="email", by=mia)

    def test_a_notice_cannot_be_turned_off(self, mia):
        with pytest.raises(PermissionDenied):
            mute(kind="notice", channel="email", by=mia)
