from __future__ import annotations

import datetime as dt
import email
import email.policy
import re
from uuid import UUID

import pytest
from django.core.mail import EmailMultiAlternatives
from hypothesis import given, settings
from hypothesis import strategies as st

from bootstrap.places import ROOT
from delivery.channels import Item
from delivery.channels.letter import Letter, Unusable, contents_of, letter_for, render, subject_of
from delivery.models import Mailing
from network.models import Network

CANARY = "canary-7f3a"
MAILING = UUID("0199a000-0000-7000-8000-000000000001")
words = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029"), max_size=120)
lines = st.lists(words, max_size=6).map("\n".join)


def mailing(**fields) -> Mailing:
    usual = {
        "pk": MAILING,
        "network": Network(name="Durham and Darlington Anti-Slavery Network"),
        "kind": "alert",
        "reference": "DUR-2026-0042",
        "marking": "OFFICIAL",
        "subject": "White van",
        "text": "Seen near the marina.",
        "path": "/alerts/DUR-2026-0042/",
        "urgency": "immediate",
        "released_at": dt.datetime(2026, 11, 22, 9, 30, tzinfo=dt.UTC),
    }
    return Mailing(**{**usual, **fields})


def item(**fields) -> Item:
    return Item(
        **{
            "delivery": 7,
            "mailing": MAILING,
            "person": MAILING,
            "address": "mia@haven.example",
            "name": "Mia",
            "reason": "lead of Haven",
            **fields,
        }
    )


def parsed(wire: bytes):
    """What the receiving server stores: the doubled dots are single again."""
    return email.message_from_bytes(re.sub(rb"^\.\.", b".", wire, flags=re.MULTILINE), policy=email.policy.default)


def bodies(message) -> list[tuple[str, str]]:
    return [
        (part.get_content_type(), part.get_content().replace("\r\n", "\n").rstrip("\n"))
        for part in message.walk()
        if not part.is_multipart()
    ]


def the_usual_way(sent: Mailing, to: Item):
    """The same message built for one person by Django."""
    personal = {"name": to.name, "reason": to.reason}
    built = EmailMultiAlternatives(subject_of(sent), render(sent, "plain", **personal), to=[to.address])
    built.attach_alternative(render(sent, "html", **personal), "text/html")
    return email.message_from_bytes(built.message().as_bytes(), policy=email.policy.default)


class TestFill:
    @settings(max_examples=200, deadline=None)
    @given(subject=words, text=lines, name=words, reason=words)
    def test_parses_to_the_same_as_a_message_built_for_one_person(self, subject, text, name, reason):
        sent, to = mailing(subject=subject, text=text), item(name=name, reason=reason)
        filled, usual = parsed(Letter(sent).fill(to)), the_usual_way(sent, to)
        assert bodies(filled) == bodies(usual)
        assert str(filled["Subject"]).split() == str(usual["Subject"]).split()
        for header in ("To", "From"):
            assert filled[header] == usual[header]

    @settings(max_examples=200, deadline=None)
    @given(subject=words, text=lines, name=words, reason=words)
    def test_is_fit_for_the_wire(self, subject, text, name, reason):
        wire = Letter(mailing(subject=subject, text=text)).fill(item(name=name, reason=reason))
        assert wire.isascii()
        assert wire.endswith(b"\r\n")
        assert not re.search(rb"(?<!\r)\n|\r(?!\n)|^\.(?!\.)", wire, re.MULTILINE)
        lines_sent = wire.partition(b"\r\n\r\n")[2].split(b"\r\n")  # a doubled dot is taken off again on the other side
        assert max(len(line) - line.startswith(b"..") for line in lines_sent) <= 76

    @pytest.mark.parametrize(("kind", "asks"), [("alert", True), ("training", False), ("notice", False)])
    def test_says_what_to_press_where_something_is_to_be_pressed(self, kind, asks):
        press = "I have read this and will act"
        assert f'text="{press}"' in (ROOT / "templates/alerts/_acknowledge.html").read_text()
        filled = parsed(Letter(mailing(kind=kind)).fill(item()))
        assert [press in " ".join(words.split()) for _, words in bodies(filled)] == [asks, asks]

    @pytest.mark.parametrize("space", [" ", "\t"])
    @pytest.mark.parametrize("length", range(70, 80))
    def test_folds_a_line_that_ends_in_a_space(self, length, space):
        text = f"{'a' * length}{space}\nand on"
        wire = Letter(mailing(text=text)).fill(item())
        assert max(len(line) for line in wire.partition(b"\r\n\r\n")[2].split(b"\r\n")) <= 76
        assert text in bodies(parsed(wire))[0][1]

    @pytest.mark.parametrize("last", ["a", "é", "=", " "])
    @pytest.mark.parametrize("length", range(60, 80))
    def test_folds_a_persons_words_however_long_they_are(self, length, last):
        reason = "a" * length + last
        wire = Letter(mailing()).fill(item(reason=reason))
        assert max(len(line) for line in wire.partition(b"\r\n\r\n")[2].split(b"\r\n")) <= 76
        assert reason in bodies(parsed(wire))[0][1]

    @given(st.text(st.characters(), max_size=60))
    def test_no_name_can_add_a_line_or_a_header(self, name):
        usual = Letter(mailing()).fill(item())
        filled = parsed(Letter(mailing()).fill(item(name=name, reason=name)))
        assert filled.keys() == parsed(usual).keys()

    def test_a_line_that_begins_with_a_dot_arrives_as_written(self):
        to = item(name=".hidden", reason=".")
        (_, plain), _ = bodies(parsed(Letter(mailing(marking=".OFFICIAL", text=".\n..two\n.")).fill(to)))
        assert plain.startswith(".OFFICIAL\n")
        assert "\n.\n..two\n.\n" in plain
        assert "Dear .hidden," in plain

    @pytest.mark.parametrize(
        "bad",
        [
            "a@b.example\r\nBcc: x@y.example",
            "a b@c.example",
            '"a\\\r\nb"@c.example',
            "a@b>c.example",
            "",
            "no-at",
            "é@b.example",
            "a@b.example,c@d.example",
            "a@\u2028.example",
        ],
    )
    def test_refuses_an_address_that_could_carry_more_than_an_address(self, bad):
        with pytest.raises(Unusable):
            Letter(mailing()).fill(item(address=bad))

    def test_writes_a_domain_with_accents_in_ascii(self):
        assert b"To: mia@xn--caf-dma.example\r\n" in Letter(mailing()).fill(item(address="mia@café.example"))

    def test_says_that_a_machine_sent_it_and_puts_the_marking_first(self):
        filled = parsed(Letter(mailing()).fill(item()))
        assert filled["Auto-Submitted"] == "auto-generated"
        assert filled["Subject"] == "OFFICIAL: White van"
        assert filled["Date"].datetime == mailing().released_at
        assert "You are sent this as lead of Haven." in bodies(filled)[0][1]

    def test_escapes_markup_in_the_html_part(self):
        _, (_, html) = bodies(parsed(Letter(mailing(text="<script>x</script>")).fill(item(name="<b>Mia</b>"))))
        assert "<script>" not in html
        assert "<b>Mia" not in html


class TestMessageId:
    def test_is_the_same_for_each_attempt_and_another_for_another_delivery(self):
        ids = [parsed(Letter(mailing()).fill(item(delivery=number)))["Message-ID"] for number in (7, 7, 8)]
        assert ids[0] == ids[1] != ids[2]
        assert re.fullmatch(r"<[0-9a-f-]{36}@lantern\.example>", ids[0])


class TestWithheld:
    @pytest.mark.parametrize(
        "fields",
        [
            {"withheld": True},
            {"marking": "OFFICIAL-SENSITIVE"},
            {"marking": "OFFICIAL TLP:AMBER"},
            {"marking": "tlp:red"},
        ],
    )
    def test_carries_marking_network_reference_urgency_and_link_and_nothing_else(self, fields):
        sent = mailing(subject=f"sub {CANARY}", text=f"text {CANARY}", **fields)
        wire = Letter(sent).fill(item(name=f"name {CANARY}", reason=f"reason {CANARY}"))
        filled = parsed(wire)
        whole = " ".join([str(filled["Subject"]), *(text for _, text in bodies(filled))])
        assert CANARY not in whole
        assert CANARY.encode() not in wire
        for word in (sent.marking, sent.network.name, sent.reference, "immediate", "/alerts/DUR-2026-0042/"):
            assert word in whole

    def test_nothing_else_of_the_mailing_is_even_given_to_the_template(self):
        sent = mailing(marking="OFFICIAL-SENSITIVE")
        assert set(contents_of(sent)) == {"marking", "network", "reference", "urgency", "link"}


class TestLetterFor:
    def test_builds_once_for_a_mailing(self):
        assert letter_for(mailing()) is letter_for(mailing())
