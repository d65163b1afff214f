"""Every address, every person of the cast: the table in `tests/doors.txt`, tried for real.

An address that is missing from the table fails, and so does a line that speaks of no address. It is about pages and
runs on one engine: the worlds, the planted faults and the packages' own tests compare the rules on both.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.tokens import digest_of
from directory import actions as directory_actions
from network.models import ApiKey
from tests import factories, world
from tests.canaries import Canaries
from tests.conftest import CAST
from tests.doors import DOORS, SLICES, visits
from tests.visitors import Visitors
from tests.world import World

pytestmark = pytest.mark.once

# How a method is refused; where nobody is signed in, the door may say that first.
SHUT = {True: {302, 401, 405}, False: {405}}
NOT_ADDRESSES = {"api:nowhere"}  # everything else under api/: answered 404 in the API's own words, see tests/api


def routes(resolver: Any = None, prefix: str = "") -> Iterator[str]:
    """The name of every address there is."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        elif isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name}"


OF_A_NETWORK = ("agency_start", "agencies_plan", "agreement_publish", "network_edit")
OF_A_PLACE = ("", "_admit", "_remind", "_withdraw", "_assure", "_suspend", "_let_back", "_leave", "_rename")
OF_AN_AGREEMENT = ("agreement", "agreement_sign", "signatures", "signatures_csv")
OF_AN_AGENCY = ("agency_people", "agency_people_csv", "agency_people_confirm")
OF_ITS_NETWORK = ("network_people", "network_people_csv", "network_people_confirm", "invite_into_network")
OF_AN_INVITATION = ("invitation", "agree", "send_again", "cancel_invitation")
OF_A_HANDOVER = ("handover", "accept_handover", "decline_handover", "take_back_handover")
ARGUMENTS: dict[str, Callable[[World, str], list[Any]]] = {
    "directory:listing": lambda w, which: [w.listings[which].pk],
    "directory:edit_listing": lambda w, which: [w.listings[which].pk],
    "directory:confirm": lambda w, which: [w.listings[which].pk],
    "directory:tighten": lambda w, which: [w.listings[which].pk],
    "directory:who": lambda w, which: ["listing", w.listings[which].pk],
    "directory:who_csv": lambda w, which: ["listing", w.listings[which].pk],
    "directory:between": lambda w, which: [w.listings[which].pk],
    "directory:shares": lambda w, which: [w.listings[which].pk],
    "directory:loosen": lambda w, which: [w.listings[which].pk],
    "directory:grants": lambda w, which: [w.listings[which].pk],
    "directory:cover": lambda w, which: [w.listings[which].pk],
    "directory:safe_place": lambda w, which: [w.listings[which].pk],
    "directory:change_safe_place": lambda w, which: [w.listings[which].pk],
    "directory:accept_share": lambda w, which: [w.opened.share.pk],
    "directory:end_share": lambda w, which: [w.opened.share.pk],
    "directory:loosening": lambda w, which: [w.opened.loosening.pk],
    "directory:end_grant": lambda w, which: [w.opened.grant.pk],
    "directory:safe_place_change": lambda w, which: [w.opened.change.pk],
    "directory:reveal_mobile": lambda w, which: [w.opened.mobile.pk],
    "reports:sees": lambda w, which: [w.key.owner_id],
    "api:listing": lambda w, which: [w.listings[which].pk],
    "directory:agency": lambda w, which: [w.haven.pk],
    "directory:edit_agency": lambda w, which: [w.haven.pk],
    "directory:add_listing": lambda w, which: [w.haven.pk],
    "api:agency": lambda w, which: [w.haven.pk],
    "alerts:section": lambda w, which: [which],
    "alerts:called": lambda w, which: [w.released.reference, w.haven.pk],
    "alerts:uncalled": lambda w, which: [w.released.reference, w.call.pk],
    "alerts:ladder": lambda w, which: ["DUR"],
    "charter:evidence_change": lambda w, which: [w.evidence.pk, which],
    "charter:commitment": lambda w, which: [w.council.code, 1],
    "charter:evidence_add": lambda w, which: [w.council.code, 1],
    "api:council": lambda w, which: [w.council.code],
    "audit:entry": lambda w, which: [w.entry.pk],
    "network:end_key": lambda w, which: [w.key.pk],
    **{f"network:{name}": lambda w, which: ["DUR"] for name in OF_A_NETWORK},
    **{f"network:agency{name}": lambda w, which: ["DUR", w.agency(which).pk] for name in OF_A_PLACE},
    "network:agency_use_existing": lambda w, which: ["DUR", w.haven.pk, w.haven.pk],
    **{f"network:{name}": lambda w, which: [w.agreement.pk] for name in OF_AN_AGREEMENT},
    "network:agreement_remind": lambda w, which: [w.agreement.pk, w.haven.pk],
    **{f"network:succession{name}": lambda w, which: [w.plan.pk] for name in ("", "_carry_out", "_drop")},
    **{f"network:succession_{name}": lambda w, which: [w.plan.pk, w.party.pk] for name in ("agree", "refuse")},
    **{f"network:{name}": lambda w, which: [w.haven.pk] for name in OF_AN_AGENCY},
    **{
        f"network:{name}": lambda w, which: [w.haven.pk, w.staffed.ben]
        for name in ("appoint", "cover", "agency_leaver")
    },
    **{f"network:{name}": lambda w, which: [w.agreement.network_id] for name in OF_ITS_NETWORK},
    "network:network_leaver": lambda w, which: [w.agreement.network_id, w.staffed.asha],
    "network:person": lambda w, which: [w.staffed.ben],
    "network:close_account": lambda w, which: [w.staffed.ben],
    "network:end_appointment": lambda w, which: [w.staffed.bens.pk],
    **{f"network:{name}": lambda w, which: [w.staffed.invitations[which].pk] for name in OF_AN_INVITATION},
    **{f"network:{name}": lambda w, which: [w.staffed.handover.pk] for name in OF_A_HANDOVER},
    "network:open_invitation": lambda w, which: ["forged"],
    "delivery:try_again": lambda w, which: [w.set_aside.pk],
    "delivery:mute": lambda w, which: ["forged"],
    "delivery:why": lambda w, which: [w.released.mailing_id],
    "delivery:retry_mailing": lambda w, which: [w.agreement.pk],
    "delivery:test": lambda w, which: [w.agreement.pk],
    **{f"delivery:{name}webhook": lambda w, which: [w.endpoint.pk] for name in ("", "end_", "test_")},
    "delivery:send_again": lambda w, which: [w.endpoint.pk, w.told.pk],
    "training:session_new": lambda w, which: [w.session.course.pk],
    "account_reset_password_from_key": lambda w, which: ["1", "0-0"],
    "account_remove_factor": lambda w, which: [w.app.pk],
    "account_open_address": lambda w, which: ["forged"],
    "account_end_place": lambda w, which: [0],
    "account_unlink_organisation": lambda w, which: [0],
    "demonstration:message": lambda w, which: ["none"],
    "demonstration:html_part": lambda w, which: ["none"],
}
NO_ARGUMENTS = {"new", "inbox", "register", "register_csv", "sessions", "courses", "course_new", "alerts"}


def address(w: World, route: str, which: str) -> str:
    """The address of this row of the world."""
    package, _, name = route.rpartition(":")
    if route in ARGUMENTS:
        return reverse(route, args=ARGUMENTS[route](w, which))
    if name in NO_ARGUMENTS or package in {"", "network", "reports", "audit", "demonstration"}:
        return reverse(route)
    if package == "alerts" or route in {"api:alert", "api:acknowledge"}:
        return reverse(route, args=[getattr(w, which).reference])
    if package == "charter":
        return reverse(route, args=[w.council.code])
    if package == "training":
        return reverse(route, args=[(w.session if which == "open" else w.unannounced).pk])
    return reverse(route)


class TestTheTable:
    def test_has_every_address(self):
        assert set(routes()) - NOT_ADDRESSES == {door.route for door in DOORS}

    def test_speaks_of_everyone(self):
        for door in DOORS:
            assert set(door.answers) == set(CAST), door


@pytest.mark.django_db
class TestEachDoor:
    @pytest.fixture
    def cast(self, request) -> dict[str, Any]:
        return {name: request.getfixturevalue(name) for name in CAST}

    @pytest.fixture
    def made(self, cast, durham, haven, council_agency) -> World:
        return world.build(cast, durham, haven, council_agency)

    @pytest.fixture
    def canaries(self, made) -> Canaries:
        return Canaries()

    @pytest.fixture
    def visitors(self, browse) -> Visitors:
        return Visitors(browse)

    @pytest.fixture(autouse=True)
    def quiet(self):
        logging.disable(logging.CRITICAL)
        yield
        logging.disable(logging.NOTSET)

    @pytest.mark.parametrize("places", list(SLICES.values()), ids=list(SLICES))
    def test_answers_each_person_as_the_table_says(self, places, made, cast, visitors, canaries):
        surprises = []
        for route, which in places:
            url = address(made, route, which)
            expected = {door.method: door.answers for door in DOORS if (door.route, door.which) == (route, which)}
            for method, name, factor in visits(route, which, expected):
                answer = visitors.answer(cast[name], method, url, factor=factor)
                found, place = answer.status_code, f"{route} {which} {method.upper()} {name}, {factor}"
                wanted = {expected[method][name]} if method in expected else SHUT[name == "anonymous"]
                if found not in wanted:
                    surprises.append(f"{place}: {found}, not {sorted(wanted)}")
                content, posted = b"".join(answer) if answer.streaming else answer.content, url * (method == "post")
                told = {"fresh": factor == "fresh", "posted": posted}
                leaks = canaries.leaks(cast[name], content, answer.headers, **told)
                surprises += [f"{place}: shows {leak}" for leak in leaks]
        assert not surprises, "\n".join(surprises)


@pytest.mark.django_db
class TestVariants(TestEachDoor):
    """People who are not quite what they were, at every address: each answered as somebody else who is known."""

    # Open to a session that has given no second factor, and to anybody: see `accounts.middleware`.
    OPEN = {"account_set_up", "account_app", "account_passkey", "account_confirm", "account_logout"}
    STRANGERS = {door.route: door.answers["anonymous"] for door in reversed(DOORS) if door.method == "get"}
    test_answers_each_person_as_the_table_says = None

    @pytest.fixture
    def opened(self, made) -> dict[str, str]:
        """One address of each route that answers a GET, by route."""
        found = {door.route: door for door in DOORS if door.method == "get"}
        return {route: address(made, route, door.which) for route, door in found.items()}

    @staticmethod
    def statuses(visitors: Visitors, person: Any, opened: dict[str, str], **how: Any) -> dict[str, int]:
        return {route: visitors.status(person, url, **how) for route, url in opened.items()}

    def test_who_has_nothing_in_force_is_nobody_in_particular(self, visitors, opened, durham, haven):
        """An appointment to come, one that has ended, one in a suspended agency: as somebody who never had any."""
        hour, now = timedelta(hours=1), timezone.now()
        suspended = factories.AgencyFactory(name="Kale Centre", network=durham)
        suspended.memberships.update(suspended_at=now - hour)
        kit = factories.person("Kit Moss", "lead", suspended)
        factories.appoint(kit, "lead", haven, from_at=now - hour, until_at=now)
        factories.appoint(kit, "deputy", haven, from_at=now + hour)
        as_nobody = self.statuses(visitors, factories.UserFactory(name="Lou Park"), opened)
        assert self.statuses(visitors, kit, opened) == as_nobody

    def test_a_leaver_with_a_live_session_is_answered_like_a_stranger(self, visitors, opened, mia):
        assert visitors.status(mia, opened["directory:listing"]) == 200
        type(mia).objects.filter(pk=mia.pk).update(is_active=False, closed_at=Now())
        left = self.statuses(visitors, mia, opened)
        assert left == self.STRANGERS

    @pytest.mark.parametrize("name", ["mia", "ben"])
    def test_without_a_second_factor_nothing_is_open(self, name, visitors, opened, cast):
        """Mia has set one up and did not give it; Ben has none."""
        found = self.statuses(visitors, cast[name], opened, factor=None)
        shown = {route for route, status in found.items() if status == 200 and self.STRANGERS[route] != 200}
        assert shown <= self.OPEN

    def test_a_grant_that_ended_opens_no_door(self, visitors, made, opened):
        una = made.opened.grant.user
        doors = [route for route in opened if route in ("directory:listing", "api:listing", "directory:safe_place")]
        urls = {route: address(made, route, "concealed") for route in doors}
        assert self.statuses(visitors, una, urls)["directory:listing"] == 200
        type(made.opened.grant).objects.update(until_at=timezone.now() - timedelta(seconds=1))
        assert set(self.statuses(visitors, una, urls).values()) == {404}

    @pytest.mark.parametrize("change", [{"expires_at": "2020-01-01T00:00Z"}, {"ended_at": "2020-01-01T00:00Z"}])
    def test_a_key_that_is_over_opens_no_door(self, change, made, opened, client):
        made.key.digest = digest_of("lan_known")
        made.key.scopes = ["directory", "alerts", "contacts"]
        made.key.save()
        urls = [url for route, url in opened.items() if route.startswith("api:")]
        header = {"Authorization": "Bearer lan_known"}
        assert 200 in {client.get(url, headers=header).status_code for url in urls}
        ApiKey.objects.filter(pk=made.key.pk).update(**change)
        assert {client.get(url, headers=header).status_code for url in urls} <= {401, 302}

    def test_a_lapsed_agreement_closes_what_is_shared(self, visitors, made, otto, durham):
        directory_actions.accept_share(share=made.opened.share, by=otto)
        url = {"directory:listing": address(made, "directory:listing", "restricted")}
        assert self.statuses(visitors, otto, url) == {"directory:listing": 200}
        ended = timezone.now() - timedelta(seconds=1)
        durham.agreements.update(from_at=ended - timedelta(hours=1), until_at=ended)
        assert self.statuses(visitors, otto, url) == {"directory:listing": 404}
