"""What the first page says about listings opened to somebody: offers, second answers, gifts, and unusual curiosity."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils import timezone

from audit.models import Entry
from directory import keeping, need_to_know
from network.standing import Standing
from network.visibility import LEADS
from reports.needs import SHOWN, Group, Task, group

LATELY = dt.timedelta(days=7)


def waiting(here: Standing) -> Group:
    """For leads and coordinators: what was offered to them, and what waits for their yes."""
    sharing = reverse("directory:sharing")
    tasks = [Task(url=row["url"], text=row["text"], note="Waits for a second yes") for row in keeping.waiting(here)]
    tasks += [
        Task(url=sharing, text=share.listing.name, note=f"Offered by {share.listing.agency.name} on", at=share.given_at)
        for share in keeping.offered(here)
    ]
    return group("To allow or to accept", tasks, sharing, "Sharing")


def given(here: Standing) -> Group:
    """What this person was given for a while. It is not named here: others look over shoulders."""
    url = reverse("directory:sharing")
    tasks = [
        Task(url=url, text=f"{one.what} that you need to know", note="Until", at=one.grant.until_at)
        for one in need_to_know.held_by(here)
    ]
    return group("Given to you", tasks, url, "Sharing")


def unusual(here: Standing) -> Group:
    """For leads: who asked for unusually many mobile numbers of the agency, or for it."""
    found = Entry.objects.visible_to(here).filter(
        verb="mobile.unusual", agency_id__in=here.agencies(*LEADS), at__gte=timezone.now() - LATELY
    )
    url = reverse("directory:viewings")
    tasks = [
        Task(
            url=url,
            text=f"{entry.actor_name} asked for {entry.details['today']} mobile numbers in one day",
            note=f"{entry.details['last_hour']} of them within an hour, on",
            at=entry.at,
        )
        for entry in found.order_by("-id")[: SHOWN + 1]
    ]
    return group("Is this right?", tasks, url, "Who was shown protected details")
