"""Every table of ours has exactly one rule of who may see its rows, or is named here with the reason why none reads it
by itself."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings
from django.utils.module_loading import import_string

from audit.visible import nothing, rule_of
from config import floors
from tests.test_house_rules import PACKAGES

# Public facts with a source: the same for everyone, no rows that belong to anybody.
REFERENCE = {"network.Area", "directory.Term", "directory.FirstResponder", "directory.Helpline"}
# What the engines keep for themselves. A page that tells of one has found its parent by the parent's rule.
MACHINERY = {
    "audit.SealedEntry",
    "audit.Sweep",
    "audit.SealLetter",
    "network.Letter",
    "delivery.Audience",
    "delivery.Mailing",
    "delivery.NumberCode",
    "alerts.Revision",
    "alerts.Series",
}
OURS = {model._meta.label: model for model in apps.get_models() if model._meta.app_label in PACKAGES}
RULED = sorted(set(OURS) - REFERENCE - MACHINERY)


def test_the_lists_name_tables_that_exist():
    assert set(OURS) >= REFERENCE | MACHINERY


@pytest.mark.parametrize("label", RULED)
class TestEachTable:
    def test_has_one_rule_and_one_only(self, label):
        own = "seen_by" in OURS[label].__dict__
        assert own != (label in settings.VISIBILITY)
        assert rule_of(OURS[label]) is not nothing

    def test_is_read_through_it(self, label):
        assert hasattr(OURS[label].objects, "visible_to")


@pytest.mark.parametrize("label", sorted(REFERENCE | MACHINERY))
def test_what_has_no_rule_offers_no_way_to_ask_for_it(label):
    assert rule_of(OURS[label]) is nothing


@pytest.mark.parametrize("label", sorted(settings.VISIBILITY))
def test_e51_a_rule_named_in_the_settings_is_there_and_for_a_table_that_is_there(label):
    assert label in OURS
    assert callable(import_string(settings.VISIBILITY[label]))


@pytest.mark.parametrize("name", sorted(name for name in dir(floors) if name.isupper()))
def test_e51_whatever_a_lower_floor_asks_for_by_name_is_there(name):
    named = getattr(floors, name)
    for path in [named] if isinstance(named, str) else named.values() if isinstance(named, dict) else named:
        assert import_string(path) if path.count(".") > 1 else import_module(path)


@pytest.mark.parametrize("name", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_what_the_beat_rings_is_there(name):
    assert callable(import_string(settings.CELERY_BEAT_SCHEDULE[name]["task"]))
