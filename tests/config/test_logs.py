"""What stands in no log: what opens something, and what somebody asked."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core import signing
from gunicorn.config import Config
from structlog.stdlib import ProcessorFormatter

from config.access_log import AccessLog
from config.logs import BESIDES, without_keys

ROOT = Path(__file__).parents[2]
PACKAGES = ("accounts", "audit", "network", "delivery", "directory", "alerts", "training", "charter", "reports", "api")
EXTRA, NAME = re.compile(r"extra=\{(.*)\}"), re.compile(r'"(\w+)":')
ROW = "/directory/listings/01a20424-918e-7352-8256-c53eaaf25215/"


@pytest.mark.parametrize(
    ("line", "logged"),
    [
        (f"Not Found: /messages/mute/{signing.dumps('somebody', salt='s')}/", "Not Found: /messages/mute/(key)/"),
        ("GET /network/invitation/Zk3-0f_Tq9xYpLr2VbNcWs81/ HTTP/1.1", "GET /network/invitation/(key)/ HTTP/1.1"),
        (f"GET {ROW} HTTP/1.1", f"GET {ROW} HTTP/1.1"),
        ("GET /directory/?q=Mia+Hughes HTTP/1.1", "GET /directory/ HTTP/1.1"),
        ("GET /alerts/DUR-2026-0042/ HTTP/1.1", "GET /alerts/DUR-2026-0042/ HTTP/1.1"),
        ("deliveries_not_moving", "deliveries_not_moving"),
    ],
)
def test_a_line_keeps_what_opens_nothing(line, logged):
    assert without_keys(line) == logged


def test_the_web_server_logs_neither_the_address_nor_where_it_was_linked():
    secret = "/network/invitation/Zk3-0f_Tq9xYpLr2VbNcWs81/"
    asked = {"REQUEST_METHOD": "GET", "RAW_URI": f"{secret}?q=Mia", "PATH_INFO": secret, "QUERY_STRING": "q=Mia"}
    environ = {**asked, "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_REFERER": f"https://lantern.example{secret}"}
    answer = SimpleNamespace(status="200 OK", sent=1, headers=[])
    took = SimpleNamespace(seconds=0, microseconds=0)
    atoms = AccessLog(Config()).atoms(answer, SimpleNamespace(headers=[]), environ, took)
    assert not [name for name, value in atoms.items() if "Zk3" in str(value) and not name.startswith("{")]
    assert "Zk3" not in Config().access_log_format % atoms
    assert "Mia" not in Config().access_log_format % atoms
    assert "/network/invitation/(key)/" in Config().access_log_format % atoms


def test_what_django_says_of_a_page_that_is_not_there_is_masked_too():
    handler = next(each for each in logging.getLogger().handlers if isinstance(each.formatter, ProcessorFormatter))
    assert "Zk3" not in handler.format(
        logging.LogRecord("django.request", 30, "", 0, "Not Found: %s", ("/x/Zk3-0f_Tq9xYpLr2VbNcWs81/",), None)
    )


def line_of(**besides: object) -> str:
    """What is logged of a line of ours with this beside its name."""
    handler = next(each for each in logging.getLogger().handlers if isinstance(each.formatter, ProcessorFormatter))
    about = logging.getLogger("delivery.returns").makeRecord(
        "delivery.returns", 20, "", 0, "x", (), None, extra=besides
    )
    return handler.format(about)


def test_a_line_says_what_it_is_about():
    line = line_of(reason="no delivery of ours", delivery=701)
    assert "no delivery of ours" in line
    assert "701" in line


def test_a_line_keeps_what_a_library_adds_to_itself():
    assert "Zk3" not in line_of(request="<WSGIRequest: GET '/network/invitation/Zk3-0f_Tq9xYpLr2VbNcWs81/'>")


def test_each_line_of_ours_says_only_what_is_let_through():
    ours = [path for name in PACKAGES for path in (ROOT / name).rglob("*.py")]
    said = {key for path in ours for extra in EXTRA.findall(path.read_text()) for key in NAME.findall(extra)}
    assert said
    assert said <= set(BESIDES)
