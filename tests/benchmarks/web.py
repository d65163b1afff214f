"""Whole requests over loopback, one after another on one kept connection, to gunicorn with one worker."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.test import Client

from accounts.models import User
from api import base
from tests.benchmarks import api
from tests.benchmarks.measuring import answers, until
from tests.factories import sign_in
from tests.servers import free_port

BARE, PAGE, USUAL = "bare Django view", "the directory's page", "JSON list, DRF as usual, no rights"
OURS, BY_KEY = "JSON list, with rights", "JSON list, with rights, by key"
Way = Callable[[], Any]


@contextlib.contextmanager
def doors(reader: User) -> Iterator[dict[str, Way]]:
    """The page people see, the list machines read, the usual list, and a bare view, as one person sees them."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "tests.benchmarks.served", "--bind", f"127.0.0.1:{port}"]
    more = ["--worker-class", "gthread", "--threads", "4", "--keep-alive", "60", "--no-control-socket"]
    log = Path(os.environ["LANTERN_VAR"], "web.log")
    with log.open("wb") as kept, subprocess.Popen([*command, *more], stdout=kept, stderr=kept) as server:
        try:
            until(lambda: answers(port))
            yield _ways(http.client.HTTPConnection("127.0.0.1", port), reader)
        finally:
            server.terminate()


def _ways(line: http.client.HTTPConnection, reader: User) -> dict[str, Way]:
    session = sign_in(Client(), reader).cookies["sessionid"].value
    person, machine = {"Cookie": f"sessionid={session}"}, {"Authorization": f"Bearer {api.key_of(reader)}"}
    return {
        BARE: lambda: _read(line, "/bare"),
        PAGE: lambda: _read(line, "/directory/", person),
        OURS: lambda: _full(_read(line, "/api/v1/listings", person)),
        BY_KEY: lambda: _full(_read(line, "/api/v1/listings", machine)),
        USUAL: lambda: _full(_read(line, "/usual", person)),
    }


def _read(line: http.client.HTTPConnection, address: str, headers: dict[str, str] | None = None) -> bytes:
    """The answer, which must be a good one: a fast failure is no figure."""
    line.request("GET", address, headers=headers or {})
    answer = line.getresponse()
    said = answer.read()
    if answer.status != 200:
        raise AssertionError(f"{address} answered {answer.status}")
    return said


def _full(said: bytes) -> bytes:
    # Reading 9 kB of JSON takes a tenth of a millisecond, the same for each way.
    if len(json.loads(said)["results"]) != base.ROWS:
        raise AssertionError("the list is not a full page")
    return said
