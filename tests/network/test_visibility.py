from __future__ import annotations

import pytest

from network.models import Agency, Network

pytestmark = pytest.mark.django_db


class TestNetworks:
    def test_shows_each_member_their_own_network_only(self, mia, nell, durham, riverside, anonymous):
        assert list(Network.objects.visible_to(mia)) == [durham]
        assert list(Network.objects.visible_to(nell)) == [riverside]
        assert not Network.objects.visible_to(anonymous).exists()


class TestAgencies:
    def test_hides_the_other_network_from_nell(self, nell, cora, haven, harbour, riverbank):
        assert set(Agency.objects.visible_to(nell)) == {riverbank}
        assert set(Agency.objects.visible_to(cora)) == {haven, harbour}
