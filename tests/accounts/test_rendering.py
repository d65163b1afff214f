"""Forms as people meet them: the markup of each widget, what an error says and where its link leads."""

from __future__ import annotations

import datetime as dt
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django import forms
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.rendering import (
    Checkboxes,
    Form,
    GovukDateField,
    GovukDateTimeField,
    GovukTimeField,
    Radios,
    Textarea,
    dress,
    error_links,
)


class Everything(Form):
    """One field of each kind."""

    name = forms.CharField(label="Name of the service", max_length=10)
    email = forms.EmailField(label="Email address", help_text="Where agencies can write to you")
    phone = forms.CharField(label="Telephone", widget=forms.TelInput(attrs={"autocomplete": "tel"}), required=False)
    site = forms.URLField(label="Website", assume_scheme="https", required=False)
    kind = forms.ChoiceField(label="Kind of help", choices=[("", "Choose one"), ("a", "Advice")])
    severity = forms.ChoiceField(
        label="How bad could it be?",
        widget=Radios(hints={"severe": "People could be hurt"}),
        choices=[("extreme", "Extreme"), ("severe", "Severe")],
    )
    areas = forms.MultipleChoiceField(
        label="Areas", widget=Checkboxes(), choices=[("North", [("1", "Durham")]), ("South", [("2", "York")])]
    )
    held_on = GovukDateField(label="Date of the motion")
    starts_at = GovukDateTimeField(label="Start of the session")
    opens_at = GovukTimeField(label="Opening time")
    places = forms.IntegerField(label="Places", min_value=1)
    text = forms.CharField(label="What partners must know", max_length=20, widget=Textarea())
    password = forms.CharField(
        label="Password", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}), strip=False
    )
    sure = forms.BooleanField(label="I have checked the list")
    came_from = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self) -> None:
        if self.data.get("clash"):
            raise forms.ValidationError("These answers do not fit together")


GOOD = {
    "name": "Haven",
    "email": "mia@haven.example",
    "kind": "a",
    "severity": "severe",
    "areas": ["2"],
    "held_on_day": "27",
    "held_on_month": "3",
    "held_on_year": "2007",
    "starts_at_day": "1",
    "starts_at_month": "July",
    "starts_at_year": "2026",
    "starts_at_time": "5:30pm",
    "opens_at": "9am",
    "places": "12",
    "text": "Be careful",
    "password": " x ",
    "sure": "on",
}
WRONG = {
    "name": "A name that is far too long",
    "email": "nobody",
    "held_on_day": "27",
    "held_on_month": "3",
    "starts_at_day": "31",
    "starts_at_month": "2",
    "starts_at_year": "2026",
    "starts_at_time": "soon",
    "opens_at": "late",
    "places": "many",
    "clash": "yes",
}


class Page(HTMLParser):
    """What stands in some markup: start tags with their attributes."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def with_id(self, wanted: str) -> dict[str, str | None]:
        found = [attrs for _, attrs in self.tags if attrs.get("id") == wanted]
        assert len(found) == 1, f"{len(found)} elements have the id {wanted}"
        return found[0]

    def classes(self, wanted: str) -> set[str]:
        return set((self.with_id(wanted)["class"] or "").split())

    @property
    def ids(self) -> list[str]:
        return [str(attrs["id"]) for _, attrs in self.tags if "id" in attrs]


def drawn(data: dict[str, Any] | None = None, **initial: Any) -> Page:
    return Page(str(Everything(data, initial=initial)))


def field_of(field: forms.Field, **data: str) -> forms.Form:
    return type("One", (Form,), {"it": field})(data)


class TestForm:
    def test_gives_each_control_its_class(self):
        page = drawn()
        assert page.classes("id_name") == {"govuk-input"}
        assert page.classes("id_kind") == {"govuk-select"}
        assert page.classes("id_severity_0") == {"govuk-radios__input"}
        assert page.classes("id_areas_0_0") == {"govuk-checkboxes__input"}
        assert page.classes("id_sure") == {"govuk-checkboxes__input"}
        assert page.classes("id_held_on_day") >= {"govuk-input", "govuk-date-input__input"}
        assert page.classes("id_text") == {"govuk-textarea", "govuk-js-character-count"}
        assert "govuk-js-password-input-input" in page.classes("id_password")

    def test_keeps_types_and_autocomplete(self):
        page = drawn()
        assert page.with_id("id_email")["type"] == "email"
        assert (page.with_id("id_phone")["type"], page.with_id("id_phone")["autocomplete"]) == ("tel", "tel")
        assert page.with_id("id_site")["type"] == "url"
        assert page.with_id("id_password")["autocomplete"] == "current-password"
        assert (page.with_id("id_places")["type"], page.with_id("id_places")["inputmode"]) == ("text", "numeric")

    def test_lets_no_browser_judge_or_cut_what_is_typed(self):
        banned = {"required", "maxlength", "minlength", "min", "max", "pattern", "placeholder"}
        assert not [attrs for _, attrs in drawn().tags if banned & set(attrs)]

    def test_gives_every_control_a_label_and_every_id_once(self):
        page = drawn(WRONG)
        labelled = {attrs.get("for") for tag, attrs in page.tags if tag == "label"}
        controls = {
            attrs["id"]
            for tag, attrs in page.tags
            if tag in {"input", "select", "textarea"} and attrs.get("type") != "hidden"
        }
        assert controls == labelled
        assert len(page.ids) == len(set(page.ids))

    def test_describes_controls_by_hints_errors_and_counters_that_are_there(self):
        page = drawn(WRONG)
        described = [str(attrs["aria-describedby"]).split() for _, attrs in page.tags if "aria-describedby" in attrs]
        named = {one for ids in described for one in ids}
        assert named <= set(page.ids)
        assert {"id_email_helptext", "id_email_error", "id_text-info", "id_severity_1_hint"} <= named

    def test_says_what_is_optional_except_in_filters(self):
        class Filter(Form):
            mark_optional = False
            q = forms.CharField(label="Search", required=False)

        assert "Telephone (optional)" in str(Everything())
        assert "Name of the service (optional)" not in str(Everything())
        assert "optional" not in str(Filter())

    def test_makes_one_question_the_heading_of_its_page(self):
        class Question(Form):
            heading_field = "kind"
            kind = forms.ChoiceField(label="Which kind?", choices=[("a", "A")], widget=Radios())

        assert re.search(r"<legend[^>]*>\s*<h1[^>]*>Which kind\?</h1>", str(Question()))
        assert "<h1" not in str(Everything())

    def test_accepts_what_is_right(self):
        form = Everything(GOOD)
        assert form.is_valid(), form.errors
        assert form.cleaned_data["held_on"] == dt.date(2007, 3, 27)
        assert form.cleaned_data["opens_at"] == dt.time(9)
        assert form.cleaned_data["password"] == " x "

    def test_shows_again_all_that_was_typed_but_the_password(self):
        page = drawn({**WRONG, "severity": "severe", "areas": ["2"], "password": "secret", "text": "kept <b>"})
        assert page.with_id("id_name")["value"] == WRONG["name"]
        assert page.with_id("id_starts_at_time")["value"] == "soon"
        assert page.with_id("id_held_on_day")["value"] == "27"
        assert "checked" in page.with_id("id_severity_1")
        assert "checked" not in page.with_id("id_severity_0")
        assert "checked" in page.with_id("id_areas_1_0")
        assert "value" not in page.with_id("id_password")
        assert "kept &lt;b&gt;" in str(Everything({"text": "kept <b>"}))

    def test_shows_initial_values_in_their_boxes(self):
        page = drawn(held_on=dt.date(2024, 3, 27), starts_at=dt.datetime(2026, 7, 1, 16, 30, tzinfo=dt.UTC))
        assert [page.with_id(f"id_held_on_{part}")["value"] for part in ("day", "month", "year")] == ["27", "3", "2024"]
        assert page.with_id("id_starts_at_time")["value"] == "5:30pm"

    def test_counts_a_line_end_as_one_character(self):
        assert Everything({**GOOD, "text": "line\r\n" * 4}).is_valid()
        assert not Everything({**GOOD, "text": "x" * 21}).is_valid()


class TestErrorSummary:
    def test_links_each_error_to_an_element_that_is_there(self):
        form = Everything(WRONG)
        summary = render_to_string("components/error_summary.html", {"form": form})
        targets = re.findall(r'href="#([^"]+)"', summary)
        assert len(targets) == len(form.error_links) == sum(len(errors) for errors in form.errors.values())
        assert set(targets) <= set(Page(str(form)).ids)

    def test_leads_to_the_first_choice_and_the_first_wrong_box(self):
        targets = {link.text: link.target for link in error_links(Everything(WRONG))}
        assert targets["Answer “How bad could it be?”"] == "id_severity_0"
        assert targets["Select areas"] == "id_areas_0_0"
        assert targets["Date of the motion must include a year"] == "id_held_on_year"
        assert targets["Start of the session must be a real date"] == "id_starts_at_day"
        assert targets["These answers do not fit together"] == "id_name"

    def test_uses_the_same_words_as_the_field(self):
        form = Everything(WRONG)
        markup = str(form)
        assert all(link.text in markup for link in form.error_links if "fit together" not in link.text)

    def test_is_absent_without_errors(self):
        assert render_to_string("components/error_summary.html", {"form": Everything()}).strip() == ""
        assert render_to_string("components/error_summary.html", {"form": ""}).strip() == ""

    def test_marks_only_the_wrong_boxes(self):
        page = drawn(WRONG)
        assert "govuk-input--error" in page.classes("id_held_on_year")
        assert "govuk-input--error" not in page.classes("id_held_on_day")
        assert "govuk-input--error" not in page.classes("id_starts_at_time")

    def test_puts_error_before_the_title(self):
        title = re.compile(r"<title>(.*?)</title>")
        wrong = render_to_string("404.html", {"form": Everything(WRONG)})
        assert title.findall(wrong) == ["Error: Page not found – Lantern"]
        assert title.findall(render_to_string("404.html", {"form": Everything()})) == ["Page not found – Lantern"]


class TestMessages:
    @pytest.mark.parametrize(
        ("field", "typed", "said"),
        [
            (forms.CharField(label="Full name"), "", "Enter full name"),
            (forms.CharField(label="NHS number"), "", "Enter NHS number"),
            (
                forms.CharField(label="Share at 100%", max_length=2),
                "xxx",
                "Share at 100% must be 2 characters or fewer",
            ),
            (
                forms.EmailField(label="Email"),
                "x",
                "Enter an email address in the correct format, like name@example.com",
            ),
            (forms.IntegerField(label="Places", min_value=1), "0", "Places must be 1 or more"),
            (forms.ChoiceField(label="Role", choices=[("a", "A")]), "z", "Role must be one of the choices"),
            (forms.CharField(label="Name", error_messages={"required": "Say who you are"}), "", "Say who you are"),
        ],
    )
    def test_name_the_field_unless_its_author_wrote_their_own(self, field, typed, said):
        assert field_of(field, it=typed).errors["it"] == [said]


class TestGovukDateField:
    @pytest.mark.parametrize(
        ("day", "month", "year", "said"),
        [
            ("", "", "", "Enter date of birth"),
            ("27", "", "2007", "Date of birth must include a month"),
            ("", "", "2007", "Date of birth must include a day and month"),
            ("30", "2", "2007", "Date of birth must be a real date"),
            ("1", "Smarch", "2007", "Date of birth must be a real date"),
            ("1", "0", "2007", "Date of birth must be a real date"),
            ("27", "3", "07", "Year must include 4 numbers"),
            ("²", "3", "2007", "Date of birth must be a real date"),
        ],
    )
    def test_says_what_is_missing_or_wrong(self, day, month, year, said):
        form = field_of(GovukDateField(label="Date of birth"), it_day=day, it_month=month, it_year=year)
        assert form.errors["it"] == [said]

    @pytest.mark.parametrize("month", ["3", "03", "mar", "March", "MARCH "])
    def test_takes_a_month_as_number_or_word(self, month):
        form = field_of(GovukDateField(), it_day="27", it_month=month, it_year="2007")
        assert form.is_valid()
        assert form.cleaned_data["it"] == dt.date(2007, 3, 27)

    def test_may_be_left_empty_when_optional(self):
        form = field_of(GovukDateField(required=False), it_day="", it_month="", it_year="")
        assert form.is_valid()
        assert form.cleaned_data["it"] is None

    def test_gives_an_example(self):
        assert "For example, 27 3 2007" in str(field_of(GovukDateField()))


class TestGovukDateTimeField:
    def moment(self, day: str, month: str, year: str, time: str) -> forms.Form:
        return field_of(GovukDateTimeField(label="Start"), it_day=day, it_month=month, it_year=year, it_time=time)

    @pytest.mark.parametrize(
        ("month", "time", "utc"),
        [
            ("7", "5:30pm", "2026-07-01T16:30:00+00:00"),
            ("1", "5.30 pm", "2026-01-01T17:30:00+00:00"),
            ("1", "midday", "2026-01-01T12:00:00+00:00"),
            ("1", "12am", "2026-01-01T00:00:00+00:00"),
            ("1", "17:30", "2026-01-01T17:30:00+00:00"),
        ],
    )
    def test_reads_the_clock_on_the_wall(self, month, time, utc):
        form = self.moment("1", month, "2026", time)
        assert form.is_valid(), form.errors
        assert form.cleaned_data["it"].astimezone(dt.UTC).isoformat() == utc

    @pytest.mark.parametrize("time", ["", "soon", "25:00", "13pm", "5", "5:75pm"])
    def test_asks_for_a_time_it_understands(self, time):
        assert self.moment("1", "1", "2026", time).errors["it"] == ["Enter a time like 5:30pm"]

    @pytest.mark.parametrize("day", ["29 3", "25 10"])
    def test_refuses_the_hour_when_the_clocks_change(self, day):
        in_gap_or_twice = self.moment(*day.split(), "2026", "1:30am")
        assert "clocks change" in in_gap_or_twice.errors["it"][0]


class TestGovukTimeField:
    def test_keeps_what_it_could_not_read(self):
        form = field_of(GovukTimeField(label="Opening time"), it="late")
        assert form.errors["it"] == ["Enter a time like 5:30pm"]
        assert Page(str(form)).with_id("id_it")["value"] == "late"


class TestDress:
    def test_draws_another_packages_form_like_ours(self):
        class Theirs(forms.Form):
            code = forms.CharField(widget=forms.TextInput(attrs={"placeholder": "Code"}))

        form = Theirs({"code": ""})
        assert "govuk-input" not in str(form["code"])
        page = Page(str(dress(form)))
        assert page.classes("id_code") == {"govuk-input", "govuk-input--error"}
        assert "placeholder" not in page.with_id("id_code")
        assert [link.target for link in error_links(form)] == ["id_code"]

    def test_leaves_django_s_own_renderer_to_everyone_else(self):
        class Theirs(forms.Form):
            code = forms.CharField()

        assert "govuk" not in str(Theirs())


@pytest.mark.django_db
class TestSignIn:
    def test_says_the_same_for_a_wrong_address_and_a_wrong_password(self, client, mia):
        def answer(address: str) -> str:
            page = client.post(reverse("account_login"), {"login": address, "password": "not the right one"})
            return re.sub(r'value="[^"]*"', "", page.content.decode())

        assert answer(mia.email) == answer("nobody@elsewhere.example")
        assert "The email address or the password is wrong" in answer(mia.email)

    def test_has_an_error_summary_and_a_title_that_says_so(self, client):
        markup = client.post(reverse("account_login"), {}).content.decode()
        assert "<title>Error: Sign in – Lantern</title>" in markup
        targets = re.findall(r'href="#(id_[^"]+)"', markup)
        assert targets == ["id_login", "id_password"]
        assert set(targets) <= set(Page(markup).ids)

    def test_lets_a_password_manager_do_its_work(self, client):
        page = Page(client.get(reverse("account_login")).content.decode())
        assert page.with_id("id_login")["autocomplete"] == "username"
        assert page.with_id("id_password")["autocomplete"] == "current-password"


@pytest.mark.django_db
class TestPasswordReset:
    def test_answers_the_same_for_a_known_and_an_unknown_address(self, client, mia):
        def answer(address: str) -> str:
            page = client.post(reverse("account_reset_password"), {"email": address}, follow=True)
            assert page.status_code == 200
            return page.content.decode()

        assert answer(mia.email) == answer("nobody@elsewhere.example")
