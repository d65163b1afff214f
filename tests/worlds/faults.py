"""Faults for `tests/test_planted_faults.py`: what somebody might one day write by mistake in a rule.

Each says what it forgets, plants itself for the length of one test, and names the kinds of rows it should show in.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from django.db.models import Q
from django.db.models.functions import Now

from alerts import models as alert_models
from alerts import visibility as alert_rules
from audit import visible
from charter import visibility as charter_rules
from delivery import audience as audiences
from delivery.models import Recipient
from directory import models as directory_models
from directory import rules
from network import dates, grants, standing
from network import visibility as network_rules
from network.models import ApiKey, Appointment, Membership, Signature
from network.standing import Standing
from training import models as training

Plant = Callable[[pytest.MonkeyPatch], None]
PACKAGES = ("audit", "accounts", "network", "delivery", "directory", "alerts", "training", "charter", "reports", "api")
Role = Appointment.Role


class Fault(NamedTuple):
    """One mistake: in words, how it is made, and where it shows."""

    name: str
    plant: Plant
    shows_in: tuple[str, ...]


ALL: list[Fault] = []


def fault(name: str, *shows_in: str) -> Callable[[Plant], Plant]:
    """Add a fault to the list."""

    def add(plant: Plant) -> Plant:
        ALL.append(Fault(name, plant, shows_in))
        return plant

    return add


def everywhere(patch: pytest.MonkeyPatch, module: ModuleType, name: str, new: Any) -> None:
    """Put something in the place of a function wherever the product has imported it."""
    old = getattr(module, name)
    for other in list(sys.modules.values()):
        if getattr(other, "__name__", "").partition(".")[0] in PACKAGES and other.__dict__.get(name) is old:
            patch.setattr(other, name, new)


def seen_by(patch: pytest.MonkeyPatch, model: Any, rule: Any) -> None:
    """Another rule for a model."""
    patch.setattr(model, "seen_by", staticmethod(rule))


# ── Dates ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _until(path: str, at: Any, how: str = "gt") -> Q:
    return Q(**{f"{path}until_at": None}) | Q(**{f"{path}until_at__{how}": at or Now()})


@fault("what begins later counts already", "listing", "agency")
def future_counts(patch: pytest.MonkeyPatch) -> None:
    everywhere(patch, dates, "in_force", lambda path="", at=None: _until(path, at) & ~Q(**{f"{path}from_at": None}))


@fault("what has ended still counts", "listing", "agency")
def past_counts(patch: pytest.MonkeyPatch) -> None:
    everywhere(patch, dates, "in_force", lambda path="", at=None: Q(**{f"{path}from_at__lte": at or Now()}))


@fault("the end itself is counted in", "listing")
def end_inclusive(patch: pytest.MonkeyPatch) -> None:
    right = lambda path="", at=None: _until(path, at, "gte") & Q(**{f"{path}from_at__lte": at or Now()})  # noqa: E731
    everywhere(patch, dates, "in_force", right)


@fault("the beginning itself is left out", "listing")
def start_exclusive(patch: pytest.MonkeyPatch) -> None:
    right = lambda path="", at=None: _until(path, at) & Q(**{f"{path}from_at__lt": at or Now()})  # noqa: E731
    everywhere(patch, dates, "in_force", right)


@fault("a suspended agency counts", "listing", "agency")
def suspended_counts(patch: pytest.MonkeyPatch) -> None:
    wrong = lambda path="", at=None: dates.in_force(path, at) & dates.going_on(f"{path}network__", at)  # noqa: E731
    everywhere(patch, dates, "member", wrong)


@fault("a suspension to come counts today", "listing", "agency")
def suspended_early(patch: pytest.MonkeyPatch) -> None:
    right = dates.member
    everywhere(patch, dates, "member", lambda path="", at=None: right(path, at) & Q(**{f"{path}suspended_at": None}))


@fault("a network that has ended counts", "listing", "network", "agency")
def ended_network_counts(patch: pytest.MonkeyPatch) -> None:
    everywhere(patch, dates, "going_on", lambda path="", at=None: Q())


@fault("a closed account counts", "listing", "agency")
def closed_account_counts(patch: pytest.MonkeyPatch) -> None:
    everywhere(patch, dates, "open_account", lambda path="", at=None: Q())


@fault("an agency that is joining has lost its own entry", "listing", "agency")
def joining_forgotten(patch: pytest.MonkeyPatch) -> None:
    everywhere(patch, dates, "joining", lambda path="": Q(pk__in=[]))


# ── Standing ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@fault("an agreement that has lapsed binds for ever", "listing", "alert")
def lapsed_agreement_binds(patch: pytest.MonkeyPatch) -> None:
    def signatories_of(network: Any, *, at: Any = None) -> Any:
        return Signature.objects.filter(agreement__network=network).values("agency")

    everywhere(patch, standing, "signatories_of", signatories_of)


@fault("a signature under any network's agreement will do", "listing", "alert")
def any_agreement_will_do(patch: pytest.MonkeyPatch) -> None:
    def signatories_of(network: Any, *, at: Any = None) -> Any:
        return Signature.objects.filter(dates.in_force("agreement__", at)).values("agency")

    everywhere(patch, standing, "signatories_of", signatories_of)


@fault("nobody asks for the agreement", "listing", "alert")
def agreement_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Standing, "agreed", property(lambda self: self))


@fault("any role reaches its networks", "listing", "agency")
def role_forgotten_in_networks(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Standing, "networks", lambda self, *roles: {row.network for row in self.rows if row.network})


@fault("any role speaks for its agency", "listing", "contact", "recipient")
def role_forgotten_in_agencies(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Standing, "agencies", lambda self, *roles: {row.agency for row in self.rows if row.agency})


@fault("a platform role is taken for every role", "listing", "agency")
def holds_anything(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Standing, "holds", lambda self, *roles: any(row.network is row.agency is None for row in self.rows))


@fault("an empty condition stands for “all”", "network", "agency")
def empty_condition(patch: pytest.MonkeyPatch) -> None:
    everywhere(patch, visible, "all_if", lambda opened: Q() if opened else visible.nothing())


# ── Shares and grants ─────────────────────────────────────────────────────────────────────────────────────────────────
Shares = type(directory_models.Share.objects.all())


@fault("a share counts before the other side has said yes", "listing")
def share_without_yes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Shares, "live", lambda self: self.filter(Q(until_at=None) | Q(until_at__gt=Now())))


@fault("a share never ends", "listing")
def share_without_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Shares, "live", lambda self: self.filter(accepted_at__lte=Now(), listing__access="restricted"))


@fault("a share with an agency is one with its networks", "listing")
def share_spreads(patch: pytest.MonkeyPatch) -> None:
    def shared(here: Standing) -> Any:
        near = standing.members_of(here.networks(standing.KEY, *network_rules.INSIDERS))
        return directory_models.Share.objects.live().filter(agency__in=near).values("listing")

    patch.setattr(rules, "_shared", shared)


@fault("a share with a network is looked for among agencies", "listing")
def share_mismatched(patch: pytest.MonkeyPatch) -> None:
    def shared(here: Standing) -> Any:
        own = Q(agency__in=here.agreed.agencies(*network_rules.INSIDERS))
        mixed = Q(network__in=here.agreed.agencies(*network_rules.INSIDERS))
        return directory_models.Share.objects.live().filter(own | mixed).values("listing")

    patch.setattr(rules, "_shared", shared)


@fault("a share opens what is concealed", "contact", "listing")
def share_opens_concealed(patch: pytest.MonkeyPatch) -> None:
    live = Q(until_at=None) | Q(until_at__gt=Now())
    patch.setattr(Shares, "live", lambda self: self.filter(live, accepted_at__lte=Now()))


def _held(**conditions: Any) -> Any:
    def held(model: Any, here: Standing) -> Any:
        mine = {"user": here.person} if conditions.pop("mine", True) else {}
        return grants._grants_on(model).filter(**mine, **conditions).values("content_object")

    return held


@fault("a grant never ends", "listing")
def grant_without_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(grants, "held", lambda model, here: _held()(model, here))


@fault("a grant's last moment is counted in", "listing")
def grant_end_inclusive(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(grants, "held", lambda model, here: _held(until_at__gte=Now())(model, here))


@fault("anybody's grant will do", "listing")
def grant_of_anybody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(grants, "held", lambda model, here: _held(mine=False, until_at__gt=Now())(model, here))


@fault("a grant helps every role", "listing")
def grant_helps_everyone(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "MAY_NEED_TO_KNOW", tuple(Role.values))


@fault("a grant helps people of an agency that never signed", "listing")
def grant_without_agreement(patch: pytest.MonkeyPatch) -> None:
    right = rules._concealed
    patch.setattr(Standing, "agreed", property(lambda self: self))
    patch.setattr(rules, "_shared", lambda here: directory_models.Share.objects.none().values("listing"))
    patch.setitem(rules.REACHES, "concealed", right)


# ── The directory ─────────────────────────────────────────────────────────────────────────────────────────────────────
@fault("coordinators see what is concealed", "listing")
def coordinators_see_concealed(patch: pytest.MonkeyPatch) -> None:
    right = rules._concealed

    def wrong(here: Standing, path: str) -> Q:
        run = standing.members_of(here.networks(Role.COORDINATOR))
        return right(here, path) | Q(**{f"{path}agency__in": run})

    patch.setitem(rules.REACHES, "concealed", wrong)


@fault("charter officers are taken for staff", "listing")
def charter_officers_are_staff(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "STAFF", network_rules.INSIDERS)


@fault("restricted is read as network", "listing")
def restricted_as_network(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(rules.REACHES, "restricted", rules._network)


@fault("a contact has its listing's class", "contact")
def contact_by_listing(patch: pytest.MonkeyPatch) -> None:
    def contacts(reader: Any) -> Q:
        here = standing.of(reader)
        return rules._reached(here, "listing__") & (Q(officer="") | rules._named_officers(here))

    seen_by(patch, directory_models.Contact, contacts)


def _by_own_access(here: Standing) -> Q:
    found = Q(access="public")
    for access, reach in rules.REACHES.items():
        found |= Q(access=access) & reach(here, "listing__")
    return found


@fault("a contact forgets its listing's class", "contact")
def contact_without_listing(patch: pytest.MonkeyPatch) -> None:
    def contacts(reader: Any) -> Q:
        here = standing.of(reader)
        return _by_own_access(here) & (Q(officer="") | rules._named_officers(here))

    seen_by(patch, directory_models.Contact, contacts)


@fault("OR where AND belongs, in contacts", "contact")
def contact_or(patch: pytest.MonkeyPatch) -> None:
    def contacts(reader: Any) -> Q:
        here = standing.of(reader)
        return (rules._reached(here, "listing__") | _by_own_access(here)) & (
            Q(officer="") | rules._named_officers(here)
        )

    seen_by(patch, directory_models.Contact, contacts)


@fault("AND where OR belongs, in named officers", "contact")
def officers_and(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "_named_officers", lambda here: Q(officer="") & Q(listing__agency__in=here.agencies("lead")))


@fault("a named officer is as open as a desk", "contact")
def officers_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "_named_officers", lambda here: Q())


@fault("a fresh second factor is not asked for", "contact", "alert_text")
def fresh_forgotten(patch: pytest.MonkeyPatch) -> None:
    everywhere(patch, standing, "is_fresh", lambda person: True)


@fault("a place of a concealed listing is a place like others", "place")
def places_of_concealed(patch: pytest.MonkeyPatch) -> None:
    seen_by(patch, directory_models.Place, rules.parts)


# ── Keys ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
@fault("a key needs no scope for the directory", "listing")
def scope_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "_reads_directory", lambda here: True)


@fault("a key needs no scope for named officers", "contact")
def contact_scope_forgotten(patch: pytest.MonkeyPatch) -> None:
    right = rules._named_officers

    def wrong(here: Standing) -> Q:
        return right(here) | Q(listing__agency__in=standing.members_of(here.networks(standing.KEY)))

    patch.setattr(rules, "_named_officers", wrong)


@fault("a key reads what is concealed of its own agency", "listing")
def key_reads_concealed(patch: pytest.MonkeyPatch) -> None:
    right = rules._concealed

    def wrong(here: Standing, path: str) -> Q:
        return right(here, path) | Q(**{f"{path}agency__in": here.agencies(standing.KEY)})

    patch.setitem(rules.REACHES, "concealed", wrong)


Keys = type(ApiKey.objects.all())


def _led(row: Any) -> Any:
    leading = Appointment.objects.live().filter(role__in=Appointment.LEAD_ROLES)
    return row.filter(owner__in=leading.values("person"), agency__in=leading.values("agency"))


@fault("a key never expires", "keys")
def key_without_expiry(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Keys, "live", lambda self: _led(self).filter(ended_at=None))


@fault("an ended key opens", "keys")
def key_without_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Keys, "live", lambda self: _led(self).filter(expires_at__gt=Now()))


@fault("a key outlives its owner's lead", "keys")
def key_without_owner(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Keys, "live", lambda self: self.filter(ended_at=None, expires_at__gt=Now()))


# ── Alerts and post ───────────────────────────────────────────────────────────────────────────────────────────────────
@fault("what was withdrawn is still read", "alert_text")
def withdrawn_is_read(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(alert_models, "reads", alert_rules.sees)


@fault("auditors read what is sensitive", "alert_text")
def auditors_read_sensitive(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(alert_rules, "CLOSED_TO_OVERSEERS", Q(pk__in=[]))


@fault("a key reads what stays behind sign-in", "alert_text")
def key_reads_withheld(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(alert_rules, "OPEN", Q())


@fault("an alert reaches people who have left the agency it reached them at", "alert")
def alert_follows_leavers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(alert_rules, "_mailings", lambda here: Recipient.objects.filter(person=here.person).values("mailing"))


@fault("an alert needs no scope", "alert")
def alert_scope_forgotten(patch: pytest.MonkeyPatch) -> None:
    def wrong(here: Standing) -> Any:
        if here.key:
            return Recipient.objects.filter(agency__in=here.agencies(standing.KEY)).values("mailing")
        return Recipient.objects.filter(agency__in=here.agencies(*network_rules.INSIDERS)).values("mailing")

    patch.setattr(alert_rules, "_mailings", wrong)


@fault("authors keep their alerts when they no longer write for the network", "alert")
def authors_for_ever(patch: pytest.MonkeyPatch) -> None:
    right = alert_rules._makes
    patch.setattr(alert_rules, "_makes", lambda here: right(here) | Q(created_by=here.person, created_by__isnull=False))


@fault("members read their agency's recipients as leads do", "recipient")
def members_as_leads(patch: pytest.MonkeyPatch) -> None:
    seen_by(patch, Recipient, lambda reader: Q(agency__in=standing.of(reader).agencies(*network_rules.INSIDERS)))


@fault("mail goes to agencies in any network", "post")
def mail_to_any_network(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(audiences, "_agencies", lambda audience: Membership.objects.live().values("agency"))


@fault("strict mail needs no signature", "post")
def strict_mail_to_all(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(audiences, "signatories_of", lambda network, at=None: Membership.objects.live().values("agency"))


# ── People, training, the register, the trail ─────────────────────────────────────────────────────────────────────────
@fault("the trail forgets what is concealed", "entry")
def trail_forgets_concealed(patch: pytest.MonkeyPatch) -> None:
    def entries(reader: Any) -> Q:
        here = standing.of(reader)
        return Q(actor_id=here.person) | Q(network_id__in=here.networks(Role.COORDINATOR, Role.AUDITOR))

    patch.setattr(network_rules, "entries", entries)


@fault("report readers see who is who", "person", "appointment")
def report_readers_see_people(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(network_rules, "RUNNERS", (*network_rules.RUNNERS, Role.REPORTS))


@fault("leads of one agency see the keys of others", "key")
def keys_of_others(patch: pytest.MonkeyPatch) -> None:
    def keys(reader: Any) -> Q:
        return Q(agency__in=standing.members_of(standing.of(reader).networks(*network_rules.LEADS)))

    patch.setattr(network_rules, "keys", keys)


@fault("whoever was told of a session sees it for ever", "session", "course")
def sessions_for_ever(patch: pytest.MonkeyPatch) -> None:
    seen_by(patch, training.Session, lambda reader: Q(mailing__in=training._received(standing.of(reader))))


@fault("a cancelled place still shows how to join", "joining")
def joining_after_cancelling(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(type(training.Booking.objects.all()), "held", lambda self: self)


@fault("private evidence is published", "evidence")
def evidence_published(patch: pytest.MonkeyPatch) -> None:
    from charter.models import Evidence

    seen_by(patch, Evidence, lambda reader: Q(removed_at=None))


@fault("what was taken away is still shown", "evidence")
def evidence_kept(patch: pytest.MonkeyPatch) -> None:
    from charter.models import Evidence

    rule = lambda reader: Q(published_at__isnull=False) | charter_rules.works_on(reader, "progress__council")  # noqa: E731
    seen_by(patch, Evidence, rule)


@fault("coordinators read charter notes", "note")
def coordinators_read_notes(patch: pytest.MonkeyPatch) -> None:
    from charter.models import Note

    def notes(reader: Any) -> Q:
        run = standing.members_of(standing.of(reader).networks(Role.COORDINATOR))
        return charter_rules.notes(reader) | Q(progress__council__agency__in=run)

    seen_by(patch, Note, notes)
