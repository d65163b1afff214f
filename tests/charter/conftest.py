"""Cal's council, and one in nobody's network."""

from __future__ import annotations

import pytest

from charter.models import Commitment, Council, Framework
from tests.charter import factories


@pytest.fixture
def framework(db) -> Framework:
    return factories.FrameworkFactory()


@pytest.fixture
def darlington(council_agency) -> Council:
    """Cal's council."""
    return factories.CouncilFactory(
        code="DAL", short_name="Darlington", agency=council_agency, name="Darlington Borough Council", hex_q=7, hex_r=18
    )


@pytest.fixture
def elsewhere(db) -> Council:
    """A council that is no partner of any network."""
    return factories.CouncilFactory(code="EXE", short_name="Exeter", region="South West", hex_q=3, hex_r=4)


@pytest.fixture
def promise(framework) -> Commitment:
    return factories.CommitmentFactory(framework=framework, number=1, title="Train procurement staff")
