from __future__ import annotations

import pytest
from django.urls import reverse

from demonstration import mailbox

BOTH = b"""From: alerts@lantern.example\r
To: mia@haven.example\r
Subject: Read <b>this</b>\r
MIME-Version: 1.0\r
Content-Type: multipart/alternative; boundary=x\r
\r
--x\r
Content-Type: text/plain; charset=utf-8\r
\r
Plain <script>alert(1)</script> words.\r
--x\r
Content-Type: text/html; charset=utf-8\r
\r
<script>alert(2)</script><p style="color: red">Rich words.</p>\r
--x--\r
"""


@pytest.fixture
def name(settings, tmp_path):
    settings.VAR = tmp_path
    return mailbox.keep("bounces@lantern.example", ["mia@haven.example"], BOTH, into=mailbox.folder())


class TestMail:
    def test_lists_what_was_caught_to_people_who_have_not_signed_in(self, client, db, name):
        page = client.get(reverse("demonstration:mail")).content.decode()
        assert "Read &lt;b&gt;this&lt;/b&gt;" in page
        assert reverse("demonstration:message", args=[name]) in page

    def test_changes_nothing(self, client, db, name):
        assert client.post(reverse("demonstration:mail")).status_code == 405


class TestMessage:
    def test_shows_the_plain_text_and_runs_none_of_it(self, client, db, name):
        page = client.get(reverse("demonstration:message", args=[name])).content.decode()
        assert "Plain &lt;script&gt;alert(1)&lt;/script&gt; words." in page
        assert "mia@haven.example" in page

    def test_is_not_found_when_there_is_none(self, client, db, name):
        assert client.get(reverse("demonstration:message", args=["0" * 20 + "-" + "0" * 32])).status_code == 404


class TestHtmlPart:
    def test_is_shown_in_a_sandbox_that_runs_and_fetches_nothing(self, client, db, name):
        answer = client.get(reverse("demonstration:html_part", args=[name]))
        assert "Rich words." in answer.content.decode()
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("sandbox; default-src 'none';")
        assert "script-src" not in policy
