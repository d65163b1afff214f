from __future__ import annotations

import pytest
from django.db.models.functions import Now

from delivery import audience as audiences
from delivery.forms import AudienceForm
from network.models import Membership
from tests.factories import AreaFactory


def form(by, network, **data):
    return AudienceForm({"roles": ["lead", "deputy"], **data}, by=by, network=network)


class TestAudienceForm:
    def test_offers_the_networks_live_agencies_and_the_areas_they_cover(self, durham, cora, haven, harbour, riverbank):
        AreaFactory(name="Elsewhere")
        haven.areas.add(AreaFactory(name="Darlington"))
        durham.areas.add(AreaFactory(name="County Durham"))
        Membership.objects.filter(agency=harbour).update(suspended_at=Now())
        offered = AudienceForm(by=cora, network=durham)
        assert [row.name for row in offered.fields["agencies"].queryset] == ["Haven House"]
        assert [row.name for row in offered.fields["areas"].queryset] == ["County Durham", "Darlington"]

    def test_refuses_an_agency_of_another_network_as_one_that_does_not_exist(self, durham, cora, haven, riverbank):
        chosen = form(cora, durham, agencies=[str(riverbank.pk)])
        assert not chosen.is_valid()
        assert riverbank.name not in str(chosen.errors)

    def test_offers_nothing_of_a_network_that_the_person_may_not_see(self, durham, nell, haven):
        assert not form(nell, durham, agencies=[str(haven.pk)]).is_valid()

    @pytest.mark.parametrize("data", [{}, {"roles": [], "everyone": "on"}, {"everyone": "on", "kinds": ["council"]}])
    def test_asks_for_one_way_of_choosing(self, durham, cora, data):
        assert not form(cora, durham, **data).is_valid()

    def test_a_valid_choice_becomes_an_audience(self, durham, cora, mia, haven, harbour):
        chosen = form(cora, durham, everyone="on", excluded=[str(harbour.pk)])
        assert chosen.is_valid(), chosen.errors
        saved = audiences.save(durham, chosen.choice)
        assert [row.name for row in audiences.named(saved)] == ["Mia Hughes"]

    def test_shows_again_what_was_chosen_before(self, durham, cora, haven):
        chosen = form(cora, durham, kinds=["charity"], agencies=[str(haven.pk)])
        assert chosen.is_valid(), chosen.errors
        saved = audiences.save(durham, chosen.choice)
        again = AudienceForm(by=cora, network=durham, audience=saved)
        assert again["agencies"].initial == [haven.pk]
        assert again["kinds"].initial == ["charity"]
        assert str(again)
