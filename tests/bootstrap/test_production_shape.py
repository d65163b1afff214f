"""The very commands of compose.yaml and the Dockerfile, run against a real PostgreSQL and a Redis-protocol server.

No container engine is needed: what is proved is that each service's command, health check and settings work together.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import subprocess
import urllib.request
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import yaml

from bootstrap.places import BIN, ROOT
from bootstrap.watched import Watched
from tests.bootstrap.processes import fetch, until
from tests.servers import free_port, postgres, valkey

pytestmark = [pytest.mark.deep, pytest.mark.ci, pytest.mark.xdist_group("production")]  # one installation, one worker
HOST = "lantern.example"
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
OURS = [name for name, service in SERVICES.items() if service.get("image", "").startswith("lantern")]


class Deployment:
    """One installation: its servers, its secrets in files, and a way to run a service's command in it."""

    def __init__(self, folder: Path, database: str, redis: str) -> None:
        self.folder = folder
        self.port = free_port()
        values = {
            "LANTERN_ALLOWED_HOSTS": HOST,
            "LANTERN_BASE_URL": f"https://{HOST}",
            "LANTERN_SMTP_HOST": "127.0.0.1",
        }
        values |= {"LANTERN_FROM_EMAIL": f"alerts@{HOST}"}
        places = {"redis://redis:6379": redis.removesuffix("/0"), "/run/secrets": str(folder)}
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("LANTERN_")}
        for name, value in SERVICES["web"]["environment"].items():
            self.env[name] = filled(value, values, places)
        self.env["LANTERN_DATABASE_URL"] = database
        self.env |= {"LANTERN_VAR": str(folder / "var"), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
        self.env |= {"HOSTNAME": socket.gethostname(), "LANTERN_HTTPS_REDIRECT": "yes"}
        for name in ("secret_key", "sealing_keys", "database_password", "smtp_password"):
            (folder / name).write_text(secrets.token_urlsafe(64) + "\n")

    def words(self, words: list[str]) -> list[str]:
        """A command of compose.yaml with this installation's port and folder for the container's own."""
        local = {"0.0.0.0:8000": f"127.0.0.1:{self.port}", "127.0.0.1:8000": f"127.0.0.1:{self.port}"}
        local |= {"/tmp/beat-schedule": f"{self.folder}/beat-schedule", "/dev/shm": str(self.folder), "$$": "$"}
        return [filled(word, {}, local) for word in words]

    def once(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.words(words), env=self.env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
        )

    @contextmanager
    def running(self, name: str):
        """Run a service while the block lasts."""
        process = Watched(self.words(SERVICES[name]["command"]), log=self.log(name), env=self.env, folder=ROOT)
        try:
            yield process
        finally:
            process.stop(15)

    def healthy(self, name: str) -> bool:
        """What the service's own health check says."""
        kind, *words = SERVICES[name]["healthcheck"]["test"]
        return self.once(["sh", "-c", *words] if kind == "CMD-SHELL" else words).returncode == 0

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


def filled(text: str, values: dict[str, str], places: dict[str, str]) -> str:
    """The text with compose's ${NAME:-default} filled in and each of the container's places exchanged for ours."""
    text = re.sub(r"\$\{(\w+)(?::[-?]([^}]*))?\}", lambda found: values.get(found[1], found[2] or ""), text)
    for theirs, ours in places.items():
        text = text.replace(theirs, ours)
    return text


@pytest.fixture(scope="module")
def deployment(tmp_path_factory):
    with ExitStack() as stack:
        database, redis = stack.enter_context(postgres()), stack.enter_context(valkey())
        yield Deployment(tmp_path_factory.mktemp("deployment"), database, redis)


@pytest.fixture(scope="module")
def migrated(deployment):
    done = deployment.once(SERVICES["migrate"]["command"])
    assert done.returncode == 0, done.stdout + done.stderr
    return deployment


@pytest.fixture(scope="module")
def collected(migrated):
    """The files that the image collects while it is built."""
    done = migrated.once(["python", "manage.py", "collectstatic", "--no-input", "--verbosity", "0"])
    assert done.returncode == 0, done.stderr
    return migrated


@pytest.fixture(scope="class")
def served(collected):
    """The web service, which answers."""
    with collected.running("web"):
        address = f"http://127.0.0.1:{collected.port}"
        assert until(lambda: fetch(f"{address}/healthz", HOST)[0] == 200), collected.log("web").read_text()
        yield collected


class TestServices:
    def test_are_those_that_production_needs(self):
        assert set(SERVICES) == {"database", "redis", "migrate", "web", "worker-immediate", "worker-routine", "beat"}

    @pytest.mark.parametrize("name", sorted(SERVICES))
    def test_run_without_new_privileges_on_a_read_only_root(self, name):
        assert SERVICES[name]["read_only"] is True
        assert "no-new-privileges:true" in SERVICES[name]["security_opt"]

    @pytest.mark.parametrize("name", OURS)
    def test_take_secrets_from_files_only(self, name):
        environment = SERVICES[name]["environment"]
        secret = [key for key in environment if re.search("SECRET|SEALING|PASSWORD", key)]
        assert len(secret) == 4
        assert all(key.endswith("_FILE") and environment[key].startswith("/run/secrets/") for key in secret)

    @pytest.mark.parametrize("name", sorted(set(OURS) - {"migrate"}))
    def test_wait_for_the_migration_and_start_again_when_they_fall(self, name):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert SERVICES[name]["restart"] == "unless-stopped"

    def test_let_nobody_but_us_reach_database_and_redis(self):
        assert all(SERVICES[name]["networks"] == ["inside"] for name in ("database", "redis"))
        assert not any("ports" in SERVICES[name] for name in SERVICES if name != "web")

    def test_keep_postgresql_18s_data_where_its_image_does(self):
        assert SERVICES["database"]["volumes"] == ["database:/var/lib/postgresql"]

    def test_between_them_listen_to_every_queue(self):
        commands = [SERVICES[name]["command"] for name in ("worker-immediate", "worker-routine")]
        queues = ",".join(words[words.index("--queues") + 1] for words in commands)
        assert sorted(queues.split(",")) == ["immediate", "routine", "upkeep"]


class TestImage:
    def test_copies_every_package_but_the_demonstration(self):
        copied = set(re.findall(r"^COPY (\w+) \1$", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
        packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
        assert copied - {"assets", "templates"} == packages - {"tests", "bootstrap", "demonstration"}
        ignored = (ROOT / ".dockerignore").read_text().split()
        assert all(f"!{name}" in ignored for name in copied)

    def test_runs_as_nobody_in_particular(self):
        assert re.findall(r"^USER (\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE) == ["lantern:lantern"]

    def test_serves_as_compose_does(self):
        command = re.findall(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
        assert [json.loads(each) for each in command] == [SERVICES["web"]["command"]]


class TestMigrate:
    def test_makes_an_empty_database_ready_and_may_be_run_again(self, migrated):
        again = migrated.once(SERVICES["migrate"]["command"])
        assert again.returncode == 0, again.stderr
        assert "No migrations to apply." in again.stdout


class TestWeb:
    def test_answers_alive_and_ready_and_serves_the_fingerprinted_style_sheet(self, served):
        assert fetch(f"http://127.0.0.1:{served.port}/readyz", HOST)[0] == 200, served.log("web").read_text()
        sheet = re.findall(r'href="/static/([^"]+\.css)"', self.page(served, "/accessibility/"))
        assert sheet
        assert re.search(r"\.[0-9a-f]{12}\.css$", sheet[0])
        assert "govuk" in self.page(served, f"/static/{sheet[0]}")
        assert self.dockers_own_check(served) == 0

    def test_sends_plain_http_to_https_and_strangers_away(self, served):
        address = f"http://127.0.0.1:{served.port}"
        answer = subprocess.run(
            ["curl", "-sI", "-H", f"Host: {HOST}", f"{address}/"], capture_output=True, text=True, check=False
        ).stdout
        assert f"https://{HOST}/" in answer
        assert fetch(f"{address}/healthz", "elsewhere.example")[0] == 400
        assert fetch(f"{address}/demonstration/mail/", HOST)[0] != 200

    @staticmethod
    def page(deployment: Deployment, path: str) -> str:
        """A page as the proxy in front asks for it."""
        told = {"Host": HOST, "X-Forwarded-Proto": "https"}
        request = urllib.request.Request(f"http://127.0.0.1:{deployment.port}{path}", headers=told)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    @staticmethod
    def dockers_own_check(deployment: Deployment) -> int:
        check = re.search(r"^ +CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
        assert check
        return deployment.once(json.loads(check[1])).returncode


class TestWorkers:
    @pytest.mark.parametrize("name", ["worker-immediate", "worker-routine"])
    def test_answer_their_health_check(self, migrated, name):
        with migrated.running(name):
            assert until(lambda: "ready." in migrated.log(name).read_text()), migrated.log(name).read_text()
            assert migrated.healthy(name)

    def test_are_unhealthy_when_they_are_gone(self, migrated):
        assert not migrated.healthy("worker-immediate")


class TestBeat:
    def test_starts_and_keeps_its_schedule_where_it_may_write(self, migrated):
        assert not migrated.healthy("beat")
        with migrated.running("beat"):
            assert until(lambda: "Starting" in migrated.log("beat").read_text()), migrated.log("beat").read_text()
            assert until(lambda: migrated.healthy("beat"))
