"""Who may know of an alert, and who may read what it says.

To know: its author, its network's coordinators, approvers and auditors, the nation; once it is out, the people it was
released to, while they still speak for the agency it reached them at; and that agency's API keys with the right scope.
What is stricter than OFFICIAL and TLP:GREEN is closed to recipients whose agency did not sign the network's agreement.
To read: the same people, except that auditors read neither OFFICIAL-SENSITIVE nor TLP:RED, the nation these only with a
fresh second factor, an API key nothing that is withheld, and its readers no longer what was withdrawn.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from alerts import marking
from audit.visible import all_if, nothing
from delivery.models import Recipient
from network import standing
from network.models import ApiKey
from network.standing import KEY, Standing
from network.visibility import INSIDERS, LEADS, RUNNERS, Role

OPEN = Q(classification=marking.Classification.OFFICIAL, tlp__in=marking.OPEN_LABELS)
CLOSED_TO_OVERSEERS = Q(classification=marking.Classification.SENSITIVE) | Q(tlp=marking.Tlp.RED)


def sees(reader: Any) -> Q:
    """The alerts whose existence the reader may know of."""
    here = standing.of(reader)
    return follows(here) | receives(here)


def reads(reader: Any) -> Q:
    """The alerts whose text the reader may read: the one place that decides it. It never exceeds `sees`."""
    here = standing.of(reader)
    received = receives(here) & (OPEN if here.key else Q())
    overseen = (_oversees(here) & ~CLOSED_TO_OVERSEERS) | all_if(here.fresh and here.holds(Role.NATIONAL))
    return _makes(here) | ((received | overseen) & Q(withdrawn_at=None))


def keeps(person: Any) -> Q:
    """The alerts the person may write, submit and withdraw: those they make, and all for the nation."""
    here = standing.of(person)
    return _makes(here) | all_if(here.holds(Role.NATIONAL))


def follows(reader: Any) -> Q:
    """The alerts of which the reader may know how they fare with everyone: the makers', and who watches over them."""
    here = standing.of(reader)
    return _makes(here) | _oversees(here)


def receives(reader: Any) -> Q:
    """Those released to the reader, who still belongs to the network and speaks for the agency it reached them at."""
    here = standing.of(reader)
    belongs = (KEY, *INSIDERS, *RUNNERS)
    reached = OPEN & Q(network__in=here.networks(*belongs), mailing__in=_mailings(here))
    for network in here.agreed.networks(*belongs):  # one or two: signed for here says nothing of elsewhere
        reached |= Q(network=network, mailing__in=_mailings(here.agreed.within(network)))
    return reached & Q(released_at__isnull=False)


def _makes(here: Standing) -> Q:
    """The reader's own, while they may write for that network; and all of the networks they run."""
    if here.person is None:
        return nothing()
    may_write = Q(network__in=here.networks(*LEADS, *RUNNERS)) | all_if(here.holds(Role.NATIONAL))
    return (Q(created_by=here.person) & may_write) | Q(network__in=here.networks(*RUNNERS))


def _oversees(here: Standing) -> Q:
    """Those the reader knows of only because they watch over the network or the nation."""
    return Q(network__in=here.networks(Role.AUDITOR)) | all_if(here.holds(Role.NATIONAL))


def _mailings(here: Standing) -> QuerySet[Any]:
    """IDs of what was sent to the person at an agency they speak for, or to the key's agency; a key needs the scope."""
    rows = Recipient.objects.none()
    if here.key and ApiKey.Scope.ALERTS in here.key.scopes:
        rows = Recipient.objects.filter(agency__in=here.agencies(KEY))
    elif here.person:
        spoken_for = Q(agency__in=here.agencies(*INSIDERS)) | Q(agency=None)
        rows = Recipient.objects.filter(spoken_for, person=here.person)
    return rows.values("mailing")
