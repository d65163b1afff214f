from __future__ import annotations

import pytest
from django.db.models.functions import Now

from delivery import carrier, notices
from delivery.models import Delivery, Mailing, Recipient
from network.models import Network
from tests import factories

pytestmark = pytest.mark.django_db


def told(agency, **but) -> dict[str, str]:
    """Who is told, and why."""
    notices.tell_leads(agency, subject="Look at this", text="There is something to look at.", path="/", **but)
    return dict(Recipient.objects.values_list("person__name", "reason"))


class TestTellLeads:
    def test_reaches_leads_and_deputies_and_nobody_else(self, haven, mia, ben, cora, otto, nell):
        deputy = factories.person("Dee Marsh", "deputy", haven)
        assert told(haven) == {mia.name: "lead of Haven House", deputy.name: "lead of Haven House"}
        assert Delivery.objects.filter(channel="email", state="queued").count() == 2
        assert Mailing.objects.get().kind == Mailing.Kind.NOTICE

    def test_goes_to_the_coordinator_where_nobody_else_leads(self, haven, mia, ben, cora, asha, nell):
        assert told(haven, but={mia.pk}) == {cora.name: f"coordinator of {cora.appointments.get().network.name}"}

    def test_is_written_for_nobody_where_there_is_nobody(self, haven, mia):
        assert told(haven, but={mia.pk}) == {}
        assert not Mailing.objects.exists()

    def test_is_one_for_somebody_with_two_appointments(self, haven, mia, cora):
        factories.appoint(mia, "deputy", haven)
        assert told(haven) == {mia.name: "lead of Haven House"}

    def test_an_agency_without_a_network_has_nobody_to_tell(self, haven, mia, cora):
        haven.memberships.update(until_at=haven.memberships.get().from_at)
        assert told(haven) == {}


def about(network) -> Mailing:
    """A notice that is not saved yet."""
    return Mailing(network=network, reference="A-NOTICE", subject="Look at this", text="There is something.", path="/")


class TestTellCoordinators:
    def test_reaches_those_of_each_network_each_once_and_at_once(self, durham, riverside, cora, asha, mia, nell):
        factories.appoint(cora, "coordinator", durham)
        rita = factories.person("Rita Vale", "coordinator", riverside)
        notices.tell_coordinators([about(durham), about(durham), about(riverside)])
        found = list(
            Recipient.objects.order_by("person__name").values_list("person__name", "mailing__network", "reason")
        )
        ours = (cora.name, durham.pk, f"coordinator of {durham}")
        assert found == [ours, ours, (rita.name, riverside.pk, f"coordinator of {riverside}")]
        assert set(Delivery.objects.values_list("channel", "urgency", "state")) == {("email", "immediate", "queued")}
        assert Delivery.objects.count() == 3

    def test_tells_nothing_where_nobody_coordinates(self, durham, riverside, cora, asha):
        notices.tell_coordinators([about(riverside)])
        assert not Mailing.objects.exists()

    @pytest.mark.parametrize("ended", [False, True])
    def test_is_not_sent_once_the_network_has_ended(self, durham, cora, mail_server, ended):
        notices.tell_coordinators([about(durham)])
        if ended:
            Network.objects.filter(pk=durham.pk).update(ended_at=Now())
        for ticket in carrier.dispatch():
            carrier.deliver(ticket.fence)
        assert Delivery.objects.get().state == ("suppressed" if ended else "sent")
        assert mail_server.addresses == ([] if ended else [cora.email])

    def test_costs_nothing_for_nothing(self, db, django_assert_max_num_queries):
        with django_assert_max_num_queries(2):
            notices.tell_coordinators([])
