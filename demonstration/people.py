"""Who can sign in to the demonstration: the cast, one person for each role. Nobody here exists."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "pebble lantern harbour kettle"  # noqa: S105 — shared by people who do not exist, where production cannot be


@dataclass(frozen=True)
class Person:
    """Somebody of the cast: how they sign in, and what they are in one line."""

    name: str
    what: str

    @property
    def email(self) -> str:
        """Their first name, so that it is quickly typed."""
        return f"{self.name.split()[0].lower()}@lantern.example"


PEOPLE = (
    Person("Cora Bell", "coordinator of the Durham and Darlington network"),
    Person("Asha Rahman", "approver of that network: releases what others wrote"),
    Person("Mia Hughes", "lead of Haven House, a refuge"),
    Person("Ben Okafor", "member of staff at Haven House"),
    Person("Otto Lindqvist", "lead of Harbour Advice, another agency"),
    Person("Cal Whitfield", "charter officer of Darlington Borough Council"),
    Person("Faye Osborne", "reads the Durham network's figures for its funder"),
    Person("Dara Walsh", "auditor of the Durham network"),
    Person("Nell Price", "lead of Riverbank Support, in the Riverside network"),
    Person("Nora Ellis", "national coordinator, over all networks"),
    Person("Omar Siddiqui", "operator of the platform: accounts and networks, nothing in them"),
)
