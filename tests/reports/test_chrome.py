from __future__ import annotations

import pytest
from django.urls import reverse

from directory.models import Helpline


@pytest.fixture
def lines(db) -> None:
    for name, everywhere in (("Chosen line", True), ("Other line", False)):
        Helpline.objects.create(
            name=name, number="0808 157 0123", show_everywhere=everywhere, source="Its own site", source_on="2026"
        )


@pytest.mark.usefixtures("lines")
class TestHelplines:
    def test_that_are_shown_everywhere_are_at_the_foot_of_a_page_for_anybody(self, client):
        page = client.get(reverse("account_login")).content.decode()
        assert "Chosen line" in page
        assert "Other line" not in page

    def test_are_all_on_the_directorys_page(self, browse, mia):
        page = browse(mia).get(reverse("directory:search")).content.decode()
        body, _, foot = page.partition("<footer")
        assert "Chosen line" in body
        assert "Other line" in body
        assert "Chosen line" in foot
        assert "Other line" not in foot
