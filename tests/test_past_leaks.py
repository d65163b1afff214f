"""What went wrong elsewhere does not go wrong here. `past_leaks.toml` says for each number which tests keep it so."""

from __future__ import annotations

import hashlib
import logging
import re
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.forms.models import ModelChoiceIterator
from django.template.base import Template
from django.test import Client

from tests import factories, world
from tests.conftest import CAST
from tests.test_doors import DOORS, address

ROOT = Path(__file__).resolve().parent.parent
LISTED = tomllib.loads(Path(__file__).with_name("past_leaks.toml").read_text(encoding="utf-8"))
# Tables that a visit may touch: that somebody is there is no change to anything.
VISITS = {"django_session", "accounts_signin"}
WITHOUT_TOKEN = {"delivery:mute", "delivery:returns", "delivery:receipts"}
SLOW = 0.2  # seconds; the bound is generous so that a busy machine does not fail it
PATIENCE = 10
pytestmark = pytest.mark.once  # about pages, headers and words: the rules behind them are compared on both engines


def gets(made: world.World) -> dict[str, str]:
    """One address of each route that answers a GET."""
    found = {door.route: door for door in DOORS if door.method == "get"}
    return {route: address(made, route, door.which) for route, door in found.items()}


def shown(made: world.World) -> Iterator[tuple[str, str, str]]:
    """Each route that shows something, somebody to whom it does, and where."""
    lines = {door.route: door for door in reversed(DOORS) if door.method == "get" and 200 in door.answers.values()}
    for route, door in lines.items():
        name = next(name for name in CAST if door.answers[name] == 200)
        yield route, name, address(made, route, door.which)


def rows() -> dict[str, str]:
    """A fingerprint of each table."""
    found = {}
    for table in connection.introspection.table_names():
        if table not in VISITS:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                lines = sorted(repr(row) for row in cursor.fetchall())
            found[table] = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return found


@pytest.fixture(autouse=True)
def quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def cast(request) -> dict[str, Any]:
    return {name: request.getfixturevalue(name) for name in CAST}


@pytest.fixture
def made(cast, durham, haven, council_agency) -> world.World:
    return world.build(cast, durham, haven, council_agency)


@pytest.fixture
def visiting(cast, browse) -> Callable[[str], Client]:
    """`visiting("cora")` is a test client in which Cora signed in, the same each time."""
    clients: dict[str, Client] = {}

    def client_of(name: str) -> Client:
        if name not in clients:
            clients[name] = browse(cast[name])
        return clients[name]

    return client_of


@pytest.fixture
def asked_by_templates(monkeypatch) -> list[str]:
    """What templates ask the database from here on, but for the choices of forms, which views narrow to what their
    reader may see."""
    drawn, offered, asked = Template._render, ModelChoiceIterator.__iter__, []

    def note(execute, sql, params, many, context):
        asked.append(sql)
        return execute(sql, params, many, context)

    def guarded(template, context):
        with connection.execute_wrapper(note):
            return drawn(template, context)

    def choices(iterator):
        before = list(asked)
        found = list(offered(iterator))
        asked[:] = before
        return iter(found)

    monkeypatch.setattr(Template, "_render", guarded)
    monkeypatch.setattr(ModelChoiceIterator, "__iter__", choices)
    return asked


class TestTheList:
    def test_speaks_of_every_number(self):
        assert list(LISTED) == [f"E{number:02}" for number in range(1, 81)]

    def test_names_tests_that_are_there(self):
        missing = []
        for number, names in LISTED.items():
            for name in [] if isinstance(names, str) else names:
                path, _, start = name.partition("::")
                file = ROOT / path
                if (
                    start in {"", "test_"}
                    or not file.is_file()
                    or not re.search(rf"def \w*{start}", file.read_text(encoding="utf-8"))
                ):
                    missing.append(f"{number}: {name}")
        assert not missing

    def test_gives_a_reason_where_there_is_none(self):
        assert all(names.startswith("not yet: ") for names in LISTED.values() if isinstance(names, str))


@pytest.mark.django_db
class TestPages:
    def test_e71_e66_a_get_or_head_changes_nothing_for_anybody(self, made, cast, browse):
        clients = [browse(cast[name]) for name in ("mia", "anonymous")]
        before = rows()
        for client in clients:
            client.raise_request_exception = False
            for url in gets(made).values():
                for method in ("get", "head"):
                    getattr(client, method)(url)
        after = rows()
        assert [table for table in after if after[table] != before[table]] == []

    def test_e71_e66_nor_does_opening_a_page_by_somebody_who_may(self, made, visiting):
        places = [(visiting(name), url) for _, name, url in shown(made)]
        before = rows()
        for client, url in places:
            answer = client.get(url)
            assert answer.status_code == 200, url
            b"".join(answer) if answer.streaming else answer.content
            client.head(url)
        after = rows()
        assert [table for table in after if after[table] != before[table]] == []

    def test_e66_a_robot_without_a_session_changes_nothing(self, made, client):
        before, doors = rows(), {(door.route, door.which): door for door in DOORS if door.method == "post"}
        client.raise_request_exception = False
        for route, which in doors:
            if not route.startswith(("account_reset", "account_login")):
                client.post(address(made, route, which), {"reason": "Automatic", "name": "Robot", "confirm": "yes"})
        after = rows()
        assert [table for table in after if after[table] != before[table]] == []

    def test_e71_no_form_is_taken_without_the_sites_token(self, made, cast):
        """But by what other machines press, which prove themselves otherwise, and where the answer is 404 to all."""
        clients, wrong = {}, []
        for door in DOORS:
            name = next((name for name in CAST if door.answers[name] in {200, 302}), "")
            if door.method != "post" or not name or door.route in WITHOUT_TOKEN:
                continue
            client = clients.setdefault(name, Client(enforce_csrf_checks=True, raise_request_exception=False))
            if name != "anonymous" and not client.session.get("_auth_user_id"):
                factories.sign_in(client, cast[name], "fresh")
            url = address(made, door.route, door.which)
            status = client.post(url, {}, content_type="application/json").status_code
            if status != 403:
                wrong.append(f"{door.route} {name}: {status}")
        assert not wrong

    def test_e65_what_a_person_is_shown_is_kept_nowhere_on_the_way(self, made, visiting):
        wrong = []
        for route, name, url in shown(made):
            control = visiting(name).get(url).headers.get("Cache-Control", "")
            if "no-store" not in control and not route.startswith(("healthz", "readyz")):
                wrong.append(f"{route}: {control!r}")
        assert not wrong

    def test_e57_e33_no_other_rendering_opens_anything(self, cast, browse, made):
        for accept in ("text/html", "application/xml", "*/*", "application/json", "text/csv"):
            answer = browse(cast["nell"]).get(
                f"/api/v1/listings/{made.listings['concealed'].pk}", headers={"Accept": accept}
            )
            assert answer.status_code in {404, 406}
            answer = browse(cast["mia"]).get("/api/v1/listings?format=api", headers={"Accept": accept})
            assert answer.status_code in {400, 406}

    def test_e10_no_template_asks_anything_but_what_a_form_offers(self, made, visiting, asked_by_templates):
        wrong = []
        for route, name, url in shown(made):
            asked_by_templates.clear()
            visiting(name).get(url)
            wrong += [f"{route}: {sql[:200]}" for sql in asked_by_templates]
        assert not wrong

    def test_e09_the_newest_of_something_is_the_newest_that_one_sees(self, cast, browse, made):
        page = browse(cast["otto"]).get("/").content.decode()
        assert made.draft.title not in page
        assert made.draft.reference not in page


LOOKUPS = [
    f"{column}{lookup}"
    for column in ("agency__name", "agency__api_keys__digest", "updated_by__password", "assured_by__email",
                   "contacts__officer", "contacts__mobile__number", "grants__reason", "safe_place__sealed",
                   "shares__given_by__email", "cover__name", "agency__memberships__suspension__reason", "search_text",
                   "agency__appointments__person__password", "hours__listing__access", "id", "pk", "order_by",
                   "ordering", "fields", "expand")
    for lookup in ("", "__startswith", "__regex", "__contains", "__gt", "__in", "__isnull", "__exact", "__iexact",
                   "__range")
]  # fmt: skip


@pytest.mark.django_db
class TestTheApi:
    def test_e39_e40_two_hundred_lookups_are_refused_alike(self, cast, browse):
        client = browse(cast["mia"])
        assert len(LOOKUPS) >= 200
        answers = {client.get("/api/v1/listings", {lookup: "a"}).content for lookup in LOOKUPS}
        statuses = {client.get("/api/v1/agencies", {lookup: "a"}).status_code for lookup in LOOKUPS[::10]}
        assert len(answers) == 1
        assert statuses == {400}

    def test_e32_no_secret_is_ever_a_field(self, cast, browse, made):
        client = browse(cast["mia"])
        words = "".join(
            client.get(url).content.decode() for route, url in gets(made).items() if route.startswith("api:")
        )
        for secret in ("password", "digest", "sealed", "secret", "totp", "session"):
            assert f'"{secret}"' not in words
        assert client.get("/api/v1/listings?depth=2").status_code == 400

    def test_e35_no_field_of_an_answer_gives_a_privilege(self, cast, browse, made):
        client = browse(cast["ben"])
        for method in ("post", "put", "patch", "delete"):
            answer = getattr(client, method)(
                f"/api/v1/listings/{made.listings['network'].pk}", {"access": "true"}, content_type="application/json"
            )
            assert answer.status_code == 405


@pytest.mark.django_db
class TestInput:
    @pytest.mark.parametrize(
        "path",
        ["/alerts/%0d%0aSet-Cookie:%20a=b/", "/alerts/..%2f..%2fetc%2fpasswd/", "/directory/listings/%00/",
         "/account/login/?next=%0d%0aLocation:%20//evil.example", "/charter/%E2%80%AE/", "/api/v1/alerts/%0a"],
    )  # fmt: skip
    def test_e68_no_line_break_or_path_gets_into_an_answer(self, path, cast, browse):
        for name in ("mia", "anonymous"):
            client = browse(cast[name])
            client.raise_request_exception = False
            answer = client.get(path)
            assert answer.status_code < 500
            assert "evil.example" not in answer.headers.get("Location", "").split("?")[0]
            assert "a" not in answer.cookies

    @pytest.mark.parametrize(
        "text",
        ["a" * 5000, "<" * 5000, "&" * 5000, "a " * 2500, "1" * 5000, "é" * 5000, "'" * 5000, "%" * 5000, "\n" * 5000],
    )
    def test_e70_long_text_is_answered_at_once(self, text, cast, browse):
        client = browse(cast["mia"])
        client.get("/directory/")
        for path, field in (
            ("/directory/", "q"),
            ("/api/v1/listings", "q"),
            ("/audit/", "before"),
            ("/charter/", "text"),
        ):
            began = time.process_time()
            assert client.get(path, {field: text}).status_code < 500
            assert time.process_time() - began < SLOW * PATIENCE
        began = time.process_time()
        said = text.encode("ascii", "replace").decode().replace("\n", " ")
        client.get("/directory/", headers=dict.fromkeys(("accept", "accept-language", "x-forwarded-for"), said))
        assert time.process_time() - began < SLOW * PATIENCE


class TestQueues:
    def test_e72_only_names_and_numbers_travel_and_nothing_is_unpickled(self):
        assert settings.CELERY_ACCEPT_CONTENT == ["json"]
        assert settings.CELERY_TASK_SERIALIZER == "json"
