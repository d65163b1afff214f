from __future__ import annotations

import pytest

from tests.delivery import smtp


@pytest.fixture(params=[False, True], ids=["step by step", "pipelined"])
def mail_server(request, settings):
    """A real SMTP server that the settings point to, with and without pipelining."""
    with smtp.running(request.param) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 5
        yield server
