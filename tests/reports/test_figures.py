from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from django.utils import timezone

from delivery.models import Mailing, Recipient
from reports import figures, periods
from tests.api.conftest import SECRET_PLACE
from tests.charter.factories import AdoptionFactory, CouncilFactory
from tests.delivery.factories import leads
from tests.delivery.factories import released as sent
from tests.directory.factories import ListingFactory
from tests.factories import AreaFactory

pytestmark = pytest.mark.django_db
HERE = "/reports/figures/"
FEW = "Fewer than 5"


def values(network, reader) -> dict[str, str]:
    return {figure.name: figure.text for figure in figures.of(network, periods.current(), reader)}


@pytest.fixture
def busy(durham, riverside, cora, faye):
    """Eight leads, two alerts, answers after 1, 2, … hours; and a quieter network next door."""
    leads(durham, 8)
    leads(riverside, 6)
    mailings = [sent(durham, reference=f"DUR-{n}") for n in range(2)]
    sent(riverside, reference="RIV-1")
    Mailing.objects.update(released_at=timezone.now() - dt.timedelta(days=0, minutes=1))
    for hours, row in enumerate(Recipient.objects.filter(mailing=mailings[0]).order_by("pk")[:7], start=1):
        row.acknowledged_at = row.mailing.released_at + dt.timedelta(hours=hours * 6)
        row.save()
    return mailings


class TestOf:
    def test_counts_what_happened_in_the_network_and_quarter(self, busy, durham, cora):
        found = values(durham, cora)
        assert (found["Agencies"], found["Alerts released"], found["People reached"]) == ("8", "2", "8")
        assert found["Median time to acknowledge"] == "1 d 0 h"
        assert found["Acknowledged within 24 hours"] == "25%"

    def test_counts_who_was_given_it_later_from_then_and_not_in_the_share(self, busy, durham, cora):
        """Somebody who stands in for a lead who did not answer spoils nobody's figures."""
        mailing = busy[1]
        late = mailing.released_at + dt.timedelta(hours=30)
        for row in Recipient.objects.filter(mailing=mailing):
            row.added_at, row.acknowledged_at = late, late + dt.timedelta(minutes=5)
            row.save()
        found = values(durham, cora)
        assert found["Acknowledged within 24 hours"] == "50%"
        assert found["Median time to acknowledge"] == "5 min"

    def test_counts_nothing_of_another_quarter(self, busy, durham, cora):
        Mailing.objects.update(released_at=periods.current().start - dt.timedelta(seconds=1))
        assert values(durham, cora)["Alerts released"] == "0"
        before = {f.name: f.text for f in figures.of(durham, periods.current().previous, cora)}
        assert before["Alerts released"] == "2"

    def test_holds_back_small_numbers_from_the_funder_only(self, busy, durham, faye, cora, dara, asha, nora):
        assert values(durham, faye)["Alerts released"] == FEW
        assert values(durham, faye)["People reached"] == "8"
        assert values(durham, faye)["Listings in date"] == FEW
        for person in (cora, dara, asha, nora):
            assert FEW not in values(durham, person).values()

    def test_holds_back_a_median_of_few(self, busy, durham, faye):
        assert values(durham, faye)["Median time to acknowledge"] == "1 d 0 h"
        Recipient.objects.filter(pk__in=Recipient.objects.order_by("-pk").values("pk")[:20]).update(
            acknowledged_at=None
        )
        Recipient.objects.update(acknowledged_at=None)
        assert values(durham, faye)["Median time to acknowledge"] == FEW

    def test_leaves_concealed_listings_out_of_every_number(self, haven, durham, cora, faye, dara, nora):
        ListingFactory.create_batch(5, agency=haven, access="network")
        before = [values(durham, person) for person in (cora, faye, dara, nora)]
        ListingFactory(agency=haven, name=SECRET_PLACE, access="concealed", assured_on=timezone.localdate())
        assert [values(durham, person) for person in (cora, faye, dara, nora)] == before

    def test_puts_kinds_of_decision_side_by_side(self, durham, faye, council_agency):
        AdoptionFactory(council=CouncilFactory(agency=council_agency), kind="own")
        area = AreaFactory(kind="police")
        durham.areas.add(area)
        AdoptionFactory(council=CouncilFactory(police_area=area), kind="this")
        AdoptionFactory(kind="referred")
        found = figures.of(durham, periods.current(), faye)
        counted = [(figure.name, figure.text) for figure in found if figure.group == "Charter"]
        assert [number for _, number in counted] == ["1", "1", "0", "0"]
        assert len(counted) == 4

    def test_takes_a_fixed_number_of_queries(self, busy, durham, cora, django_assert_num_queries):
        with django_assert_num_queries(10):
            figures.of(durham, periods.current(), cora)


class TestFigures:
    @pytest.mark.parametrize(
        ("who", "status"),
        [("cora", 200), ("asha", 200), ("faye", 200), ("dara", 200), ("nora", 200),
         ("mia", 403), ("ben", 403), ("otto", 403), ("nell", 403), ("cal", 403), ("omar", 403)],
    )  # fmt: skip
    def test_is_for_those_who_may_read_figures(self, who, status, durham, riverside, browse, request):
        client = browse(request.getfixturevalue(who))
        assert client.get(HERE).status_code == client.get("/reports/figures.csv").status_code == status

    def test_shows_no_other_network(self, durham, riverside, browse, faye, cora, nora):
        for person in (faye, cora):
            assert browse(person).get(f"{HERE}?network={riverside.pk}").status_code == 404
        assert riverside.name in browse(nora).get(f"{HERE}?network={riverside.pk}").content.decode()

    @pytest.mark.parametrize("quarter", ["2019-Q1", "2026-Q5", "x", "2099-Q1"])
    def test_knows_only_the_latest_quarters(self, quarter, browse, faye):
        assert browse(faye).get(f"{HERE}?quarter={quarter}").status_code == 404

    def test_holds_no_names(self, busy, browse, faye, mia, haven):
        ListingFactory(agency=haven, name="Haven advice")
        for address in (HERE, "/reports/figures.csv"):
            page = browse(faye).get(address).content.decode()
            assert not any(word in page for word in ("Mia Hughes", "Haven", "White van", "DUR-0"))

    def test_gives_the_same_numbers_to_a_spreadsheet(self, busy, durham, browse, faye):
        answer = browse(faye).get(f"/reports/figures.csv?quarter={periods.current().code}")
        rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
        assert {row["Figure"]: row["Value"] for row in rows} == values(durham, faye)
        assert all(row["Definition"] for row in rows)
        assert answer["Content-Disposition"] == f'attachment; filename="figures-DUR-{periods.current().code}.csv"'
