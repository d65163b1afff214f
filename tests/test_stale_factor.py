"""A second factor given an hour ago lets nobody do what needs a fresh one: each such press is asked for it first.

That everything else is answered as with a fresh one is in `tests/test_doors.py`, where whoever is let in comes with a
stale one. Which deeds ask is read in the code, so that a new one without a line here fails.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from delivery import running
from delivery.models import Number
from directory.models import Mobile, SafePlaceChange
from network.actions import succession
from tests import factories, world
from tests.conftest import CAST
from tests.directory.test_editing import form_of
from tests.doors import ASKS_AGAIN
from tests.test_doors import address
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.once]
WORDS = "A child was born and needs a cot tonight"
# Asked before anybody comes to them, by the views named here, or where no sign-in of an organisation is configured.
BEHIND = {
    "accounts.actions._may_add": "accounts.views.factors._require_fresh_unless_first",
    "accounts.actions.remove_factor": "accounts.views.factors.remove",
    "accounts.actions.ask_address": "accounts.views.addresses.ask",
    "accounts.actions.change_address": "tests/accounts/test_moving.py",
    "accounts.actions.link_identity": "accounts.views.organisations.link",
    "accounts.actions.unlink_identity": "accounts.views.organisations.unlink",
    "accounts.views.organisations.link": "tests/accounts/test_organisations.py",
}


class Press(NamedTuple):
    """One press: which function asks, whose it is, where, with what, and what it is called in the trail when done."""

    asks: str
    who: str
    route: str
    which: str
    verb: str
    sent: dict[str, str] = {}
    method: str = "post"
    prepare: Callable[[World, dict[str, Any]], object] = lambda made, cast: None


def asked_by_another(made: World, cast: dict[str, Any]) -> None:
    """Of Haven House, and not by Mia."""
    another = factories.person("Lin Moore", "lead", made.haven)
    SafePlaceChange.objects.filter(pk=made.opened.change.pk).update(asked_by=another)


def agreed(made: World, cast: dict[str, Any]) -> None:
    succession.agree(party=made.party, people={}, things={}, by=factories.fresh(cast["mia"]))


def numbered(made: World, cast: dict[str, Any]) -> None:
    Number.objects.create(person=cast["mia"], number="+447700900123")


def held(made: World, cast: dict[str, Any]) -> None:
    """Nothing leaves."""
    running.hold("The mail server is being moved", cast["omar"])


GRANT = {"email": "otto@lantern.example", "what": "listing", "hours": "24", "reason": WORDS}
PLACE = {"address": "12 Example Terrace", "postcode": "", "position": "", "getting_in": ""}
KEPT = "accounts.views.factors"
OURS = "directory.actions"
PRESSES = [
    Press(
        f"{OURS}.protected.ask_safe_place", "mia", "directory:change_safe_place", "concealed", "safe_place.ask", PLACE
    ),
    Press(
        f"{OURS}.protected.confirm_safe_place", "mia", "directory:safe_place_change", "restricted",
        "safe_place.confirm", {"answer": "yes"}, prepare=asked_by_another,
    ),
    Press(
        f"{OURS}.protected.reveal_safe_place", "mia", "directory:safe_place", "concealed",
        "safe_place.reveal", {"reason": WORDS},
    ),
    Press(
        f"{OURS}.protected.review_safe_place", "mia", "directory:safe_place_change", "restricted",
        "safe_place.review", {"answer": "look"},
    ),
    Press(f"{OURS}.protected.reveal_mobile", "nora", "directory:reveal_mobile", "network", "mobile.reveal"),
    Press(
        f"{OURS}.loosening.ask_to_loosen", "mia", "directory:loosen", "network",
        "loosening.ask", {"what": "listing", "access": "public"},
    ),
    Press(f"{OURS}.loosening.loosen", "cora", "directory:loosening", "restricted", "listing.loosen", {"answer": "yes"}),
    Press("network.grants.give", "mia", "directory:grants", "concealed", "grant.give", GRANT),
    Press("network.grants.end", "mia", "directory:end_grant", "concealed", "grant.end"),
    Press("alerts.actions.life._may_release", "asha", "alerts:release", "submitted", "alert.release"),
    Press(
        "network.actions.succession.agree", "mia", "network:succession_agree", "-", "succession.agree", {"sure": "on"}
    ),
    Press(
        "network.actions.succession.carry_out", "cora", "network:succession_carry_out", "-", "agency.end",
        prepare=agreed,
    ),
    Press(
        "delivery.actions.endpoints.add", "otto", "delivery:add_webhook", "-", "endpoint.add",
        {"name": "Case system", "url": "https://hooks.harbour.example/"},
    ),
    Press(
        "delivery.actions.numbers.set_number", "mia", "delivery:number", "-", "number.set",
        {"number": "07700 900123"},
    ),
    Press(
        "delivery.actions.numbers.remove_number", "mia", "delivery:remove_number", "-", "number.remove",
        prepare=numbered,
    ),
    Press("delivery.actions.operating.resume", "omar", "delivery:resume", "-", "post.resume", prepare=held),
    Press("accounts.actions.renew_recovery_codes", "mia", "account_recovery_codes", "-", "recovery_codes.renew"),
    # Pages that ask before they show anything: nothing is done by opening them.
    *(
        Press(f"{KEPT}._require_fresh_unless_first", who, route, "-", "", method=method)
        for route in ("account_app", "account_passkey")
        for who in ("mia", "nora")
        for method in ("get", "post")
    ),
    *(Press("accounts.views.addresses.ask", "mia", "account_address", "-", "", method=how) for how in ("get", "post")),
    *(Press(f"{KEPT}.remove", "mia", "account_remove_factor", "-", "", method=method) for method in ("get", "post")),
]  # fmt: skip


def asking() -> Iterator[str]:
    """Every function of ours that asks for a fresh factor, by its name."""
    for path in sorted(settings.BASE_DIR.glob("[a-z]*/**/*.py")):
        parts = path.relative_to(settings.BASE_DIR).with_suffix("").parts
        if parts[0] in settings.INSTALLED_APPS:
            for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(function, ast.FunctionDef) and "require_fresh" in set(called(function)):
                    yield ".".join([*parts, function.name])


def called(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", getattr(node.func, "id", ""))


def test_every_deed_that_asks_is_pressed_here():
    assert set(asking()) == {press.asks for press in PRESSES} | set(BEHIND)


def test_every_door_that_is_an_exception_in_the_table_is_pressed_here():
    assert {(press.route, press.method) for press in PRESSES} >= ASKS_AGAIN


@pytest.fixture
def cast(request) -> dict[str, Any]:
    return {name: request.getfixturevalue(name) for name in CAST}


@pytest.fixture
def made(cast, durham, haven, council_agency) -> World:
    return world.build(cast, durham, haven, council_agency)


def written(client: Any, press: Press, url: str, sent: dict[str, Any]) -> tuple[Any, list[str]]:
    """The answer, and what was written to the database on the way."""
    with CaptureQueriesContext(connection) as asked:
        answer = getattr(client, press.method)(url, sent)
    return answer, [query["sql"] for query in asked if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


def filled_in(page: Any) -> dict[str, Any]:
    """The fields of the form that the page offers, and the release sheet that it shows, if it does."""
    context = page.context if page.status_code == 200 else {}
    shown = {"sheet": context["sheet"].fingerprint} if context and "sheet" in context else {}
    return (form_of(page) if context and context.get("form") else {}) | shown


def test_each_is_asked_for_a_fresh_factor_and_changes_nothing_until_then(made, cast, browse, settings):
    settings.NOTIFY_KEY = settings.NOTIFY_TEMPLATE = "set"  # so that there are text messages, and numbers for them
    for press in PRESSES:
        point = transaction.savepoint()
        press.prepare(made, cast)
        url, whose = address(made, press.route, press.which), cast[press.who]
        stale, fresh = browse(whose, factor="stale"), browse(whose)
        sent = filled_in(fresh.get(url)) | press.sent
        answer, writes = written(stale, press, url, sent)
        assert (answer.status_code, writes) == (403, []), press
        assert "Confirm that it is you" in answer.content.decode(), press
        answer, _ = written(fresh, press, url, sent)
        assert answer.status_code in {200, 302}, press
        assert not press.verb or Entry.objects.filter(verb=press.verb, actor_id=whose.pk).exists(), press
        transaction.savepoint_rollback(point)


def test_a_coordinator_ends_a_grant_and_colleagues_ask_for_a_mobile_without_one(made, cast, browse):
    for who, route in (("cora", "directory:end_grant"), ("otto", "directory:reveal_mobile")):
        answer = browse(cast[who], factor="stale").post(address(made, route, "concealed"))
        assert answer.status_code in {200, 302}
    assert Mobile.objects.get().number in answer.content.decode()
