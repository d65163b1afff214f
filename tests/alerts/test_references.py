from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from alerts import references
from alerts.models import Series
from tests.factories import NetworkFactory


class TestTake:
    def test_is_short_and_sayable(self, durham):
        year = references.timezone.localdate().year
        assert references.take(durham) == f"DUR-{year}-0001"

    def test_counts_each_network_by_itself(self, durham, riverside):
        taken = [references.take(network)[-4:] for network in (durham, durham, riverside)]
        assert taken == ["0001", "0002", "0001"]

    def test_begins_anew_each_year(self, durham):
        references.take(durham)
        Series.objects.update(year=2001)
        assert references.take(durham).endswith("-0001")

    def test_goes_past_four_figures(self, durham):
        references.take(durham)
        Series.objects.update(last=9999)
        assert references.take(durham).endswith("-10000")

    @pytest.mark.django_db(transaction=True)
    def test_gives_many_at_once_a_number_each_and_leaves_no_gap(self):
        if connection.vendor == "sqlite":
            pytest.skip("SQLite lets one writer in at a time by itself; this test is about PostgreSQL")
        network, together = NetworkFactory(prefix="ONE"), threading.Barrier(8)

        def one(number: int) -> str | None:
            together.wait(timeout=30)
            try:
                with transaction.atomic():
                    taken = references.take(network)
                    if number % 2:
                        raise InterruptedError
                    return taken
            except InterruptedError:
                return None
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as threads:
            taken = [found for found in threads.map(one, range(8)) if found]
        assert sorted(name[-4:] for name in taken) == ["0001", "0002", "0003", "0004"]
