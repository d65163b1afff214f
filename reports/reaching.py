"""What the first page says about messages that do not arrive: one's own, those of the people one leads, and everybody's
for who runs the post."""

from __future__ import annotations

from django.urls import reverse

from delivery import operating
from delivery.addresses import amiss
from delivery.models import Delivery, SetAside
from network.standing import Standing
from reports.needs import SHOWN, Group, Task, group


def unreached(here: Standing) -> Group:
    """Whose address does not work. One query."""
    url = reverse("delivery:addresses")
    tasks = [Task(url=url, text=_text(row, here), note="Since", at=row.since) for row in amiss(here)[: SHOWN + 1]]
    return group("Messages that do not arrive", tasks, url, "What to do")


def post(_here: Standing) -> Group:
    """For operators: that nothing leaves, or what does not move. Three queries."""
    url, hold = reverse("delivery:operating"), operating.hold()
    stuck, silent = sum(row.stuck for row in operating.owed()), operating.breakers_open()
    said = [
        f"{stuck:,} {'message is' if stuck == 1 else 'messages are'} due and not moving" if stuck and not hold else "",
        f"{silent} {'server does' if silent == 1 else 'servers do'} not answer" if silent else "",
    ]
    held = [Task(url=url, text="Everything is held: nothing leaves", note="Since", at=hold.since)] if hold else []
    return group("Messages", held + [Task(url=url, text=text) for text in said if text], url, "How they are doing")


def _text(row: SetAside, here: Standing) -> str:
    what = "Email" if row.channel == Delivery.Channel.EMAIL else "Text messages"
    whom = "you" if row.person_id == here.person else row.person.name
    if row.flagged_only:
        return f"{what} to {whom} keep{'s' if what == 'Email' else ''} failing"
    return f"{what} to {whom} {'comes' if what == 'Email' else 'come'} back"
