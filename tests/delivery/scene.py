"""What the test of real workers does in the workers' own database, as another process.

python -m tests.delivery.scene release COUNT · state · age · ring · withdraw · dismiss COUNT · poison
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.db.models import F  # noqa: E402
from django.db.models.functions import Now  # noqa: E402

from accounts.models import User  # noqa: E402
from delivery import bells, ledger, post  # noqa: E402
from delivery.models import Delivery, Mailing  # noqa: E402
from network.models import Appointment  # noqa: E402
from tests.delivery import factories  # noqa: E402
from tests.factories import NetworkFactory  # noqa: E402


def release(count: str) -> dict[str, Any]:
    """Make the tables and so many people, and release a message to them."""
    call_command("migrate", verbosity=0)
    network = NetworkFactory()
    factories.leads(network, int(count))
    rule = factories.audience(network)
    with transaction.atomic():
        mailing = post.enclose(mailing=factories.mailing(network), audience=rule, only=None)
        transaction.on_commit(lambda: bells.ring(mailing.urgency))
    return {"recipients": mailing.recipients.count()}


def state() -> dict[str, Any]:
    """The ledger's account."""
    rows = Delivery.objects.values_list("state", "recipient__person__email", "possible_repeat")
    return {
        "states": Counter(row[0] for row in rows),
        "sent": [row[1] for row in rows if row[0] == "sent"],
        "may repeat": [row[1] for row in rows if row[2]],
    }


def age() -> dict[str, Any]:
    """As if the time of every lease had passed; how many were being sent."""
    sending = Delivery.objects.filter(state="sending").count()
    Delivery.objects.update(lease_until=F("lease_until") - 2 * ledger.SENDING_LEASE)
    return {"sending": sending}


def ring() -> dict[str, Any]:
    """What the beat does every ten seconds."""
    bells.ring("immediate")
    return {}


def withdraw() -> dict[str, Any]:
    """Take the message back."""
    post.withdraw(Mailing.objects.get())
    return {}


def dismiss(count: str) -> dict[str, Any]:
    """End the appointments of the last so many people."""
    last = Appointment.objects.order_by("-pk").values_list("pk", flat=True)[: int(count)]
    return {"dismissed": Appointment.objects.filter(pk__in=list(last)).update(until_at=Now())}


def poison() -> dict[str, Any]:
    """Give one of them an address that no message can be written to."""
    person = User.objects.filter(pk__in=Delivery.objects.values("recipient__person")).order_by("pk")[:1].get()
    User.objects.filter(pk=person.pk).update(email="a b@\u2028.example")
    return {}


if __name__ == "__main__":
    deeds = {deed.__name__: deed for deed in (release, state, age, ring, withdraw, dismiss, poison)}
    print(json.dumps(deeds[sys.argv[1]](*sys.argv[2:])))
