"""A release, from the moment it is pressed; also in a process that does nothing else, as one of the web server's."""

from __future__ import annotations

import sys

from django.db import transaction

from delivery import bells, post
from delivery.models import Audience, Mailing
from network.models import Network
from tests.benchmarks.measuring import until
from tests.delivery import factories

Crowd = tuple[Network, Audience]  # a network, and the rule that means all of its leads
ALONE = "import django; django.setup(); from tests.benchmarks import press; press.main()"


def release(network: Network, rule: Audience) -> Mailing:
    """What the action does: everything in one transaction, and a bell when it is committed."""
    with transaction.atomic():
        mailing = post.enclose(mailing=factories.mailing(network), audience=rule)
        transaction.on_commit(lambda: bells.ring(mailing.urgency))
    return mailing


def main() -> None:
    """Release to the audience whose key is given, and stay until everything is sent."""
    rule = Audience.objects.select_related("network").get(pk=sys.argv[1])
    mailing = release(rule.network, rule)
    until(lambda: post.progress(mailing).finished)
