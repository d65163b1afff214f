from __future__ import annotations

import pytest
from django.test import Client

from accounts import codes
from accounts.addresses import is_ours, ours_or_home
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db

ELSEWHERE = [
    "https://evil.example",
    "http://evil.example/",
    "HTTPS://evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\x00//evil.example",
    "\x01https://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https:\\\\evil.example",
    "http:\\evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "mailto:x@evil.example",
    "ftp://evil.example",
    "//evil.example/account/sign-in/",
    "//testserver@evil.example",
    "https://testserver@evil.example",
    "https://testserver.evil.example",
    "//testserver:80@evil.example/",
    "http://testserver",
    "http://testserver/directory/",
    "//testserver/directory/",
    "http://localhost/directory/",
    "/directory//evil.example",
    "/./../../evil.example",
    "/directory/../../evil.example",
    "/%2f%2fevil.example",
    "/%5cevil.example",
    "/%09/evil.example",
    "/%0d%0aLocation:%20https://evil.example",
    "/directory/\r\nSet-Cookie: x=1",
    "/directory/%0d%0aSet-Cookie:x",
    "/directory/?q=\r\nx",
    "/directory/?q=\\x",
    "/directory/#@evil.example",
    "/directory/ ",
    "directory/",
    "?next=//evil.example",
    "#",
    ".",
    "..",
    "/nothing-here/",
    "/admin/",
    "/static/lantern.css",
    "/\u2215evil.example",
    "//\u3002evil.example",
    "/\ufeff/evil.example",
    "/<script>",
    '/"onmouseover=x',
]
OURS = ["/", "/?a=b", "/directory/", "/directory/?q=beds%20for%20two&page=2", "/account/your-sign-in/", "/charter/DAL/"]


class TestIsOurs:
    def test_knows_sixty_ways_to_lie(self):
        assert len(set(ELSEWHERE)) >= 60

    @pytest.mark.parametrize("there", ELSEWHERE)
    def test_refuses_every_other_place(self, there):
        assert not is_ours(there)
        assert ours_or_home(there) == "/"

    @pytest.mark.parametrize("there", [*OURS[:5]])
    def test_lets_people_go_on_where_they_were(self, there):
        assert is_ours(there)


class TestE64EveryPlaceThatSendsOn:
    """Each way of being sent on, with each payload: the answer leads home, or nowhere."""

    def test_e64_signing_in(self, mia, password):
        for there in ELSEWHERE:
            answer = Client().post("/account/sign-in/", {"login": mia.email, "password": PASSWORD, "next": there})
            assert (answer.status_code, answer["Location"]) == (302, "/"), there

    def test_e64_confirming(self, browse, mia, recovery_codes):
        client, known = browse(mia, factor="stale"), recovery_codes
        for there in ELSEWHERE:
            known = known or codes.keep_recovery_codes(mia)
            sent = {"confirm-code": known.pop(), "confirm-next": there, "confirm-again": "yes"}
            answer = client.post("/account/confirm/", sent)
            assert (answer.status_code, answer["Location"]) == (307, "/"), there

    def test_e64_the_demonstrations_press(self, client, mia):
        for there in ELSEWHERE:
            answer = client.post("/demonstration/sign-in/", {"person": mia.email, "next": there})
            assert (answer.status_code, answer["Location"]) == (302, "/"), there

    def test_e64_setting_up(self, browse, mia):
        client = browse(mia, factor=None)
        for there in ELSEWHERE:
            page = client.get("/account/set-up/", {"next": there}).content.decode()
            assert page.count('?next=%2F"') == 2, there
            assert "evil" not in page
