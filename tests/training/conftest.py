"""A course in Cora's network, with a session announced to Mia's and Otto's agencies."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.models import User
from tests.factories import AgencyFactory, NetworkFactory, UserFactory, appoint
from tests.training import factories
from training.models import Booking, Course, Session


@pytest.fixture
def course(durham) -> Course:
    return factories.CourseFactory(network=durham, title="Spotting labour exploitation")


@pytest.fixture
def session(course, mia, haven, otto, harbour, ben) -> Session:
    """Announced to Mia, Otto and Ben."""
    return factories.announced((mia, haven), (otto, harbour), (ben, haven), course=course)


@pytest.fixture
def unannounced(course) -> Session:
    return factories.SessionFactory(course=course)


class Crowd:
    """People who act at the same moment, each in a thread with a database connection of its own.

    On SQLite the test database lives in memory, where threads would share one connection: they get a copy in a file.
    """

    def __init__(self, folder: Path) -> None:
        self.copy = folder / "crowd.sqlite3" if connection.vendor == "sqlite" else None

    def gather(self, people: int, *, capacity: int) -> list[User]:
        network = NetworkFactory()
        agency = AgencyFactory(network=network)
        gathered = [UserFactory() for _ in range(people)]
        for person in gathered:
            appoint(person, "member", agency)
        self.session = factories.announced(
            *((person, agency) for person in gathered), course__network=network, capacity=capacity
        )
        if self.copy:
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(self.copy)])
        return gathered

    def press(self, act: Callable[[User, Session], Any], people: list[User]) -> list[str]:
        """What became of each: `done`, or the words of the refusal."""
        together = threading.Barrier(len(people))

        def one(person: User) -> str:
            try:
                session = Session.objects.select_related("course__network").get(pk=self.session.pk)
                together.wait(timeout=30)
                act(person, session)
            except ValidationError as refusal:
                return " ".join(refusal.messages)
            finally:
                connection.close()
            return "done"

        return self.elsewhere(one, people)

    def count(self) -> tuple[int, int]:
        """Bookings held, and places counted as taken."""
        return self.elsewhere(lambda _: self._count(), [None])[0]

    def _count(self) -> tuple[int, int]:
        try:
            held = Booking.objects.held().filter(session=self.session.pk).count()
            return held, Session.objects.get(pk=self.session.pk).places_taken
        finally:
            connection.close()

    def elsewhere(self, act: Callable[[Any], Any], given: list[Any]) -> list[Any]:
        """Do it in new threads, which open new connections: to the copy, if there is one."""
        name = connection.settings_dict["NAME"]
        if self.copy:
            connection.settings_dict["NAME"] = str(self.copy)
        try:
            with ThreadPoolExecutor(len(given)) as threads:
                return list(threads.map(act, given))
        finally:
            connection.settings_dict["NAME"] = name


@pytest.fixture
def crowd(transactional_db, tmp_path) -> Crowd:
    return Crowd(tmp_path)
