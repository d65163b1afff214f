from __future__ import annotations

import pytest
from django import forms
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import RequestFactory

from accounts.deeds import pressed, tried


class AnyForm(forms.Form):
    name = forms.CharField()


@pytest.fixture
def form():
    filled = AnyForm({"name": "Haven House"})
    assert filled.is_valid()
    return filled


@pytest.fixture
def request_with_messages():
    request = RequestFactory().post("/")
    request.session = {}
    request._messages = FallbackStorage(request)
    return request


def refusing(why):
    def action(**told):
        raise ValidationError(why) if not isinstance(why, Exception) else why

    return action


def told_by(request):
    return [(message.level_tag, str(message)) for message in get_messages(request)]


class TestTried:
    def test_gives_what_the_action_gives(self, form):
        assert tried(form, dict, name="x") == {"name": "x"}
        assert not form.errors

    def test_says_why_not_beside_the_field_and_keeps_what_was_typed(self, form):
        assert tried(form, refusing({"name": "Taken."})) is None
        assert form.errors == {"name": ["Taken."]}
        assert form["name"].value() == "Haven House"

    @pytest.mark.parametrize("why", ["No.", {"a column nobody sees": "No."}])
    def test_says_the_rest_at_the_top(self, form, why):
        assert tried(form, refusing(why)) is None
        assert form.non_field_errors() == ["No."]

    def test_leaves_other_refusals_to_whoever_answers_them(self, form):
        with pytest.raises(PermissionDenied):
            tried(form, refusing(PermissionDenied()))


class TestPressed:
    def test_says_that_it_is_done(self, request_with_messages):
        assert pressed(request_with_messages, "Done.", dict, a=1) == {"a": 1}
        assert told_by(request_with_messages) == [("success", "Done.")]

    def test_says_every_reason_why_not(self, request_with_messages):
        assert pressed(request_with_messages, "Done.", refusing(["One.", "Two."])) is None
        assert told_by(request_with_messages) == [("error", "One."), ("error", "Two.")]
