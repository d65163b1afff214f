"""What the product shows, against what it should: the same sets for each reader, or the differences in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from alerts import calling
from delivery import audience as audiences
from delivery import ledger
from delivery.models import Audience, Delivery
from directory.reading import Found
from network import standing
from network.models import ApiKey
from tests.oracle import KINDS, Row, World, addressed, key_lives, listed, may_go, seen, to_call
from tests.worlds import asking, reading

# Where something wrong shows first.
DAILY = ("listing", "contact", "agency", "alert", "alert_text")
FOR_KEYS = (
    *("listing", "contact", "place", "hours", "agency", "network", "alert", "alert_text"),
    *("step", "call", "ladder"),
)  # fmt: skip
ALL = tuple(KINDS)


class Judge:
    """What everybody should see of one world; worked out once, however often it is asked."""

    def __init__(self, now: World, product: Any = asking) -> None:
        """`product` is how it is asked: anew each time, or by `Questions`."""
        self.now = now
        self.product = product
        self.answers: dict[Any, set[Any]] = {}

    def should(self, someone: Any, kind: str) -> set[Any]:
        """The IDs that the oracle lets this reader see."""
        place = (getattr(someone, "pk", None), getattr(someone, "factor_at", None), kind)
        if place not in self.answers:
            self.answers[place] = seen(reading.as_read(self.now, someone), kind)
        return self.answers[place]

    def differences(self, readers: Iterable[Any], kinds: Iterable[str] = ALL) -> Iterator[str]:
        """Each as “Ann is shown listing X”, which should not be, or “is not shown”; none when all agree."""
        for someone in readers:
            here, alerts = standing.of(someone), None
            for kind in kinds:
                if isinstance(someone, ApiKey) and kind not in FOR_KEYS:
                    continue
                if kind.startswith("alert"):
                    alerts = alerts or self.product.shown_alerts(here)
                is_shown = alerts[kind] if alerts and kind in alerts else self.product.shown(kind, here)
                should = self.should(someone, kind)
                yield from self._apart(someone, kind, is_shown, should)
                if kind == "listing":
                    for reader in (someone, here):  # the statement finds out itself where they stand, or is told
                        yield from self._listed(someone, Found(reader), should)

    def _apart(self, someone: Any, kind: str, is_shown: set[Any], should: set[Any]) -> Iterator[str]:
        yield from (f"{name_of(someone)} is shown {self.named(kind, row)}" for row in is_shown - should)
        yield from (f"{name_of(someone)} is not shown {self.named(kind, row)}" for row in should - is_shown)

    def _listed(self, someone: Any, found: Found, should: set[Any]) -> Iterator[str]:
        """The directory's own statement, which says the rule in SQL."""
        yield from self._apart(someone, "listing", {row.id for row in found.by_id(999)}, should)
        if (count := found.counts().total) != len(should):
            yield f"{name_of(someone)} is told of {count} listings, not {len(should)}"

    def keys(self) -> Iterator[str]:
        """Keys that open something and should not, or the other way round."""
        live = set(ApiKey.objects.live().values_list("pk", flat=True))
        should = {row.id for row in self.now.all("key") if key_lives(self.now, row)}
        yield from (f"{self.named('key', row)} is {'alive' if row in live else 'dead'}" for row in live ^ should)

    def calls(self, readers: Iterable[Any]) -> Iterator[str]:
        """Agencies that somebody is told to call about an alert and should not be, or the other way round."""
        for someone in readers:
            if isinstance(someone, ApiKey):
                continue
            reader, here = reading.as_read(self.now, someone), standing.of(someone)
            for found, should in ((calling.listed(here), listed(reader)), (calling.to_call(here), to_call(reader))):
                yield from self._apart(someone, "step", set(found.order_by().values_list("pk", flat=True)), should)

    def post(self, rule: Audience) -> Iterator[str]:
        """People whom this audience would reach and should not, or the other way round."""
        columns = {name: set(getattr(rule, name).values_list("pk", flat=True)) for name in ("agencies", "excluded")}
        row = Row(network_id=rule.network_id, everyone=rule.everyone, roles=rule.roles, kinds=rule.kinds, **columns)
        for strict in (False, True):
            found = {named.person_id for named in audiences.named(rule, strict=strict)}
            should = addressed(self.now, row, strict=strict)
            label = "strict mail" if strict else "mail"
            yield from (f"{label} reaches {self.named('person', one)}" for one in found - should)
            yield from (f"{label} does not reach {self.named('person', one)}" for one in should - found)

    def owed(self) -> Iterator[str]:
        """Messages that were addressed once and would go out though they should not any more, or the other way."""
        rows = dict(Delivery.objects.values_list("pk", "recipient"))
        going = set(ledger._entitled(Delivery.objects.all()).values_list("pk", flat=True))
        for delivery, recipient in rows.items():
            if (delivery in going) != may_go(self.now, self.now.get("recipient", recipient)):
                yield f"delivery {delivery} {'goes' if delivery in going else 'does not go'} out"

    def named(self, kind: str, pk: Any) -> str:
        """Which one, in a word or two."""
        row = self.now.get("alert" if kind == "alert_text" else kind, pk)
        return f"{kind} {next((row[name] for name in ('reference', 'name', 'function', 'title') if row.get(name)), pk)}"


def name_of(someone: Any) -> str:
    """Who, in a word."""
    fresh = " (fresh)" if getattr(someone, "factor_at", None) else ""
    return f"{someone}{fresh}" if someone.is_authenticated else "nobody"
