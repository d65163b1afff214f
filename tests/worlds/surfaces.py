"""The doors: what pages, searches, counts, facets and the API give, against what the oracle lets one see."""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.test import Client
from django.urls import reverse

from alerts.models import Step
from network.models import ApiKey
from tests import factories
from tests.oracle import Row, listed
from tests.worlds import reading
from tests.worlds.comparing import Judge, name_of
from tests.worlds.small import Small

LISTED = re.compile(rb'href="/directory/listings/([0-9a-f-]{36})/"')
ALERTED = re.compile(rb'href="/alerts/(Z[XY]-\d+-\d+)/"')
ON_LIST = "On the coordinator’s call list, ".encode()
CALLED = re.compile(rb'<h2[^>]*><a[^>]*href="/directory/agencies/([0-9a-f-]{36})/"')
SAMPLE = 2  # rows of each kind whose own page is opened, for each reader


def differences(world: Small, judge: Judge, names: Iterable[str]) -> Iterator[str]:
    """Everything that a page shows these people, and all keys, and should not; or does not show and should."""
    logging.disable(logging.CRITICAL)
    try:
        for person in (world.people[name] for name in names):
            if judge.now.get("person", person.pk).is_active:
                yield from _of_person(judge, person)
        for secret, key in world.keys.items():
            yield from _of_key(judge, secret, key)
    finally:
        logging.disable(logging.NOTSET)


def _of_person(judge: Judge, person: Any) -> Iterator[str]:
    client = factories.sign_in(Client(raise_request_exception=False), person, "stale")
    for found in itertools.chain(
        _directory(judge, person, client), _pages(judge, person, client), _alerts(judge, person, client),
        _calls(judge, person, client), _api(judge, person, client, {}),
    ):  # fmt: skip
        yield f"{name_of(person)}: {found}"


def _directory(judge: Judge, person: Any, client: Client) -> Iterator[str]:
    """The list, its count and its facets; searches for every name there is, and for how the hidden ones begin."""
    should = judge.should(person, "listing")
    asked: dict[str, set[Any]] = {"": should, "wd": {one for one in should if _name(judge, one).startswith("wd")}}
    hidden = [row.id for row in judge.now.all("listing") if row.id not in should]
    for one in hidden[:SAMPLE]:
        prefix = _name(judge, one)[:4]
        asked[prefix] = {seen for seen in should if _name(judge, seen).startswith(prefix)}
    for words, expected in asked.items():
        page = client.get("/directory/", {"q": words} if words else {})
        shown = {UUID(found.decode()) for found in LISTED.findall(page.content)}
        if shown != expected:
            yield f"a search for {words!r} shows {len(shown)}, not {len(expected)}: {shown ^ expected}"
        if page.context["count"] != str(len(expected)):
            yield f"a search for {words!r} counts {page.context['count']}, not {len(expected)}"
        kinds = page.context["form"].fields["kind"].choices
        if not any(f"({len(expected)})" in str(label) for _, label in kinds) and expected:
            yield f"the facets of {words!r} do not add up to {len(expected)}: {kinds}"


def _pages(judge: Judge, person: Any, client: Client) -> Iterator[str]:
    """The pages of some listings and agencies, and the contacts on them."""
    contacts = judge.should(person, "contact")
    for row in _some(judge, person, "listing"):
        page = client.get(reverse("directory:listing", args=[row.id]))
        may = row.id in judge.should(person, "listing")
        if page.status_code != (200 if may else 404):
            yield f"{page.status_code} for the page of listing {row.name}"
        for contact in judge.now.some("contact", listing_id=row.id):
            if (contact.function.encode() in page.content) != (contact.id in contacts):
                yield f"the page of {row.name} is wrong about {contact.function}"
    for row in _some(judge, person, "agency"):
        page = client.get(reverse("directory:agency", args=[row.id]))
        if page.status_code != (200 if row.id in judge.should(person, "agency") else 404):
            yield f"{page.status_code} for the page of agency {row.name}"
        shown = {UUID(found.decode()) for found in LISTED.findall(page.content)}
        if shown - judge.should(person, "listing"):
            yield f"the page of agency {row.name} shows what is hidden"


def _alerts(judge: Judge, person: Any, client: Client) -> Iterator[str]:
    may = {judge.now.get("alert", one).reference: one for one in judge.should(person, "alert")}
    for address in ("/alerts/", "/"):
        if strange := {found.decode() for found in ALERTED.findall(client.get(address).content)} - may.keys():
            yield f"{address} names alerts {strange}"
    for row in _some(judge, person, "alert"):
        page = client.get(reverse("alerts:detail", args=[row.reference]))
        if page.status_code != (200 if row.reference in may else 404):
            yield f"{page.status_code} for alert {row.reference}"
        if (row.title.encode() in page.content) != (row.id in judge.should(person, "alert_text")):
            yield f"the page of alert {row.reference} is wrong about its text"


def _calls(judge: Judge, person: Any, client: Client) -> Iterator[str]:
    """The pages about how far alerts have gone on, and whom to call."""
    reader = reading.as_read(judge.now, person)
    steps, named = judge.should(person, "step"), listed(reader)
    for row in _some(judge, person, "alert"):
        own = {one for one in steps if judge.now.get("step", one).alert_id == row.id}
        on_list = [one for one in own if judge.now.get("step", one).kind == Step.Kind.CALL]
        page = client.get(reverse("alerts:board", args=[row.reference]))
        if page.status_code == 200 and page.content.count(ON_LIST) != len(on_list):
            yield f"the board of {row.reference} tells of {page.content.count(ON_LIST)} agencies, not {len(on_list)}"
        page = client.get(reverse("alerts:calls", args=[row.reference]))
        status = 404 if row.id not in judge.should(person, "alert") else 403
        if page.status_code != (200 if row.network_id in reader.networks("coordinator") else status):
            yield f"{page.status_code} for whom to call about {row.reference}"
        shown = {UUID(found.decode()) for found in CALLED.findall(page.content)}
        if page.status_code == 200 and shown != {judge.now.get("step", one).agency_id for one in own & named}:
            yield f"{shown} are to be called about {row.reference}"


def _of_key(judge: Judge, secret: str, key: ApiKey) -> Iterator[str]:
    dead = list(judge.keys())
    live = ApiKey.objects.live().filter(pk=key.pk).exists()
    client, header = Client(raise_request_exception=False), {"Authorization": f"Bearer {secret}"}
    if not live or dead:
        status = client.get("/api/v1/listings", headers=header).status_code
        if status != 401:
            yield f"a dead key is answered {status}"
        return
    for found in _api(judge, key, client, header):
        yield f"key {key.scopes}: {found}"


def _api(judge: Judge, reader: Any, client: Client, headers: dict[str, str]) -> Iterator[str]:
    """Lists of the API, and the first row of each that is hidden, by its own address."""
    scopes = getattr(reader, "scopes", ["directory", "alerts"])
    for path, kind in (("listings", "listing"), ("agencies", "agency")):
        answer = client.get(f"/api/v1/{path}", headers=headers)
        if "directory" not in scopes:
            if answer.status_code != 403:
                yield f"{answer.status_code} for {path} without the scope"
            continue
        shown = {UUID(row["id"]) for row in answer.json()["results"]}
        if strange := shown ^ judge.should(reader, kind):
            yield f"the API gives {path} {strange} wrongly"
        hidden = next((row for row in judge.now.all(kind) if row.id not in shown), None)
        if hidden and client.get(f"/api/v1/{path}/{hidden.id}", headers=headers).status_code != 404:
            yield f"the API answers for hidden {hidden.name}"
    if "alerts" in scopes:
        yield from _api_alerts(judge, reader, client.get("/api/v1/alerts", headers=headers).json()["results"])


def _api_alerts(judge: Judge, reader: Any, rows: list[dict[str, Any]]) -> Iterator[str]:
    if {UUID(row["id"]) for row in rows} - judge.should(reader, "alert"):
        yield "the API gives an alert that should not be known"
    if {UUID(row["id"]) for row in rows if row["title"]} - judge.should(reader, "alert_text"):
        yield "the API gives the text of an alert that should not be read"


def _name(judge: Judge, listing: Any) -> str:
    return str(judge.now.get("listing", listing).name).lower()


def _some(judge: Judge, person: Any, kind: str) -> list[Row]:
    """Some rows, so that of both sorts there are as many as there can be: those seen and those not."""
    should = judge.should(person, kind)
    rows = sorted(judge.now.all(kind), key=lambda row: str(row.id))
    turn = len(rows) % SAMPLE
    seen, hidden = [row for row in rows if row.id in should], [row for row in rows if row.id not in should]
    return [*seen[turn::SAMPLE][:SAMPLE], *hidden[turn::SAMPLE][:SAMPLE]]
