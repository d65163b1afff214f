from __future__ import annotations

import pytest

from alerts import marking
from alerts.marking import Classification, Tlp

LOOSE = [Tlp.CLEAR, Tlp.GREEN]
STRICT = [Tlp.AMBER, Tlp.AMBER_STRICT, Tlp.RED]


class TestText:
    def test_names_both_labels(self):
        assert marking.text("OFFICIAL-SENSITIVE", "AMBER") == "OFFICIAL-SENSITIVE TLP:AMBER"


class TestWithheld:
    @pytest.mark.parametrize("tlp", LOOSE)
    def test_lets_open_labels_travel(self, tlp):
        assert not marking.withheld(Classification.OFFICIAL, tlp)

    @pytest.mark.parametrize("tlp", STRICT)
    def test_keeps_strict_labels_behind_sign_in(self, tlp):
        assert marking.withheld(Classification.OFFICIAL, tlp)

    @pytest.mark.parametrize("tlp", Tlp.values)
    def test_keeps_sensitive_behind_sign_in_under_any_label(self, tlp):
        assert marking.withheld(Classification.SENSITIVE, tlp)


class TestAllows:
    @pytest.mark.parametrize("tlp", [Tlp.CLEAR, Tlp.GREEN, Tlp.AMBER])
    def test_takes_the_stricter_where_the_labels_disagree(self, tlp):
        said = marking.allows(Classification.SENSITIVE, tlp)
        assert "only inside your own agency" in said

    def test_keeps_red_red_when_it_is_sensitive_too(self):
        assert "anybody" in marking.allows(Classification.SENSITIVE, Tlp.RED)

    def test_answers_differently_for_each_label(self):
        assert len({marking.allows(Classification.OFFICIAL, tlp) for tlp in Tlp.values}) == len(Tlp)
