from __future__ import annotations

import pytest

from tests.delivery import smtp


@pytest.fixture
def mail_server(settings):
    """A real SMTP server that the settings point to."""
    with smtp.running() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 5
        yield server
