"""What must be true after any run, worked out from the mail server's own list of what it accepted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.faults.mail import Accepted
from tests.faults.stage import OVER, Row

NOT_SENT = {"suppressed", "withdrawn", "expired"}


@dataclass(frozen=True)
class Account:
    """The figures of one run. Each of the lists must be empty."""

    people: int
    accepted: int
    lost: list[str]
    unexplained: list[str]
    against_the_row: list[str]
    two_names: list[str]
    repeats_said: int

    @property
    def troubles(self) -> list[str]:
        """Everything that must not be, in words."""
        named = {
            "lost": self.lost,
            "repeated without a word": self.unexplained,
            "accepted although not sent": self.against_the_row,
            "under two Message-IDs": self.two_names,
        }
        return [f"{what}: {address}" for what, found in named.items() for address in found]


def account(rows: Sequence[Row], accepted: Sequence[Accepted], people: int) -> Account:
    """Hold the ledger against the mail server. Raises AssertionError when the states do not add up."""
    by_address = {row.address: row for row in rows}
    assert len(rows) == len(by_address) == people, "somebody has it twice in the platform, or not at all"
    assert {row.state for row in rows} <= set(OVER), Counter(row.state for row in rows)
    times = Counter(each.address for each in accepted)
    names = {(each.address, each.message_id) for each in accepted}
    late = [each.address for each in accepted if _is_against(by_address[each.address], each)]
    return Account(
        people=people,
        accepted=len(accepted),
        lost=[row.address for row in rows if row.state == "sent" and not times[row.address]],
        unexplained=[
            address for address, often in times.items() if often > 1 and not by_address[address].possible_repeat
        ],
        against_the_row=late,
        two_names=[address for address, often in Counter(address for address, _ in names).items() if often > 1],
        repeats_said=sum(row.possible_repeat for row in rows),
    )


def _is_against(row: Row, taken: Accepted) -> bool:
    """Taken after the row said that it would not be sent."""
    return row.state in NOT_SENT and taken.at > row.finished
