from __future__ import annotations

import socket
import time

import pytest

from delivery.channels import calls
from delivery.targets import Unfit, parsed
from tests.delivery import hooks
from tests.delivery.test_targets import answering
from tests.servers import free_port

BODY, HEADERS = b'{"type":"alert.released"}', {"webhook-id": "msg_1", "Content-Type": "application/json"}


@pytest.fixture(autouse=True)
def here(settings):
    settings.WEBHOOKS_TO_LOOPBACK = True


@pytest.fixture
def receiver():
    with hooks.running() as found:
        yield found


def post(receiver, url: str = "") -> int:
    return calls.post(parsed(url or receiver.url), BODY, HEADERS)


class TestPost:
    def test_hands_over_the_body_as_it_is_and_says_what_was_answered(self, receiver):
        assert post(receiver) == 200
        (call,) = receiver.calls
        assert (call.path, call.body, call.key) == ("/in?from=lantern", BODY, "msg_1")
        assert call.headers["Host"] == f"127.0.0.1:{receiver.port}"

    def test_goes_to_the_address_that_was_checked_whatever_the_name_means_a_moment_later(self, receiver, monkeypatch):
        asked = answering(monkeypatch, ["127.0.0.1"], ["169.254.169.254"])
        assert post(receiver, f"http://localhost:{receiver.port}/") == 200
        assert asked == ["localhost"]
        with pytest.raises(Unfit):
            post(receiver, f"http://localhost:{receiver.port}/")
        assert len(receiver.calls) == receiver.connections == 1

    def test_tries_the_next_address_when_the_first_is_silent(self, receiver, monkeypatch):
        answering(monkeypatch, ["127.0.0.9", "127.0.0.1"])
        assert post(receiver, f"http://localhost:{receiver.port}/") == 200

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_follows_no_redirect(self, status, receiver):
        receiver.answers = [status, 200]
        assert post(receiver) == status
        assert receiver.connections == 1

    def test_asks_no_proxy_of_the_environment(self, receiver, monkeypatch):
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
        assert post(receiver) == 200

    def test_nothing_is_sent_where_nobody_listens(self):
        with pytest.raises(calls.NotSent, match="Nothing answers"):
            calls.post(parsed(f"http://127.0.0.1:{free_port()}/"), BODY, HEADERS)

    def test_one_who_hangs_up_may_have_it(self, receiver):
        receiver.answers = [hooks.HANG_UP]
        with pytest.raises(calls.Unanswered, match="hung up"):
            post(receiver)
        assert len(receiver.calls) == 1

    @pytest.mark.parametrize("answer", [3.0, hooks.DRIP])
    def test_one_who_answers_slowly_or_a_byte_at_a_time_may_have_it(self, answer, receiver, monkeypatch):
        monkeypatch.setattr(calls, "WHOLE", 0.5)
        receiver.answers = [answer]
        began = time.monotonic()
        with pytest.raises(calls.Unanswered, match="in time"):
            post(receiver)
        assert time.monotonic() - began < 2

    def test_one_whose_answer_is_known_is_not_waited_for_longer(self, receiver, monkeypatch):
        monkeypatch.setattr(calls, "WHOLE", 0.5)
        receiver.answers = [hooks.DRIP_BODY]
        began = time.monotonic()
        assert post(receiver) == 200
        assert time.monotonic() - began < 2

    def test_reads_a_little_of_a_long_answer(self, receiver, monkeypatch):
        monkeypatch.setattr(hooks, "CANARY", "x" * 50_000_000)
        began = time.monotonic()
        with pytest.raises(calls.Unanswered, match="understood"):
            post(receiver)  # the reason alone is too long
        assert time.monotonic() - began < 2

    def test_a_server_that_takes_the_line_and_says_nothing_gets_no_message(self, monkeypatch):
        monkeypatch.setattr(calls, "WHOLE", 0.5)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"https://localhost:{silent.getsockname()[1]}/"
            with pytest.raises(calls.NotSent, match="in time"):
                calls.post(parsed(url), BODY, HEADERS)


class TestTls:
    @pytest.fixture
    def served(self, tmp_path, monkeypatch):
        """`served("localhost")` listens with a certificate for this name that is trusted."""
        running = []

        def serve(name: str, *, trusted: bool = True) -> hooks.Receiver:
            context, file = hooks.certificate(tmp_path, name)
            if trusted:
                monkeypatch.setenv("SSL_CERT_FILE", str(file))
            calls.tls.cache_clear()
            server = hooks.running(context)
            running.append(server)
            return server.__enter__()

        yield serve
        calls.tls.cache_clear()
        for server in running:
            server.__exit__(None, None, None)

    def test_knows_the_server_by_its_name_at_the_address_that_was_checked(self, served, monkeypatch):
        receiver = served("hooks.haven.example")
        answering(monkeypatch, ["127.0.0.1"])
        assert post(receiver, f"https://hooks.haven.example:{receiver.port}/in") == 200
        (call,) = receiver.calls
        assert call.headers["Host"] == f"hooks.haven.example:{receiver.port}"

    @pytest.mark.parametrize(("name", "trusted"), [("other.example", True), ("localhost", False)])
    def test_hands_nothing_to_one_with_another_name_or_a_certificate_nobody_trusts(self, name, trusted, served):
        receiver = served(name, trusted=trusted)
        with pytest.raises(calls.NotSent, match="certificate"):
            post(receiver)
        assert not receiver.calls

    def test_hands_nothing_to_one_that_speaks_no_tls(self, receiver):
        with pytest.raises(calls.NotSent):
            post(receiver, f"https://localhost:{receiver.port}/")
        assert not receiver.calls
