"""What may happen in a small world, as a machine that hypothesis drives. After each step people see what they should.

Where people have an action for it, the action does it, in the hands of whoever may; where time has to pass, or a
mistake has to be made, the row is written as it is.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from accounts import actions as accounts
from accounts.models import User
from alerts import actions as alerts
from alerts import climbing, release
from alerts.models import Alert, Call, Step
from delivery.audience import Choice
from delivery.models import Audience, Mailing, Recipient
from directory import actions as directory
from directory.models import Contact, Listing, ListingGrant, Loosening, Share
from network import grants
from network.actions import agencies as agency_actions
from network.actions import keys as key_actions
from network.actions import people as people_actions
from network.models import Agreement, ApiKey, Appointment, Membership, Network
from tests.alerts.factories import content
from tests.worlds import reading, small, surfaces
from tests.worlds.comparing import ALL, DAILY, Judge
from training.models import Booking, Course, Session

people = st.sampled_from(small.PEOPLE)
agencies = st.sampled_from(small.AGENCIES)
networks = st.sampled_from(small.NETWORKS)
begins = st.sampled_from([-1, 0, 1])
ends = st.sampled_from([None, None, 1, 2])
which = st.integers(0, 11)
access = st.sampled_from(Listing.Access.values)
MARKINGS = [("OFFICIAL", "GREEN"), ("OFFICIAL", "AMBER"), ("OFFICIAL", "RED"), ("OFFICIAL-SENSITIVE", "AMBER+STRICT")]
AGENCY_ROLES = ["member", "lead", "deputy", "charter"]
NETWORK_ROLES = ["coordinator", "approver", "reports", "auditor"]
WHY = "They have to know of it for a case."


class Happenings(RuleBasedStateMachine):
    """Anything that may happen. `world` stands when the test begins, and each run gives it back as it was."""

    world: ClassVar[small.Small]
    each_step: ClassVar[int] = 4  # how many readers look after each step, in turns; everybody at the end
    doors: ClassVar[int] = 1  # how many people try the pages at the end, in turns
    turn: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.began = self.world.clock.now
        self.whole = transaction.atomic()
        self.whole.__enter__()
        self.asked_for: list[Audience] = []
        self.steps = 0
        turn = type(self).turn = type(self).turn + self.doors
        self.at_doors = [small.PEOPLE[(turn + number) % len(small.PEOPLE)] for number in range(self.doors)]

    def teardown(self) -> None:
        """The last look is at every kind and every page; then all of it is undone."""
        try:
            self.look(ALL, self.readers())
            found = list(surfaces.differences(self.world, self.judge, self.at_doors))
            assert not found, "\n".join(found)
        finally:
            transaction.set_rollback(True)
            self.whole.__exit__(None, None, None)
            self.world.clock.now = self.began

    @invariant()
    def everybody_sees_what_they_should(self) -> None:
        """The daily kinds, each reader, each step."""
        everybody = self.readers()
        first = (self.steps * self.each_step) % len(everybody)
        self.steps += 1
        self.look(DAILY, (everybody + everybody)[first : first + self.each_step])

    def look(self, kinds: tuple[str, ...], readers: list[Any]) -> None:
        """Hold the product against the oracle."""
        self.judge = Judge(reading.world(self.world.clock.now), self.world.questions)
        found = [*self.judge.differences(readers, kinds), *self.judge.keys()]
        if kinds == ALL:
            found += self.judge.calls(readers)
            found += [line for rule in self.asked_for for line in self.judge.post(rule)] + list(self.judge.owed())
        assert not found, "\n".join(found)

    def readers(self) -> list[Any]:
        """Everybody as they are now; the nation with a fresh factor as well."""
        everybody: list[Any] = list(User.objects.filter(email__endswith="@x.example"))
        fresh = self.fresh("na")
        live = ApiKey.objects.live()
        return [*everybody, fresh, *live, AnonymousUser()]

    # ── Who does it ───────────────────────────────────────────────────────────────────────────────────────────────────
    def fresh(self, name: str) -> User:
        """The person, as they are now, with a second factor given just now."""
        person = User.objects.get(pk=self.world.people[name].pk)
        person.factor_at = self.world.clock.now
        return person

    def someone(self, action: Any, *first: str, **what: Any) -> Any:
        """What the action gives in the hands of the first of these who may; None when nobody may."""
        for name in first or small.PEOPLE:
            try:
                with transaction.atomic():
                    return action(**what, by=self.fresh(name))
            except PermissionDenied:
                continue
            except ValidationError:
                return None
        return None

    def one(self, rows: Any, number: int) -> Any:
        """One of these rows, in the order they were made; None of none."""
        found = list(rows.order_by("pk"))
        return found[number % len(found)] if found else None

    # ── Time ──────────────────────────────────────────────────────────────────────────────────────────────────────────
    @rule()
    def an_hour_passes(self) -> None:
        """Meanwhile the beat rings: what nobody acknowledged goes on."""
        self.world.clock.forward(1)
        climbing.climb()

    # ── People ────────────────────────────────────────────────────────────────────────────────────────────────────────
    @rule(who=people, role=st.sampled_from(AGENCY_ROLES), where=agencies, begins=begins, ends=ends)
    def somebody_is_appointed_in_an_agency(
        self, who: str, role: str, where: str, begins: int, ends: int | None
    ) -> None:
        small.appoint(self.world, who, role, where, begins, ends)

    @rule(who=people, role=st.sampled_from(NETWORK_ROLES), where=networks, begins=begins, ends=ends)
    def somebody_is_appointed_in_a_network(
        self, who: str, role: str, where: str, begins: int, ends: int | None
    ) -> None:
        small.appoint(self.world, who, role, where, begins, ends)

    @rule(number=which, later=st.booleans())
    def an_appointment_ends(self, number: int, later: bool) -> None:
        row = self.one(Appointment.objects.filter(until_at=None), number)
        if (
            row
            and not self.someone(people_actions.end_appointment, appointment=row, heirless=True)
            and row.from_at <= self.world.clock.now
        ):
            Appointment.objects.filter(pk=row.pk).update(until_at=self.world.clock.at(1 if later else 0))

    @rule(who=people, stand_in=people, where=agencies)
    def somebody_stands_in(self, who: str, stand_in: str, where: str) -> None:
        self.someone(
            people_actions.cover, person=self.world.people[who], stand_in=self.world.people[stand_in],
            agency=self.world.agencies[where], from_at=self.world.clock.at(0), until_at=self.world.clock.at(2),
        )  # fmt: skip

    @rule(who=people)
    def an_account_is_closed(self, who: str) -> None:
        if not self.someone(accounts.close, person=self.world.people[who]):
            User.objects.filter(pk=self.world.people[who].pk, is_active=True).update(is_active=False, closed_at=Now())

    # ── Agencies, networks, agreements ────────────────────────────────────────────────────────────────────────────────
    @rule(number=which, how=st.sampled_from(["suspend", "let_back", "leave", "lapse later"]))
    def a_membership_changes(self, number: int, how: str) -> None:
        row = self.one(Membership.objects.filter(until_at=None, from_at__isnull=False), number)
        if row is None:
            return
        if how == "suspend":
            self.someone(agency_actions.suspend, "co", "cy", membership=row, reason="They have not answered for weeks.")
        elif how == "let_back":
            self.someone(agency_actions.let_back, "co", "cy", membership=row)
        else:
            Membership.objects.filter(pk=row.pk).update(until_at=self.world.clock.at(0 if how == "leave" else 1))

    @rule(where=agencies, network=networks, begun=st.booleans())
    def an_agency_joins(self, where: str, network: str, begun: bool) -> None:
        place = {"agency": self.world.agencies[where], "network": self.world.networks[network]}
        joining = Membership.objects.filter(**place, until_at=None).first()
        if joining is None:
            Membership.objects.create(**place, from_at=self.world.clock.now if begun else None)
        elif joining.from_at is None:
            Membership.objects.filter(pk=joining.pk).update(from_at=self.world.clock.now)

    @rule(network=networks, ended=st.booleans())
    def a_network_ends_or_goes_on(self, network: str, ended: bool) -> None:
        Network.objects.filter(name=network).update(ended_at=self.world.clock.now if ended else None)

    @rule(network=networks, grace=st.sampled_from([0, 1]))
    def another_agreement_is_published(self, network: str, grace: int) -> None:
        place = self.world.networks[network]
        Agreement.objects.filter(network=place, until_at=None).update(until_at=self.world.clock.at(grace))
        small.agree(self.world, place, Agreement.objects.filter(network=place).count() + 1)

    @rule(where=agencies, network=networks)
    def an_agency_signs(self, where: str, network: str) -> None:
        small.sign(self.world, self.world.agencies[where], self.world.networks[network])

    @rule(
        where=agencies, owner=people, scopes=st.sets(st.sampled_from(["directory", "contacts", "alerts"]), min_size=1)
    )
    def a_key_is_made(self, where: str, owner: str, scopes: set[str]) -> None:
        small.key(self.world, where, owner, sorted(scopes))

    @rule(number=which)
    def a_key_is_ended(self, number: int) -> None:
        if key := self.one(ApiKey.objects.filter(ended_at=None), number):
            self.someone(key_actions.end_key, key=key)

    # ── The directory ─────────────────────────────────────────────────────────────────────────────────────────────────
    @rule(number=which, access=access)
    def a_listing_is_tightened(self, number: int, access: str) -> None:
        self.someone(directory.tighten, listing=self.one(Listing.objects, number), access=access)

    @rule(number=which, access=access)
    def two_people_loosen_a_listing(self, number: int, access: str) -> None:
        listing = self.one(Listing.objects, number)
        self.someone(directory.ask_to_loosen, listing=listing, contact=None, access=access)
        for wish in Loosening.objects.waiting().filter(listing=listing):
            self.someone(directory.loosen, loosening=wish)

    @rule(number=which, access=access)
    def a_listing_is_written_as_it_should_not_be(self, number: int, access: str) -> None:
        """Contacts, places and shares stay behind: a rule that trusts them to have been tidied up would show it."""
        Listing.objects.filter(pk=self.one(Listing.objects, number).pk).update(access=access)

    @rule(number=which, access=access)
    def a_contact_changes(self, number: int, access: str) -> None:
        row = self.one(Contact.objects, number * 5)
        if not (row.officer and access == "public"):
            Contact.objects.filter(pk=row.pk).update(access=access)

    @rule(number=which, agency=agencies, network=networks, to_network=st.booleans(), ends=ends)
    def a_listing_is_offered(self, number: int, agency: str, network: str, to_network: bool, ends: int | None) -> None:
        to = self.world.networks[network] if to_network else self.world.agencies[agency]
        listing, until = self.one(Listing.objects.filter(access="restricted"), number), self.world.clock.at(ends)
        if listing and not self.someone(directory.offer_share, listing=listing, to=to, until=until):
            place = {"network": to} if to_network else {"agency": to}
            Share.objects.create(listing=listing, **place, until_at=until, accepted_at=self.world.clock.now)

    @rule(number=which, yes=st.booleans())
    def an_offer_is_answered(self, number: int, yes: bool) -> None:
        share = self.one(Share.objects.filter(accepted_at=None) if yes else Share.objects, number)
        if share:
            self.someone(directory.accept_share if yes else directory.end_share, share=share)

    @rule(number=which, who=people, hours=st.sampled_from([1, 2, 72]))
    def somebody_is_let_into_a_listing(self, number: int, who: str, hours: int) -> None:
        listing = self.one(Listing.objects.filter(access__in=["concealed", "restricted"]), number)
        until = self.world.clock.at(hours)
        if listing:
            self.someone(grants.give, row=listing, person=self.world.people[who], reason=WHY, until=until)

    @rule(number=which)
    def a_grant_is_ended(self, number: int) -> None:
        if grant := self.one(ListingGrant.objects, number):
            self.someone(grants.end, row=grant.content_object, person=grant.user)

    @rule(number=which, word=st.sampled_from(["Wdx", "Wdy"]))
    def a_listing_is_renamed(self, number: int, word: str) -> None:
        self.someone(directory.edit, listing=self.one(Listing.objects, number), changes={"name": f"{word} {number}"})

    # ── Alerts and training ───────────────────────────────────────────────────────────────────────────────────────────
    @rule(
        network=networks, to=st.sets(agencies), marking=st.sampled_from(MARKINGS), by=people, out=st.booleans(),
        roles=st.sampled_from([AGENCY_ROLES, ["deputy", "member"]]), urgency=st.sampled_from(["Immediate", "Expected"]),
    )  # fmt: skip
    def an_alert_is_written(
        self, network: str, to: set[str], marking: tuple[str, str], by: str, out: bool, roles: list[str], urgency: str
    ) -> None:
        number = next(self.world.numbers)
        says = content(
            classification=marking[0], tlp=marking[1], title=f"Al{number}", severity="Minor", urgency=urgency
        )
        alert = self.someone(alerts.draft, by, "co", "cy", network=self.world.networks[network], content=says)
        if alert is None:
            return
        whom = Choice(agencies=[self.world.agencies[name] for name in to], roles=roles, everyone=not to)
        alert = self.someone(alerts.address, by, "co", "cy", alert=alert, choice=whom) or alert
        self.asked_for += [alert.audience] if alert.audience else []
        if out and self.someone(alerts.submit, by, "co", "cy", alert=alert):
            alert.refresh_from_db()
            self.someone(alerts.release, alert=alert, sheet=release.sheet(alert).fingerprint)

    @rule(number=which)
    def an_alert_is_withdrawn(self, number: int) -> None:
        if alert := self.one(Alert.objects.filter(released_at__isnull=False), number):
            self.someone(alerts.withdraw, alert=alert, reason="It is over.")

    @rule(number=which)
    def somebody_acknowledges(self, number: int) -> None:
        row = self.one(Recipient.objects.filter(mailing__alert__isnull=False).select_related("mailing__alert"), number)
        if row:
            name = next(name for name, person in self.world.people.items() if person.pk == row.person_id)
            self.someone(alerts.acknowledge, name, alert=row.mailing.alert)

    @rule(network=networks, minutes=st.sampled_from([(15, 30, 60), (60, 120, 180)]))
    def alerts_are_to_go_on_later_or_sooner(self, network: str, minutes: tuple[int, int, int]) -> None:
        times = dict(zip(("deputies_after", "other_way_after", "calls_after"), minutes, strict=True))
        self.someone(alerts.set_ladder, network=self.world.networks[network], **times)

    @rule(number=which, outcome=st.sampled_from(Call.Outcome.values))
    def an_agency_is_called(self, number: int, outcome: str) -> None:
        row = self.one(Step.objects.filter(kind=Step.Kind.CALL).select_related("alert"), number)
        if row:
            self.someone(alerts.note_call, alert=row.alert, agency=row.agency_id, outcome=outcome)

    @rule(number=which)
    def a_call_is_taken_back(self, number: int) -> None:
        if call := self.one(Call.objects.select_related("alert"), number):
            self.someone(alerts.take_back_call, call=call)

    @rule(network=networks, told=st.sets(people, max_size=4), where=agencies)
    def a_session_is_announced(self, network: str, told: set[str], where: str) -> None:
        place, at = self.world.networks[network], self.world.clock.at
        mailing = Mailing.objects.create(
            kind="training", network=place, reference=f"T{next(self.world.numbers)}", marking="OFFICIAL TLP:GREEN",
            subject="T", text="T", path="/", urgency="routine", deadline_at=at(9), released_at=at(0),
        )  # fmt: skip
        session = Session.objects.create(
            course=Course.objects.get(network=place), starts_at=at(8), ends_at=at(9), capacity=9, mailing=mailing,
            announced_at=at(0), audience=Audience.objects.create(network=place, roles=[]), places_taken=len(told),
        )  # fmt: skip
        for name in sorted(told):
            row = {"person": self.world.people[name], "agency": self.world.agencies[where]}
            Recipient.objects.create(mailing=mailing, role="lead", reason="R", **row)
            Booking.objects.create(session=session, booked_at=at(0), **row)
