from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from audit.models import Entry
from network.actions import networks as actions
from network.models import Area, Network
from tests import factories

pytestmark = pytest.mark.django_db
HERE = "/network/networks/"


class TestAddNetwork:
    def test_is_for_operators(self, omar, cora, nora, mia):
        for person in (cora, nora, mia):
            with pytest.raises(PermissionDenied):
                actions.add_network(name="North", prefix="NOR", areas=[], by=person)
        assert actions.add_network(name="North", prefix="nor", areas=[], by=omar).prefix == "NOR"
        assert Entry.objects.filter(verb="network.add").count() == 1

    @pytest.mark.parametrize("prefix", ["N", "NORTH", "N1", "Ñé", "DUR", "dur"])
    def test_refuses_a_prefix_that_will_not_do(self, prefix, omar, durham):
        with pytest.raises(ValidationError):
            actions.add_network(name="North", prefix=prefix, areas=[], by=omar)

    def test_goes_by_its_page(self, browse, omar):
        area = factories.AreaFactory(kind=Area.Kind.POLICE)
        browse(omar).post(f"{HERE}new/", {"name": "North", "letters": "NOR", "areas": [area.pk]})
        assert list(Network.objects.get(prefix="NOR").areas.all()) == [area]

    def test_shows_an_operator_nothing_of_the_networks_agencies(self, browse, omar, haven, mia):
        assert haven.name not in browse(omar).get(HERE).content.decode()


class TestEditNetwork:
    def told(self, network, **changes):
        told = {"name": network.name, "areas": [], "solo_release_limit": network.solo_release_limit}
        return {"network": network, **told, **changes}

    def test_makes_the_limit_stricter_and_only_an_operator_looser(self, durham, cora, omar):
        actions.edit_network(**self.told(durham, solo_release_limit=50), by=cora)
        with pytest.raises(ValidationError):
            actions.edit_network(**self.told(durham, solo_release_limit=60), by=cora)
        actions.edit_network(**self.told(durham, solo_release_limit=60), by=omar)
        with pytest.raises(ValidationError):
            actions.edit_network(**self.told(durham, solo_release_limit=201), by=omar)
        durham.refresh_from_db()
        assert durham.solo_release_limit == 60

    def test_is_for_its_own_coordinator(self, durham, riverside, cora, asha, mia, nora):
        for network, person in ((riverside, cora), (durham, asha), (durham, mia), (durham, nora)):
            with pytest.raises(PermissionDenied):
                actions.edit_network(**self.told(network), by=person)

    def test_goes_by_its_page(self, browse, durham, cora):
        told = {"name": "Durham Partnership", "solo_release_limit": 20}
        assert browse(cora).post(f"{HERE}DUR/", told).status_code == 302
        durham.refresh_from_db()
        assert (durham.name, durham.solo_release_limit) == ("Durham Partnership", 20)
