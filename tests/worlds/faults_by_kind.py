"""Faults in the rules of one kind of thing."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Now

from alerts import board, calling, climbing
from alerts import visibility as alert_rules
from alerts.models import Alert, Call, Ladder, Step
from alerts.models import alerts as alert_models
from charter import visibility as charter_rules
from charter.models import Evidence, Note
from delivery import audience as audiences
from delivery.models import Endpoint, Number, Recipient, SetAside
from directory import models as directory_models
from directory import rules
from network import standing
from network import visibility as network_rules
from network.models import ApiKey, Appointment, Membership
from network.standing import Standing
from tests.worlds.planting import everywhere, fault, seen_by
from training import models as training

Role = Appointment.Role


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


@fault("notices and summaries are followed like alerts", "recipient", "delivery", "report")
def notices_as_alerts(patch: pytest.MonkeyPatch) -> None:
    def wrong(reader: Any) -> Q:
        here = standing.of(reader)
        run = Q(mailing__network__in=here.networks(Role.COORDINATOR, Role.APPROVER, Role.AUDITOR))
        return Q(person=here.person, person__isnull=False) | Q(agency__in=here.agencies(*network_rules.LEADS)) | run

    seen_by(patch, Recipient, wrong)


@fault("members read their colleagues' addresses that do not work", "set_aside")
def members_read_addresses(patch: pytest.MonkeyPatch) -> None:
    def wrong(reader: Any) -> Q:
        here = standing.of(reader)
        theirs = Appointment.objects.live().filter(agency__in=here.agencies(*network_rules.STAFF)).values("person")
        return Q(person=here.person) | Q(person__in=theirs)

    seen_by(patch, SetAside, wrong)


@fault("who coordinates looks after everybody's addresses", "set_aside")
def coordinators_look_after_all(patch: pytest.MonkeyPatch) -> None:
    def wrong(reader: Any) -> Q:
        here = standing.of(reader)
        members = standing.members_of(here.networks(Role.COORDINATOR))
        theirs = Appointment.objects.live().filter(
            Q(agency__in=members) | Q(agency__in=here.agencies(*network_rules.LEADS))
        )
        return Q(person=here.person, person__isnull=False) | Q(person__in=theirs.values("person"))

    seen_by(patch, SetAside, wrong)


@fault("who once spoke for an agency is looked after by its leads for ever", "set_aside")
def addresses_for_ever(patch: pytest.MonkeyPatch) -> None:
    def wrong(reader: Any) -> Q:
        here = standing.of(reader)
        theirs = Appointment.objects.filter(agency__in=here.agencies(*network_rules.LEADS)).values("person")
        return Q(person=here.person, person__isnull=False) | Q(person__in=theirs)

    seen_by(patch, SetAside, wrong)


@fault("leads read the numbers of their people", "number")
def leads_read_numbers(patch: pytest.MonkeyPatch) -> None:
    seen_by(patch, Number, SetAside.seen_by)


@fault("members see their agency's webhooks", "endpoint")
def members_see_webhooks(patch: pytest.MonkeyPatch) -> None:
    seen_by(patch, Endpoint, lambda reader: Q(agency__in=standing.of(reader).agencies(*network_rules.INSIDERS)))


@fault("mail goes to agencies in any network", "post")
def mail_to_any_network(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(audiences, "_agencies", lambda audience: Membership.objects.live().values("agency"))


@fault("strict mail needs no signature", "post")
def strict_mail_to_all(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(audiences, "signatories_of", lambda network, at=None: Membership.objects.live().values("agency"))


@fault("members are told how far it has gone on for their agency", "step")
def members_see_steps(patch: pytest.MonkeyPatch) -> None:
    def steps(reader: Any) -> Q:
        return _steps(reader, Q(agency__in=standing.of(reader).agencies(*network_rules.INSIDERS)))

    seen_by(patch, Step, steps)


@fault("who was sent an alert is told how far it has gone on for everyone", "step")
def recipients_see_steps(patch: pytest.MonkeyPatch) -> None:
    seen_by(patch, Step, lambda reader: _steps(reader, Q()))


@fault("leads are told of alerts that they may not know of", "step")
def steps_of_unknown_alerts(patch: pytest.MonkeyPatch) -> None:
    right = Step.seen_by
    seen_by(
        patch, Step, lambda reader: right(reader) | Q(agency__in=standing.of(reader).agencies(*network_rules.LEADS))
    )


def _steps(reader: Any, whose: Q) -> Q:
    known = Alert.objects.filter(alert_rules.sees(reader)).order_by().values("pk")
    followed = Alert.objects.filter(alert_rules.follows(reader)).order_by().values("pk")
    return Q(alert__in=followed) | (whose & Q(alert__in=known))


@fault("who follows an alert reads who called whom", "call")
def followers_read_calls(patch: pytest.MonkeyPatch) -> None:
    seen_by(patch, Call, lambda reader: Q(alert__in=Alert.objects.filter(alert_rules.follows(reader)).values("pk")))


@fault("everybody in a network is told when its alerts go on", "ladder")
def ladders_for_everybody(patch: pytest.MonkeyPatch) -> None:
    everybody = (*network_rules.INSIDERS, *network_rules.RUNNERS, Role.AUDITOR)
    seen_by(patch, Ladder, lambda reader: Q(network__in=standing.of(reader).networks(*everybody)))


@fault("an agency that has the alert is to be called", "calls")
def calls_for_who_has_it(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(calling, "unanswered", lambda: climbing.belongs(mailing="alert__mailing"))


@fault("a member's acknowledgement takes the agency off the call list", "calls")
def members_answer_for_it(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(board, "HAS_IT", Q(acknowledged_at__isnull=False))


@fault("an agency that may not have the alert any more is to be called", "calls")
def calls_for_who_may_not_have_it(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(calling, "unanswered", lambda: ~Q(board.has_it("alert__mailing")))


@fault("agencies are to be called about alerts that are over", "calls")
def calls_about_what_is_over(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(type(Alert.objects.all()), "standing", lambda self: self.released().filter(withdrawn_at=None))


@fault("approvers are to call as coordinators are", "calls")
def approvers_call(patch: pytest.MonkeyPatch) -> None:
    right = calling.to_call
    follows = lambda here: calling.listed(here).filter(alert__network__in=here.networks(*network_rules.RUNNERS))  # noqa: E731
    patch.setattr(calling, "to_call", lambda here: follows(here) if here.holds(Role.APPROVER) else right(here))


def _to_call(here: Standing, notes: Any) -> Any:
    note = notes.filter(alert=OuterRef("alert"), agency=OuterRef("agency")).values("outcome")[:1]
    rows = calling.listed(here).filter(alert__network__in=here.networks(Role.COORDINATOR))
    return rows.annotate(note=Subquery(note)).exclude(note="reached", note__isnull=False)


@fault("a note of a call that was taken back counts", "calls")
def taken_back_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(calling, "to_call", lambda here: _to_call(here, Call.objects.order_by("-pk")))


@fault("the first note of a call counts, not the last", "calls")
def first_note_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        calling, "to_call", lambda here: _to_call(here, Call.objects.filter(taken_back_at=None).order_by("pk"))
    )


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
    seen_by(patch, Evidence, lambda reader: Q(removed_at=None))


@fault("what was taken away is still shown", "evidence")
def evidence_kept(patch: pytest.MonkeyPatch) -> None:
    rule = lambda reader: Q(published_at__isnull=False) | charter_rules.works_on(reader, "progress__council")  # noqa: E731
    seen_by(patch, Evidence, rule)


@fault("coordinators read charter notes", "note")
def coordinators_read_notes(patch: pytest.MonkeyPatch) -> None:
    def notes(reader: Any) -> Q:
        run = standing.members_of(standing.of(reader).networks(Role.COORDINATOR))
        return charter_rules.notes(reader) | Q(progress__council__agency__in=run)

    seen_by(patch, Note, notes)


# ── What is protected ─────────────────────────────────────────────────────────────────────────────────────────────────
@fault("a safe place is as open as its listing", "safe_place")
def safe_place_as_listing(patch: pytest.MonkeyPatch) -> None:
    seen_by(patch, directory_models.SafePlace, rules.parts)


@fault("a grant on a listing opens its safe place", "safe_place")
def grant_of_another_model(patch: pytest.MonkeyPatch) -> None:
    def safe_places(reader: Any) -> Q:
        here = standing.of(reader)
        held = rules.grants.held(directory_models.Listing, here)
        opened = Q(listing__agency__in=here.agencies(*network_rules.LEADS)) | Q(listing__in=held)
        return rules._reached(here, "listing__") & opened & ~Q(listing__access__in=["public", "network"])

    seen_by(patch, directory_models.SafePlace, safe_places)


@fault("a grant on a safe place opens it where the listing is not seen", "safe_place")
def safe_place_without_listing(patch: pytest.MonkeyPatch) -> None:
    right = rules._reached
    patch.setattr(rules, "_reached", lambda here, path="": Q() if path == "listing__" else right(here, path))


@fault("a cover name is told to approvers", "cover")
def covers_for_approvers(patch: pytest.MonkeyPatch) -> None:
    def covers(reader: Any) -> Q:
        run = standing.members_of(standing.of(reader).networks(*network_rules.RUNNERS))
        return rules.covers(reader) | Q(listing__agency__in=run, listing__access="concealed")

    seen_by(patch, directory_models.Cover, covers)


@fault("whoever was given a grant keeps it in their list", "grant")
def grants_for_ever(patch: pytest.MonkeyPatch) -> None:
    right = rules.listing_grants
    seen_by(patch, directory_models.ListingGrant, lambda reader: right(reader) | Q(user=standing.of(reader).person))


@fault("every mobile is on call", "mobile")
def mobiles_on_call(patch: pytest.MonkeyPatch) -> None:
    right = rules.mobiles

    def mobiles(reader: Any) -> Q:
        near = standing.members_of(standing.of(reader).networks(*network_rules.INSIDERS))
        return right(reader) | Q(contact__listing__agency__in=near)

    seen_by(patch, directory_models.Mobile, mobiles)


@fault("an offer goes on when the listing is concealed", "share")
def offers_of_concealed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(type(directory_models.Share.objects.all()), "open", lambda self: self)
