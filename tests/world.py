"""One of everything, in the hands of the cast, for the table of doors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from alerts.models import Alert
from audit import trail
from audit.models import Entry
from charter.models import Adoption, Council, Evidence
from directory.models import Listing
from network.models import Agency, ApiKey, Area
from tests import factories
from tests.alerts import factories as alerts
from tests.charter.factories import AdoptionFactory, CommitmentFactory, CouncilFactory, EvidenceFactory, ProgressFactory
from tests.directory.factories import ListingFactory
from tests.training import factories as training
from training.models import Session

ABSENT = UUID("01900000-0000-7000-8000-000000000000")


@dataclass
class World:
    """What the addresses speak of. Haven House is Mia's and Ben's; the alert went to them and to nobody else."""

    listings: dict[str, Listing]
    haven: Agency
    council: Council
    adoption: Adoption
    evidence: Evidence
    draft: Alert
    submitted: Alert
    released: Alert
    session: Session
    unannounced: Session
    key: ApiKey
    entry: Entry


def build(cast: dict[str, Any], durham: Any, haven: Agency, council_agency: Agency) -> World:
    """The world, made by the same actions that people use where there is one."""
    durham.areas.add(factories.AreaFactory(name="Darlington", kind=Area.Kind.COUNCIL))
    adoption = AdoptionFactory(council=CouncilFactory(agency=council_agency, code="DAL"))
    commitment = CommitmentFactory(framework=adoption.framework, number=1)
    progress = ProgressFactory(council=adoption.council, commitment=commitment)
    course = training.CourseFactory(network=durham, title="Spotting labour exploitation")
    return World(
        listings={
            access.value: ListingFactory(agency=haven, access=access, name=f"{access} beds")
            for access in Listing.Access
        },
        haven=haven,
        council=adoption.council,
        adoption=adoption,
        evidence=EvidenceFactory(progress=progress),
        draft=alerts.draft(durham, cast["cora"], haven),
        submitted=alerts.submitted(durham, cast["cora"], haven),
        released=alerts.released(durham, cast["cora"], haven),
        session=training.announced((cast["mia"], haven), (cast["ben"], haven), course=course),
        unannounced=training.SessionFactory(course=course),
        entry=trail.record("agency.edit", haven),
        key=ApiKey.objects.create(
            agency=haven, owner=cast["mia"], name="Case system", digest="0" * 64, expires_at="2099-01-01T00:00Z"
        ),
    )
