from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery import envelopes

MIA = "mia@lantern.example"


class TestToken:
    @given(st.integers(1, 2**59))
    def test_names_the_delivery_and_nobody_else_can(self, number):
        token = envelopes.token(number, MIA)
        known = envelopes.known(f"Delivered-To: <bounces+{token}@lantern.example>")
        assert known.delivery == number
        assert known.went_to(MIA)
        assert known.went_to(" MIA@lantern.example")
        assert not known.went_to("mia@other.example")

    def test_is_the_same_each_time(self):
        assert envelopes.token(7, MIA) == envelopes.token(7, "Mia@Lantern.example")
        assert envelopes.token(7, MIA) != envelopes.token(8, MIA)

    def test_survives_servers_that_shout(self):
        assert envelopes.known(envelopes.token(7, MIA).upper()).delivery == 7

    def test_tells_nobody_the_address(self):
        assert not re.search("mia|lantern", envelopes.token(7, MIA))

    @pytest.mark.parametrize("place", [2, 5, -1])
    def test_changed_it_is_nobodys(self, place):
        token = list(envelopes.token(0xABCDEF, MIA))
        token[place] = "1" if token[place] != "1" else "2"
        assert envelopes.known("".join(token)) is None

    def test_parts_of_two_make_no_third(self):
        ours, other = envelopes.token(7, MIA).split("-"), envelopes.token(8, MIA).split("-")
        assert envelopes.known("-".join([*ours[:2], ours[2], other[3]])) is None
        assert envelopes.known("-".join([ours[0], other[1], *ours[2:]])) is None

    def test_a_forged_one_before_it_hides_nothing(self):
        token = envelopes.token(7, MIA)
        assert envelopes.known(f"b-7-{'0' * 8}-{'0' * 20} {token}").delivery == 7

    def test_depends_on_our_secret(self, settings):
        token = envelopes.token(7, MIA)
        settings.SECRET_KEY = "another" * 10
        assert envelopes.known(token) is None


class TestSender:
    def test_is_the_fixed_one_unless_the_settings_say_otherwise(self, settings):
        assert envelopes.sender(7, MIA, "alerts@lantern.example") == "alerts@lantern.example"
        settings.BOUNCE_DOMAIN = "b.lantern.example"
        assert envelopes.sender(7, MIA, "x") == f"{envelopes.token(7, MIA)}@b.lantern.example"
        settings.BOUNCE_DOMAIN, settings.BOUNCE_ADDRESS = "", "bounces@lantern.example"
        assert envelopes.sender(7, MIA, "x") == f"bounces+{envelopes.token(7, MIA)}@lantern.example"

    def test_is_no_longer_than_a_mail_server_takes(self, settings):
        settings.BOUNCE_ADDRESS = "sixteen-letters_@lantern.example"
        local, _, _ = envelopes.sender(2**60 - 1, MIA, "x").partition("@")
        assert len(local) <= 64  # RFC 5321 section 4.5.3.1.1
