"""What must be true of alerts that climbed, whatever died meanwhile: worked out from the rows, and from what the mail
server and the provider of text messages say that they accepted. Written from the words of the promise, not from the
code that keeps it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator
from functools import cached_property
from typing import Any
from uuid import UUID, uuid5

from tests.faults.accounting import NOT_SENT
from tests.faults.mail import Accepted
from tests.faults.stage import OVER

RELEASED, DEPUTIES, OTHER_WAY, CALL = range(4)
LEADS = ("lead", "deputy")
TAKEN = {"sent", "delivered", "bounced"}
NAMED = re.compile(r"b-([0-9a-f]+)-")
Rows = list[dict[str, Any]]


class Climbed:
    """The rows of one run, and what was accepted: (delivery, when) by each way."""

    def __init__(self, facts: dict[str, Any], mails: Iterable[Accepted], texts: Iterable[dict[str, Any]]) -> None:
        self.facts = facts
        self.alerts = {row["pk"]: row for row in facts["alerts"]}
        self.of_mailing = {row["mailing"]: row["pk"] for row in facts["alerts"]}
        self.recipients = {row["pk"]: row for row in facts["recipients"]}
        self.deliveries: dict[int, dict[str, Any]] = {row["pk"]: row for row in facts["deliveries"]}
        self.leads: dict[str, set[str]] = defaultdict(set)
        for agency, person in facts["leads"]:
            self.leads[agency].add(person)
        letters = {str(uuid5(UUID(row["mailing"]), str(pk))): pk for pk, row in self.deliveries.items()}
        self.mails = [(letters.get(mail.message_id.partition("@")[0]), mail.at) for mail in mails]
        self.texts = [int(NAMED.findall(text["reference"])[0], 16) for text in texts]

    @cached_property
    def steps(self) -> dict[tuple[str, str], dict[int, dict[str, Any]]]:
        """For each alert and agency its steps, by kind."""
        found: dict[tuple[str, str], dict[int, dict[str, Any]]] = defaultdict(dict)
        for row in self.facts["steps"]:
            found[row["alert"], row["agency"]][row["kind"]] = row
        return found

    @cached_property
    def given(self) -> dict[tuple[str, str], Rows]:
        """For each alert and agency who was given it for that agency."""
        found: dict[tuple[str, str], Rows] = defaultdict(list)
        for row in self.facts["recipients"]:
            if alert := self.of_mailing.get(row["mailing"]):
                found[alert, row["agency"]].append(row)
        return found

    def ended(self, alert: str, agency: str) -> float:
        """When it ended for this agency: acknowledged by a lead, withdrawn or over."""
        answers = [row["acknowledged_at"] for row in self.given[alert, agency] if row["role"] in LEADS]
        row = self.alerts[alert]
        return min((at for at in (*answers, row["withdrawn_at"], row["expires_at"]) if at), default=float("inf"))

    # ── What must not be ──────────────────────────────────────────────────────────────────────────────────────────────
    def troubles(self) -> list[str]:
        """Everything that must not be, in words."""
        parts = (self.twice, self.missed, self.too_late, self.torn, self.not_given, self.not_told, self.not_owed,
                 self.lost, self.repeated)  # fmt: skip
        return [f"{part.__name__}: {found}" for part in parts for found in part()]

    def twice(self) -> Iterator[str]:
        """A step, a person in a message, or a way to them, a second time."""
        keys: list[Hashable] = [("step", row["alert"], row["agency"], row["kind"]) for row in self.facts["steps"]]
        keys += [("recipient", row["mailing"], row["person"]) for row in self.recipients.values()]
        keys += [("delivery", row["recipient"], row["channel"]) for row in self.deliveries.values()]
        yield from (f"{key} {often} times" for key, often in Counter(keys).items() if often > 1)

    def missed(self) -> Iterator[str]:
        """Where nobody answered and nothing ended, every step was taken; elsewhere none without those before it."""
        for (alert, agency), taken in self.steps.items():
            should = [RELEASED, *self._to_take(alert, agency)]
            if self.ended(alert, agency) < float("inf"):
                should = should[: len(taken)]
            if sorted(taken) != should:
                yield f"{self.alerts[alert]['title']}: steps {sorted(taken)}, not {should}"

    def _to_take(self, alert: str, agency: str) -> list[int]:
        """An agency where nobody leads is to be called at once; what is RED is given to nobody."""
        red = self.alerts[alert]["title"] == "red"
        steps = [] if red else [DEPUTIES]
        return [*steps, OTHER_WAY, CALL] if self.leads[agency] else [*steps, CALL]

    def too_late(self) -> Iterator[str]:
        """A step, or a person given it, after it had ended for the agency."""
        for (alert, agency), taken in self.steps.items():
            end = self.ended(alert, agency)
            late = [kind for kind, row in taken.items() if row["at"] > end]
            late += [row["pk"] for row in self.given[alert, agency] if (row["added_at"] or 0) > end]
            if late:
                yield f"{self.alerts[alert]['title']}: {late} after {end}"

    def torn(self) -> Iterator[str]:
        """All agencies of an alert come to a step in one transaction, and the trail has one entry for each."""
        rounds: dict[Hashable, set[str]] = defaultdict(set)
        entries: Counter[Hashable] = Counter()
        for row in self.facts["steps"]:
            if row["kind"] != RELEASED:
                rounds[row["alert"], row["kind"], row["minutes"]].add(row["round"])
                entries[row["alert"], row["round"]] += 1
        yield from (f"{key} in {len(names)} rounds" for key, names in rounds.items() if len(names) > 1)
        noted = Counter(
            (row["subject_id"], sum(many for what, many in row["details"].items() if what != "people"))
            for row in self.facts["entries"]
        )
        if noted != Counter((alert, many) for (alert, _), many in entries.items()):
            yield f"the trail has {sum(noted.values())} entries for {len(entries)} rounds"

    def not_given(self) -> Iterator[str]:
        """Who leads an agency that came to the first step has it; nobody else was given it, and nobody what is RED."""
        has = {(self.of_mailing.get(row["mailing"]), row["person"]) for row in self.recipients.values()}
        for (alert, agency), taken in self.steps.items():
            if DEPUTIES in taken:
                yield from (f"{person} of {agency}" for person in self.leads[agency] if (alert, person) not in has)
            for row in self.given[alert, agency]:
                if row["added_at"] and (DEPUTIES not in taken or row["person"] not in self.leads[agency]):
                    yield f"{row['person']} was given what was not theirs"

    def not_told(self) -> Iterator[str]:
        """One notice for each time that an alert brought agencies to the call list, to each who coordinates, once."""
        listed = {(row["alert"], row["round"]) for row in self.facts["steps"] if row["kind"] == CALL}
        should = Counter(alert for alert, _ in listed)
        told = Counter(self.facts["references"][row["path"].split("/")[2]] for row in self.facts["notices"])
        if told != should:
            yield f"notices {told}, not {should}"
        for notice in self.facts["notices"]:
            people = {row["person"] for row in self.recipients.values() if row["mailing"] == notice["pk"]}
            if people != {person for network, person in self.facts["coordinators"] if network == notice["network"]}:
                yield f"{people} were told of {notice['path']}"

    def not_owed(self) -> Iterator[str]:
        """Everybody has an e-mail to come; a text message comes from the other way, or after a failed e-mail."""
        ways: dict[int, dict[str, str]] = defaultdict(dict)
        for row in self.deliveries.values():
            ways[row["recipient"]][row["channel"]] = row["state"]
        for pk, row in self.recipients.items():
            alert = self.of_mailing.get(row["mailing"], "")
            stepped = OTHER_WAY in self.steps.get((alert, row["agency"]), {}) and row["role"] in LEADS
            failed = ways[pk].get("email") == "failed"
            if "email" not in ways[pk]:
                yield f"no e-mail for recipient {pk}"
            if (row["person"] in self.facts["texted"] and (stepped or failed)) != ("text" in ways[pk]):
                yield f"{ways[pk]} for recipient {pk}, who is a {row['role']}"

    def lost(self) -> Iterator[str]:
        """Nothing is owed any more; what is said to be sent was accepted, and what is not says why."""
        accepted = {pk for pk, _ in self.mails} | set(self.texts)
        for pk, row in self.deliveries.items():
            if row["state"] not in OVER:
                yield f"{row['channel']} {pk} is {row['state']}"
            elif row["state"] in TAKEN and pk not in accepted:
                yield f"{row['channel']} {pk} is {row['state']} and was not accepted"
            elif row["state"] not in TAKEN and not row["detail"]:
                yield f"{row['channel']} {pk} is {row['state']} and does not say why"

    def repeated(self) -> Iterator[str]:
        """What was accepted is known, is accepted twice only where the row says so, and not after the row closed."""
        often = Counter(pk for pk, _ in self.mails) + Counter(self.texts)
        for pk, times in often.items():
            if pk not in self.deliveries:
                yield f"{times} of what nobody owed"
            elif times > 1 and not self.deliveries[pk]["possible_repeat"]:
                yield f"{self.deliveries[pk]['channel']} {pk} came {times} times without a word"
        for pk, at in self.mails:
            row = self.deliveries.get(pk or 0)
            if row and row["state"] in NOT_SENT and at > row["finished_at"]:
                yield f"e-mail {pk} was accepted after it was {row['state']}"
