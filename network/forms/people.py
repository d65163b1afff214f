"""What is typed about people: invitations, roles, ends, cover and leaving."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.forms import HOW_TO_CHOOSE
from accounts.models import User
from accounts.rendering import Form, GovukDateField, Radios, Textarea
from network import addresses, appointing
from network.models import Agency, Appointment
from network.rosters import after, first_moment

Role = Appointment.Role
WHAT_ROLES_DO = {
    Role.MEMBER: "Reads the directory, receives alerts, books training",
    Role.LEAD: "Also keeps the agency’s entry and its people, and acknowledges alerts for it",
    Role.DEPUTY: "The same as the lead, as the lead’s second",
    Role.CHARTER: "Keeps the council’s charter record, and nothing else",
    Role.COORDINATOR: "Runs the network: agencies, people, alerts, training",
    Role.APPROVER: "Releases alerts that others wrote",
    Role.REPORTS: "Sees figures only",
    Role.AUDITOR: "Reads the audit trail",
}


def roles_to_choose(roles: Iterable[str]) -> list[tuple[str, str]]:
    """Roles as choices, in the order people know them."""
    return [(role.value, role.label) for role in Role if role in set(roles)]


def _radios() -> Radios:
    return Radios(hints={role.value: words for role, words in WHAT_ROLES_DO.items()})


class AddressForm(Form):
    """The address comes first: it suggests the agency."""

    email = forms.EmailField(label="Work email address", max_length=254, help_text="Their own, not a shared mailbox")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs.update(autocomplete="off", spellcheck="false")


class _Invited(Form):
    email = forms.EmailField(max_length=254, widget=forms.HiddenInput)
    name = forms.CharField(label="Full name", max_length=120)

    def takes_mailbox_of(self, by: User) -> bool:
        """Whether the address is the inviter's own."""
        return addresses.same_mailbox(str(self.cleaned_data.get("email", "")), by.email)


class InviteForm(_Invited):
    """Who is invited to which agency, as what. A doubtful address has to be confirmed."""

    agency = forms.ModelChoiceField(Agency.objects.none(), empty_label="Choose an agency")
    role = forms.ChoiceField(label="Role", widget=_radios())
    sure = forms.BooleanField(label="I have checked that this address belongs to them", required=False)

    def __init__(self, *args: Any, agencies: QuerySet[Agency], by: User, roles: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]
        self.fields["role"].choices = roles_to_choose(roles)  # type: ignore[attr-defined]
        self.order_fields(["email", "agency", "name", "role", "sure"])

    def clean(self) -> dict[str, Any]:
        """Refuse what the action would, where it can be put right; and ask twice about an odd address."""
        given = super().clean() or self.cleaned_data
        agency, role = given.get("agency"), given.get("role")
        if self.takes_mailbox_of(self.by):
            raise ValidationError("This is your own address. Nobody changes their own roles.")
        if agency and role and not appointing.may_appoint(self.by, role, agency):
            self.add_error("role", f"You cannot give this role in {agency}")
        doubt = addresses.doubt(given.get("email", ""), agency) if agency else ""
        if doubt and not given.get("sure"):
            self.add_error("sure", f"{doubt} Check it, then tick the box")
        return given


class NetworkInviteForm(_Invited):
    """Who is asked into a network, as what."""

    email = forms.EmailField(label="Work email address", max_length=254)
    role = forms.ChoiceField(label="Role", widget=_radios(), choices=roles_to_choose(Appointment.NETWORK_ROLES))

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_email(self) -> str:
        """Nobody's own."""
        if self.takes_mailbox_of(self.by):
            raise ValidationError("This is your own address. Nobody changes their own roles")
        return str(self.cleaned_data["email"])


class RoleForm(Form):
    """Another role for a colleague."""

    role = forms.ChoiceField(label="Role from now on", widget=_radios())
    last_day = GovukDateField(label="Last day", required=False, help_text="Leave empty if there is none")

    def __init__(self, *args: Any, roles: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = roles_to_choose(roles)  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """What `actions.appoint` takes, beside whom, where and by whom."""
        last: dt.date | None = self.cleaned_data["last_day"]
        return {"role": self.cleaned_data["role"], "until_at": after(last) if last else None}


class EndForm(Form):
    """When somebody's role ends."""

    when = forms.ChoiceField(
        label="When does it end?", choices=[("now", "Now"), ("later", "After a last day")], widget=Radios, initial="now"
    )
    last_day = GovukDateField(label="Last day", required=False, help_text="Only if it does not end now")
    heirless = forms.BooleanField(label="It must end although the agency is left without a lead", required=False)

    def __init__(self, *args: Any, may_heirless: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_heirless:
            del self.fields["heirless"]

    def clean(self) -> dict[str, Any]:
        """A last day where one is needed."""
        given = super().clean() or self.cleaned_data
        if given.get("when") == "later" and not given.get("last_day") and "last_day" not in self.errors:
            self.add_error("last_day", "Enter the last day")
        return given

    def asked(self) -> dict[str, Any]:
        """What `actions.end_appointment` takes, beside which and by whom."""
        given = self.cleaned_data
        until = after(given["last_day"]) if given["when"] == "later" else None
        return {"until_at": until, "heirless": bool(given.get("heirless"))}


class ColleagueField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One of the people who have a role in a place."""

    def label_from_instance(self, obj: Any) -> str:
        """By name."""
        return str(obj.name)


AHEAD = "For example, 27 3 2027"
_FIRST, _LAST = {"required": "Enter the first day away"}, {"required": "Enter the last day away"}


class CoverForm(Form):
    """Who stands in, and on which days."""

    stand_in = ColleagueField(User.objects.none(), label="Who stands in?", empty_label="Choose a colleague")
    first_day = GovukDateField(label="First day away", help_text=AHEAD, error_messages=_FIRST)
    last_day = GovukDateField(label="Last day away", help_text=AHEAD, error_messages=_LAST)

    def __init__(self, *args: Any, colleagues: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stand_in"].queryset = colleagues  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """What `actions.cover` takes, beside for whom, where and by whom."""
        given = self.cleaned_data
        days = {"from_at": first_moment(given["first_day"]), "until_at": after(given["last_day"])}
        return {"stand_in": given["stand_in"], **days}


class LeaveForm(Form):
    """Who takes over, and when the leaver's roles end."""

    successor = ColleagueField(User.objects.none(), label="Who takes over?", required=False, empty_label="Nobody")
    when = forms.ChoiceField(
        label="When do their roles end?",
        choices=[("now", "Now"), ("accepted", "When the successor has accepted")],
        widget=Radios,
        initial="accepted",
    )
    heirless = forms.BooleanField(label="They must go although the agency is left without a lead", required=False)

    def __init__(self, *args: Any, colleagues: QuerySet[User], may_heirless: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["successor"].queryset = colleagues  # type: ignore[attr-defined]
        self.fields["successor"].help_text = "They are asked first: nothing moves before they accept"
        if not may_heirless:
            del self.fields["heirless"]

    def clean(self) -> dict[str, Any]:
        """Nobody can be waited for who is nobody."""
        given = super().clean() or self.cleaned_data
        if not given.get("successor") and given.get("when") == "accepted":
            self.add_error("when", "Choose who takes over, or end their roles now")
        return given


class AskAgainForm(Form):
    """Somebody else to ask."""

    successor = ColleagueField(User.objects.none(), label="Who takes over?", empty_label="Choose a colleague")

    def __init__(self, *args: Any, colleagues: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["successor"].queryset = colleagues  # type: ignore[attr-defined]


class DeclineForm(Form):
    """Why somebody does not take over."""

    reason = forms.CharField(
        label="Why?",
        help_text="Who asked you, who leaves, and who looks after the people there can read this.",
        max_length=1000,
        widget=Textarea(attrs={"rows": 3}),
        error_messages={"required": "Enter why"},
    )


class TakeBackForm(Form):
    """Why somebody is not asked any more."""

    reason = forms.CharField(
        label="Why?",
        help_text="Who was asked, who leaves, and who looks after the people there can read this.",
        max_length=1000,
        widget=Textarea(attrs={"rows": 3}),
        error_messages={"required": "Enter why"},
    )


class FindForm(Form):
    """A person by their exact address."""

    email = forms.EmailField(label="Find a person by email address", max_length=254)


class JoinForm(Form):
    """The name and password of somebody who was invited."""

    name = forms.CharField(label="Your full name", max_length=120)
    password = forms.CharField(label="Choose a password", widget=forms.PasswordInput, help_text=HOW_TO_CHOOSE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["password"].widget.attrs["autocomplete"] = "new-password"
        self.fields["password"].strip = False  # type: ignore[attr-defined]
