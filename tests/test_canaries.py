"""What leaves by other ways than the page one asked for: links, forms, mail, log lines, bells, sessions, caches.

The table of doors looks at every address; here a robot follows what it finds, presses what it may, and listens. What is
revealed to one person once is looked for everywhere else.
"""

from __future__ import annotations

import io
import logging
import os
import re
import uuid
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache
from django.db import transaction
from django.test import Client
from django.urls import reverse

from audit.models import Entry
from delivery.channels.letter import render, subject_of
from delivery.models import Mailing
from tests import world
from tests.canaries import Canaries
from tests.conftest import CAST
from tests.test_doors import address

pytestmark = [pytest.mark.django_db, pytest.mark.once]
LINK = re.compile(r'(?:href|action)="(/[^"#]*)')
FORM = re.compile(r'<form[^>]*method="post"[^>]*>(.*?)</form>', re.DOTALL | re.IGNORECASE)
ACTION = re.compile(r'action="([^"]*)"')
INPUT = re.compile(r'<(?:input|textarea|select)[^>]*\bname="([^"]+)"[^>]*?(?:\bvalue="([^"]*)")?[^>]*>')
VERBS = {"mobile": "mobile.reveal", "safe_place": "safe_place.reveal", "safe_place_change": "safe_place.review"}
HELD_OPENLY = {"mobile": {"directory.Mobile"}, "safe_place": set(), "safe_place_change": set()}
NOT_PAGES = ("/static/", "/account/logout", "/demonstration/")
PAGES = 30  # for each person
WALKERS = ("cora", "mia", "otto", "nell", "dara", "omar", "anonymous")
WORDS = "Because the safeguarding board has agreed to it"
# What is shown in the answer to one press only, who may press, where, and with what.
REVEALS = {
    "mobile": ("otto", "directory:reveal_mobile", "network", {}),
    "safe_place": ("mia", "directory:safe_place", "concealed", {"reason": WORDS}),
    "safe_place_change": ("mia", "directory:safe_place_change", "restricted", {"answer": "look"}),
}


@pytest.fixture
def cast(request) -> dict[str, Any]:
    return {name: request.getfixturevalue(name) for name in CAST}


@pytest.fixture
def made(cast, durham, haven, council_agency) -> world.World:
    return world.build(cast, durham, haven, council_agency)


@pytest.fixture
def canaries(made) -> Canaries:
    return Canaries()


@pytest.fixture
def heard(monkeypatch) -> Iterator[list[Any]]:
    """Everything that is logged, as it is written, and everything that is told to another process."""
    stream = io.StringIO()
    told: list[Any] = [stream]
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    if root.handlers:
        handler.setFormatter(root.handlers[0].formatter)
    monkeypatch.setattr(Celery, "send_task", lambda _, name, *args, **kwargs: told.append((name, args, kwargs)))
    root.addHandler(handler)
    yield told
    root.removeHandler(handler)


@pytest.fixture(autouse=True)
def caches(settings) -> Iterator[None]:
    """The cache of production on a real server where there is one, under keys of our own; empty at first."""
    if server := os.environ.get("LANTERN_REDIS_URL"):
        backend = "django.core.cache.backends.redis.RedisCache"
        settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": server, "KEY_PREFIX": uuid.uuid4().hex}}
    else:
        cache.clear()
    yield
    if server:
        cache.delete_many([key.split(":", 2)[2] for key in cached()])


def cached() -> dict[str, bytes]:
    """Everything in the cache, as it is kept there."""
    if isinstance(cache._connections["default"], RedisCache):
        client = cache._cache.get_client()
        return {key.decode(): client.get(key) or b"" for key in client.scan_iter(f"{cache.key_prefix}:*")}
    return dict(cache._cache)


def pages(client: Client, start: str = "/") -> Iterator[tuple[str, Any]]:
    """Pages that can be reached by links from the first, one of each shape of address first."""
    mains = ("directory", "alerts", "training", "charter", "audit", "messages")
    waiting, seen = [start, *(f"/{name}/" for name in mains)], set()
    while waiting and len(seen) < PAGES:
        path = waiting.pop(0)
        if path in seen or path.startswith(NOT_PAGES):
            continue
        seen.add(path)
        page = client.get(path)
        yield path, page
        if "html" in page.headers.get("Content-Type", ""):
            waiting += [unescape(found) for found in LINK.findall(page.content.decode()) if found not in seen]


def said(answer: Any) -> bytes:
    return b"".join(answer) if answer.streaming else bytes(answer.content)


@pytest.mark.parametrize("name", WALKERS)
def test_a_robot_that_follows_links_and_presses_buttons_is_shown_nothing_it_may_not_see(
    name, cast, canaries, browse, heard, django_capture_on_commit_callbacks
):
    client, leaks = browse(cast[name]), []
    client.raise_request_exception = False
    client.get("/api/v1/listings")  # which counts its readers in the cache
    for path, page in pages(client):
        leaks += [f"GET {path}: {leak}" for leak in canaries.leaks(cast[name], said(page), page.headers)]
        for form in FORM.findall(page.content.decode() if not page.streaming else ""):
            where = unescape((ACTION.search(form) or [None, path])[1]) or path
            data = {field: unescape(value) or WORDS for field, value in INPUT.findall(form)}
            point = transaction.savepoint()
            with django_capture_on_commit_callbacks(execute=True):
                answer = client.post(where if where.startswith("/") else path, data)
            posted = canaries.leaks(cast[name], said(answer), answer.headers, posted=where)
            leaks += [f"POST {where}: {leak}" for leak in posted]
            transaction.savepoint_rollback(point)
    leaks += [f"{what}: {leak}" for what, texts in kept(heard).items() for leak in canaries.leaks(None, *texts)]
    assert not leaks, "\n".join(sorted(set(leaks)))


def kept(heard: list[Any]) -> dict[str, list[Any]]:
    """What is kept or told where nobody asked: sessions, the cache, logs and bells."""
    sessions = [session.get_decoded() for session in Session.objects.all()]
    return {"sessions": sessions, "cache": [cached()], "logs": [heard[0].getvalue()], "bells": heard[1:]}


def stored() -> Iterator[tuple[str, Any]]:
    """Every row of every table, with the name of the table."""
    for model in apps.get_models(include_auto_created=True):
        for row in model._base_manager.values():
            yield model._meta.label, row


@pytest.mark.parametrize("kind", REVEALS)
def test_what_is_revealed_once_is_in_that_answer_and_nowhere_else(
    kind, cast, made, canaries, browse, heard, django_capture_on_commit_callbacks
):
    who, route, which, sent = REVEALS[kind]
    client, url = browse(cast[who]), address(made, route, which)
    token = next(token for token, canary in canaries.planted.items() if canary.only_by == url)
    client.get("/api/v1/listings")  # so that there is something in the cache, and by the next line in the log
    client.get(f"{url}nothing/")
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(url, sent)
    assert token in said(answer).decode()
    assert "no-store" in answer["Cache-Control"]
    assert token not in str(answer.headers) + str(answer.cookies)
    assert Entry.objects.filter(actor_id=cast[who].pk, verb=VERBS[kind]).count() == 1
    assert {label for label, row in stored() if token in str(row)} == HELD_OPENLY[kind]
    assert cached()
    assert heard[0].getvalue()
    assert not [what for what, texts in kept(heard).items() if token in str(texts)]
    assert not any(token in str(message.message()) for message in mail.outbox)
    afterwards = [url, reverse("directory:viewings"), reverse("directory:viewings_csv"), "/audit/", "/directory/", "/"]
    for path in afterwards:
        assert token not in said(client.get(path)).decode(), path


def test_each_thing_the_post_keeps_to_itself_is_planted(canaries):
    planted = {(canary.kind, canary.column) for canary in canaries.planted.values()}
    kept = {
        "number": ["number"],
        "set_aside": ["detail"],
        "endpoint": ["name", "url", "secret"],
        "breaker": ["problem"],
    }
    kept |= {"delivery": ["detail", "receipt"], "report": ["detail", "key"]}
    assert planted >= {(kind, column) for kind, columns in kept.items() for column in columns}


def test_mail_carries_nothing_that_stays_inside(made, canaries, cast, durham, haven):
    """Of an alert that stays behind sign-in a letter says the marking, the network, a reference and a link."""
    strict = Mailing.objects.create(
        kind="alert", network=durham, reference="DUR-1", marking="OFFICIAL TLP:RED", subject="qx90001zz",
        text="qx90002zz", withheld=True, path="/alerts/DUR-1/", urgency="routine", deadline_at="2099-01-01T00:00Z",
    )  # fmt: skip
    letter = [subject_of(strict), *(render(strict, kind, name="Mia", reason="lead") for kind in ("plain", "html"))]
    assert "qx9000" not in "".join(map(str, letter))
    assert not any(list(canaries.leaks(None, message.message())) for message in mail.outbox)


def test_refusals_say_nothing(cast, canaries, browse):
    for name in ("nell", "anonymous"):
        client = browse(cast[name])
        for path in ("/nowhere/", "/alerts/DUR-0000-0000/", "/api/v1/nowhere", "/api/v1/listings?depth=9"):
            answer = client.get(path)
            assert not list(canaries.leaks(None, said(answer), answer.headers)), (name, path)


def test_a_page_that_breaks_tells_nobody_why(cast, canaries, browse, heard, monkeypatch, made):
    def broken(*args: Any, **kwargs: Any) -> None:
        secret = next(iter(canaries.planted))  # a local variable, which a careless log would print
        raise RuntimeError(str(len(secret)))

    monkeypatch.setattr("directory.pages.search_page", broken)
    client = browse(cast["mia"])
    client.raise_request_exception = False
    answer = client.get("/directory/")
    assert answer.status_code == 500
    assert not list(canaries.leaks(None, said(answer), answer.headers, heard[0].getvalue()))
    assert "RuntimeError" in heard[0].getvalue()


def test_the_folder_of_bells_holds_names_and_fences_only(canaries):
    folder = Path(settings.BROKER_FOLDER)
    for path in list(folder.glob("*.msg"))[:50]:
        assert not list(canaries.leaks(None, path.read_bytes()))
