"""The pages about alerts, by what people come to do: read, write, release."""

from __future__ import annotations

from alerts.views.reading import acknowledge, board, detail, inbox, section
from alerts.views.releasing import give_back, progress, release, sent, submit, withdraw
from alerts.views.writing import address, edit, new

__all__ = [
    "acknowledge",
    "address",
    "board",
    "detail",
    "edit",
    "give_back",
    "inbox",
    "new",
    "progress",
    "release",
    "section",
    "sent",
    "submit",
    "withdraw",
]
