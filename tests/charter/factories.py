"""Rows of the charter register, for tests."""

from __future__ import annotations

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from charter.models import Adoption, Commitment, Council, Evidence, Framework, Progress


class FrameworkFactory(DjangoModelFactory[Framework]):
    class Meta:
        model = Framework

    name = "Charter Against Modern Slavery"
    version = factory.Sequence(lambda n: f"2018.{n}")
    starts_on = dt.date(2018, 3, 1)
    source = "made up for tests"


class CommitmentFactory(DjangoModelFactory[Commitment]):
    class Meta:
        model = Commitment

    framework = factory.SubFactory(FrameworkFactory)
    number = factory.Sequence(lambda n: n + 1)
    title = factory.Sequence(lambda n: f"Promise {n}")
    summary = "What is promised."
    evidence_hint = "What shows it."
    measure = "How much of it."


class CouncilFactory(DjangoModelFactory[Council]):
    """A live unitary council of the North East, without a place on the map unless one is given."""

    class Meta:
        model = Council

    code = factory.Sequence(lambda n: f"C{n}")
    gss = factory.Sequence(lambda n: f"E06{n:06}")
    short_name = factory.Sequence(lambda n: f"Place {n:04}")
    name = factory.LazyAttribute(lambda council: f"{council.short_name} Council")
    kind = Council.Kind.UNITARY
    tier = Council.Tier.LOWER
    nation = Council.Nation.ENGLAND
    region = "North East"
    source = "made up for tests"
    source_on = dt.date(2026, 1, 1)


class AdoptionFactory(DjangoModelFactory[Adoption]):
    class Meta:
        model = Adoption

    council = factory.SubFactory(CouncilFactory)
    framework = factory.SubFactory(FrameworkFactory)
    kind = Adoption.Kind.THIS
    decided_on = dt.date(2018, 7, 18)
    meeting = "Full council"
    minutes_url = "https://council.example/minutes"


class ProgressFactory(DjangoModelFactory[Progress]):
    class Meta:
        model = Progress

    council = factory.SubFactory(CouncilFactory)
    commitment = factory.SubFactory(CommitmentFactory)
    stage = Progress.Stage.STARTED


class EvidenceFactory(DjangoModelFactory[Evidence]):
    class Meta:
        model = Evidence

    progress = factory.SubFactory(ProgressFactory)
    title = factory.Sequence(lambda n: f"Evidence {n}")
    url = "https://council.example/evidence"
