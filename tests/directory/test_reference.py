"""The directory's reference tables."""

from __future__ import annotations

import pytest

from directory.models import FirstResponder, Helpline, Term
from directory.reference import load_first_responders, load_helplines, load_terms
from tests import conformance


@pytest.mark.django_db
class TestFirstResponders:
    def test_are_eighteen_kinds_of_organisation(self):
        load_first_responders()
        counted = {kind: FirstResponder.objects.filter(kind=kind).count() for kind in FirstResponder.Kind.values}
        assert counted == {"statutory": 5, "home_office": 3, "non_statutory": 10}
        assert not FirstResponder.objects.filter(source="").exists()
        assert not FirstResponder.objects.filter(name__icontains="NHS").exists()

    def test_are_all_that_are_published(self):
        published = conformance.table("nrm/first_responder_organisations_ew.csv")
        load_first_responders()
        assert FirstResponder.objects.count() == len(published)
        ours = " ".join(FirstResponder.objects.values_list("name", flat=True)).lower()
        for row in published:
            assert row["name"].split(" - ")[-1].split(" (")[0].split(" / ")[0].lower() in ours


@pytest.mark.django_db
class TestHelplines:
    def test_show_the_five_numbers_of_a_hurry_first(self):
        load_helplines()
        shown = Helpline.objects.filter(show_everywhere=True).values_list("number", flat=True)
        assert list(shown) == ["999", "101", "08000 121 700", "0800 808 3733", "0800 043 4303"]

    def test_are_the_published_numbers_with_their_dates(self):
        published = {row["number"]: row["source_date"] for row in conformance.table("nrm/helplines.csv")}
        load_helplines()
        assert dict(Helpline.objects.values_list("number", "source_on")) == published


@pytest.mark.django_db
class TestTerms:
    def test_have_words_for_help_and_for_people(self):
        changes = load_terms()
        assert len(changes.added) == Term.objects.count() > 30
        assert set(Term.objects.values_list("kind", flat=True)) == {"help", "people"}
        assert not load_terms()
