from __future__ import annotations

import os
import stat
from pathlib import Path
from urllib.parse import unquote, urlsplit

import dj_database_url
import psycopg
import redis

from tests.servers import postgres, valkey


class TestPostgres:
    def test_is_version_18_behind_a_socket_that_only_its_owner_can_open_and_gone_afterwards(self):
        with postgres() as address:
            parts = dj_database_url.parse(address)
            folder = Path(unquote(urlsplit(address).netloc.split("@")[1]))
            with psycopg.connect(host=parts["HOST"], user=parts["USER"], dbname=parts["NAME"]) as connection:
                assert connection.info.server_version // 10_000 == 18
                assert connection.execute("show listen_addresses").fetchone() == ("",)
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert os.geteuid() != 0 or folder.stat().st_uid != 0
        assert not folder.exists()


class TestValkey:
    def test_answers_on_loopback(self):
        with valkey() as address:
            assert urlsplit(address).hostname == "127.0.0.1"
            assert redis.Redis.from_url(address).ping()
