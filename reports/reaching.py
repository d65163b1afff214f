"""What the first page says about messages that do not arrive: one's own, and those of the people one leads."""

from __future__ import annotations

from django.urls import reverse

from delivery.addresses import amiss
from delivery.models import Delivery, SetAside
from network.standing import Standing
from reports.needs import SHOWN, Group, Task, group


def unreached(here: Standing) -> Group:
    """Whose address does not work. One query."""
    url = reverse("delivery:addresses")
    tasks = [Task(url=url, text=_text(row, here), note="Since", at=row.since) for row in amiss(here)[: SHOWN + 1]]
    return group("Messages that do not arrive", tasks, url, "What to do")


def _text(row: SetAside, here: Standing) -> str:
    what = "Email" if row.channel == Delivery.Channel.EMAIL else "Text messages"
    whom = "you" if row.person_id == here.person else row.person.name
    if row.flagged_only:
        return f"{what} to {whom} keep{'s' if what == 'Email' else ''} failing"
    return f"{what} to {whom} {'comes' if what == 'Email' else 'come'} back"
