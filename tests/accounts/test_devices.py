from __future__ import annotations

import pytest

from accounts.devices import in_words

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (WINDOWS, "Chrome on a Windows computer"),
        (f"{WINDOWS} Edg/130.0", "Edge on a Windows computer"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on an iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on a Linux computer"),
        ("curl/8.0", "Another device"),
        ("", "Another device"),
        ("<script>alert(1)</script>", "Another device"),
    ],
)
def test_in_words_says_what_a_person_would(said, words):
    assert in_words(said) == words
