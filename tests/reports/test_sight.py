"""What somebody can see: for who leads or watches over them, and never more than the asker sees."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from directory.models import Share
from network import grants
from tests import factories
from tests.alerts.factories import released
from tests.directory.conftest import hidden, refuge  # noqa: F401  the listings of Haven House
from tests.factories import LONG_AGO, fresh

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def ask(client, person, **asked):
    return client.get(reverse("reports:sees", args=[person.pk]), asked)


def body(client, person, **asked):
    return ask(client, person, **asked).content.decode().split("<main")[1]


class TestSees:
    def test_is_for_oneself_and_who_leads_or_watches(self, browse, mia, ben, otto, nell, cora, asha, dara, nora, omar):  # noqa: PLR0917
        answers = {
            p.name: ask(browse(p), ben).status_code for p in (ben, mia, cora, dara, nora, otto, asha, omar, nell)
        }
        assert list(answers.values()) == [200, 200, 200, 200, 200, 403, 403, 403, 404]

    def test_counts_and_explains(self, browse, mia, ben, refuge):  # noqa: F811
        told = body(browse(mia), ben)
        assert "Member of Haven House, since 1 January 2024" in told
        assert "Haven House: 4" in told
        assert told.count("Member of Haven House, whose listing it is") == 2

    def test_never_shows_or_counts_what_the_asker_cannot_see(self, browse, cora, dara, nora, ben, hidden, refuge):  # noqa: F811
        for asker in (cora, dara, nora):
            told = body(browse(asker), ben)
            assert "Haven House: 3" in told
            assert "Zaffre" not in told

    def test_does_not_tell_of_roles_elsewhere(self, browse, mia, ben, riverside, riverbank, refuge, harbour):  # noqa: F811
        before = body(browse(mia), ben)
        factories.appoint(ben, "lead", riverbank)
        factories.appoint(ben, "national")
        assert body(browse(mia), ben) == before

    def test_tells_of_grants_and_shares(self, browse, mia, otto, harbour, cora, refuge):  # noqa: F811
        grants.give(
            row=refuge["concealed"],
            person=otto,
            reason="Joint visit on Friday",
            until=timezone.now() + DAY,
            by=fresh(mia),
        )
        Share.objects.create(listing=refuge["restricted"], agency=harbour, accepted_at=LONG_AGO)
        own = body(browse(otto), otto)
        assert "Joint visit on Friday" in own
        assert "Haven restricted service, with Harbour Advice" in own
        theirs = body(browse(cora), otto)
        assert "Joint visit" not in theirs
        assert "concealed" not in theirs.replace("Restricted and concealed listings", "")

    def test_counts_alerts_that_both_know_of(self, browse, mia, ben, cora, durham, haven):
        released(durham, cora, haven)
        assert "The text of 1 of them may be read" in body(browse(mia), ben)

    def test_tells_of_the_past_roles_only(self, browse, mia, ben, refuge, haven):  # noqa: F811
        ben.appointments.update(until_at=timezone.now() - DAY)
        factories.appoint(ben, "deputy", haven, from_at=timezone.now() - DAY)
        then = timezone.localtime(timezone.now() - 2 * DAY)
        told = body(browse(mia), ben, at_day=then.day, at_month=then.month, at_year=then.year, at_time="5pm")
        assert "Member of Haven House" in told
        assert "Deputy" not in told
        assert "Haven House: 4" not in told

    def test_asks_as_much_for_much_as_for_little(self, mia, ben, refuge, haven, django_assert_max_num_queries):  # noqa: F811
        from reports import sight
        from tests.directory.factories import ListingFactory

        with django_assert_max_num_queries(45) as few:
            sight.of_person(ben, by=mia)
        for access in ("restricted", "concealed") * 5:
            ListingFactory(agency=haven, access=access)
        with django_assert_max_num_queries(45) as many:
            sight.of_person(ben, by=mia)
        assert len(many.captured_queries) == len(few.captured_queries)
