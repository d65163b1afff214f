from __future__ import annotations

import pytest

from audit import trail
from audit.models import Entry

pytestmark = pytest.mark.django_db


class TestRecord:
    def test_says_who_did_what_to_what(self, cora, haven):
        entry = trail.record("agency.edit", haven, by=cora, fields=["website"])
        assert (entry.actor_id, entry.actor_name, entry.subject_id) == (cora.pk, "Cora Bell", str(haven.pk))
        assert entry.agency_id == haven.pk
        assert entry.details == {"fields": ["website"]}

    def test_marks_what_the_platform_itself_did(self, durham):
        entry = trail.record("network.load", durham)
        assert (entry.actor_id, entry.network_id) == (None, durham.pk)


class TestVisibleTo:
    """Who reads of a deed in Haven House, in the Durham network."""

    @pytest.fixture
    def about_haven(self, haven):
        return trail.record("agency.edit", haven)

    @pytest.fixture
    def about_a_secret(self, haven):
        haven.is_concealed = True
        return trail.record("listing.edit", haven)

    def readers(self, entry, *people) -> list[bool]:
        return [Entry.objects.visible_to(person).filter(pk=entry.pk).exists() for person in people]

    def test_lets_its_leads_coordinators_auditors_and_the_nation_read(self, about_haven, mia, cora, dara, nora):
        assert self.readers(about_haven, mia, cora, dara, nora) == [True] * 4

    def test_shows_nothing_to_anybody_else(self, about_haven, ben, otto, nell, cal, faye, asha, omar, anonymous):
        assert self.readers(about_haven, ben, otto, nell, cal, faye, asha, omar, anonymous) == [False] * 8

    def test_keeps_a_concealed_deed_to_leads_and_auditors(self, about_a_secret, mia, dara, cora, nora, ben, otto, omar):
        assert self.readers(about_a_secret, mia, dara) == [True, True]
        assert self.readers(about_a_secret, cora, nora, ben, otto, omar) == [False] * 5

    def test_shows_everybody_their_own_deeds(self, otto, ben, haven):
        entry = trail.record("alert.acknowledge", haven, by=otto)
        assert self.readers(entry, otto, ben) == [True, False]
