"""The API held against its own document: nothing breaks, and every answer is what the document says."""

from __future__ import annotations

import functools
import json
import re
from typing import Any

import jsonschema
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi_checks

from api import base
from api.document import endpoints
from api.urls import urlpatterns
from config.wsgi import application

pytestmark = [pytest.mark.django_db, pytest.mark.once]  # about shapes: whose rows they are is compared on both engines
OPERATIONS = (
    "listings", "one_listing", "agencies", "one_agency", "alerts_sent_to_you", "one_alert", "acknowledge_an_alert",
    "councils", "one_council", "decisions_about_the_charter",
)  # fmt: skip
HELD = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
]


@functools.cache
def document() -> dict[str, Any]:
    """The document, as it is served."""
    return json.loads(json.dumps(SchemaGenerator().get_schema(request=None, public=True)))


@functools.cache
def operations() -> dict[str, Any]:
    """Every operation of the document, by its name."""
    schema = schemathesis.openapi.from_dict(document())
    schema.app = application
    found = [operation.ok() for operation in schema.get_all_operations()]
    return {operation.definition.raw["operationId"]: operation for operation in found}


class TestTheDocument:
    def test_is_valid(self):
        validate_schema(document())

    def test_tells_nothing_of_how_messages_are_sent(self):
        """Who was sent what, and how it went, is for people (`docs/access.md`): no field of it is in any answer."""
        names = set(re.findall(r'"([a-z_]+)":', json.dumps(document()).lower()))
        assert {"reference", "marking"} & names
        ours = ("deliver", "recipient", "mailing", "webhook", "endpoint", "attempt", "bounce", "preference", "fence")
        assert not {name for name in names for word in ours if word in name}

    def test_names_every_address(self):
        described = {"schema", "docs", "nowhere"} | {path.rsplit("v1/")[-1] for path in document()["paths"]}
        served = {
            str(pattern.pattern).replace("<uuid:pk>", "{id}") for pattern in urlpatterns if pattern.name != "nowhere"
        }
        served = {path.replace("<slug:", "{").replace(">", "}") for path in served} | {"nowhere"}
        assert described == served

    def test_has_every_operation_in_the_test_below(self):
        assert set(operations()) - {"schema_retrieve"} == set(OPERATIONS)

    def test_says_nothing_about_keys_and_their_owners(self):
        said = json.dumps(document()["components"]["schemas"])
        assert not any(word in said for word in ("digest", "owner", "password"))


class TestThePage:
    @pytest.fixture
    def shown(self, browse, mia) -> str:
        answer = browse(mia).get("/api/v1/docs")
        assert answer.status_code == 200
        return answer.content.decode()

    def test_shows_every_operation_of_the_document_once(self, shown):
        for name in OPERATIONS:
            assert shown.count(f'id="{name.replace("_", "-")}"') == 1
            assert shown.count(f'href="#{name.replace("_", "-")}"') == 1
        assert all(f"</strong> {path}</code>" in shown for path in document()["paths"] if "schema" not in path)

    def test_says_how_to_sign_in_and_what_each_refusal_means(self, shown):
        assert "Authorization: Bearer" in shown
        assert "/api/v1/listings?limit=5" in shown
        statuses = {s for methods in document()["paths"].values() for m in methods.values() for s in m["responses"]}
        assert all(f"{status} " in shown.split("What each status means")[1] for status in statuses - {"200"})

    def test_has_no_inline_script_or_style(self, shown):
        assert not re.search(r"<style|<script>|style=|onclick", shown)

    def test_is_for_who_has_signed_in(self, client):
        assert client.get("/api/v1/docs").status_code == 302


class TestEndpoints:
    def test_gives_an_example_of_the_shape_that_the_document_promises(self):
        for shown in endpoints():
            deed = document()["paths"][shown["path"]][shown["method"].lower()]
            shape = deed["responses"]["200"]["content"]["application/json"]["schema"]
            whole = {**shape, "components": document()["components"]}
            jsonschema.Draft4Validator(whole).validate(json.loads(shown["example"]))

    def test_names_choices_in_words(self):
        (kind,) = [p for shown in endpoints() if shown["id"] == "agencies" for p in shown["parameters"] if p["choices"]]
        assert kind["text"] == "The kind of agency."
        assert {"code": "police", "words": "Police"} in kind["choices"]

    def test_says_how_far_a_number_goes(self):
        (limit,) = [p for shown in endpoints() if shown["id"] == "councils" for p in shown["parameters"]
                    if p["name"] == "limit"]  # fmt: skip
        assert limit["kind"] == "whole number from 1 to 100"

    def test_says_what_may_be_null(self):
        (decisions,) = [shown for shown in endpoints() if shown["path"].endswith("/adoptions")]
        assert decisions["nulls"] == ["next", "ended_at"]


class TestTheApi:
    @pytest.fixture(autouse=True)
    def one_connection(self):
        """The handler would close the connection of this test’s transaction; Django’s client does so too."""
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)
        yield
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)

    @pytest.mark.parametrize("as_whom", ["key", "person"])
    def test_keeps_to_its_document(self, as_whom, world, harbour, otto, issue, browse, monkeypatch):
        monkeypatch.setattr(base, "REQUESTS_A_MINUTE", 10**6)
        headers = self.headers(as_whom, harbour, otto, issue, browse)
        real = {"reference": world["open"].reference, "code": world["council"].code}
        for name in OPERATIONS:
            row = harbour if name == "one_agency" else world["network"]
            self.hold(name, headers, {**real, "id": str(row.pk)})

    @staticmethod
    def hold(name: str, headers: dict[str, str], real: dict[str, str]) -> None:
        """Ask for fifteen things that the document allows of this operation, real rows among them."""

        @settings(
            max_examples=15,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operations()[name].as_strategy(), known=st.booleans())
        def held(case: schemathesis.Case, known: bool) -> None:
            if known:
                case.path_parameters = {key: real[key] for key in case.path_parameters or {}}
            case.call_and_validate(headers=headers, checks=HELD)

        held()

    @staticmethod
    def headers(as_whom, harbour, otto, issue, browse) -> dict[str, str]:
        if as_whom == "key":
            return {"Authorization": f"Bearer {issue(harbour, otto)}"}
        client = browse(otto)
        token = "t" * 32
        return {
            "Cookie": f"sessionid={client.cookies['sessionid'].value}; csrftoken={token}",
            "X-CSRFToken": token,
        }
