"""Forms that look and speak like the GOV.UK Design System.

Give a form `accounts.rendering.Form` as its base and write `{{ form }}` in the page. The renderer is set on the form,
never as `FORM_RENDERER`: that would also reach the forms of other packages.
Sources: GOV.UK Design System, "Error message", "Error summary", "Text input", "Date input" (version 6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NamedTuple

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.forms.widgets import ChoiceWidget, Input
from django.template import loader

from accounts.dates import GovukDateField, GovukDateTimeField, GovukTimeField, PartsWidget
from accounts.messages import speak_plainly

__all__ = [
    "Checkboxes",
    "ErrorLink",
    "Form",
    "GovukDateField",
    "GovukDateTimeField",
    "GovukTimeField",
    "Plain",
    "Radios",
    "Textarea",
    "dress",
    "error_links",
]

# Our names, not theirs: a template of ours at `django/forms/widgets/radio.html` would lose to Django's own.
OUR_TEMPLATES = {
    "django/forms/widgets/radio.html": "forms/widgets/radios.html",
    "django/forms/widgets/checkbox_select.html": "forms/widgets/checkboxes.html",
}
CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.Textarea, "govuk-textarea"),
    (forms.Select, "govuk-select"),
    (forms.CheckboxInput, "govuk-checkboxes__input"),
    (forms.PasswordInput, "govuk-input govuk-password-input__input govuk-js-password-input-input"),
    (Input, "govuk-input"),
)


class ErrorLink(NamedTuple):
    """One line of the error summary: the words, and the id of the element to go to (empty if there is none)."""

    text: str
    target: str


class GovukBoundField(BoundField):
    """A field as our templates need it."""

    @property
    def kind(self) -> str:
        """Which shape the field has: `fieldset`, `checkbox`, `password`, `counted` or `plain`."""
        widget = self.field.widget
        if self.use_fieldset:
            return "fieldset"
        if isinstance(widget, forms.CheckboxInput):
            return "checkbox"
        if isinstance(widget, forms.PasswordInput):
            return "password"
        return "counted" if self.limit and isinstance(widget, forms.Textarea) else "plain"

    @property
    def limit(self) -> int | None:
        """How many characters the field takes, if there is a limit."""
        return getattr(self.field, "max_length", None)

    @property
    def is_heading(self) -> bool:
        """True when this field's question is the heading of its page."""
        return bool(getattr(self.form, "heading_field", "") == self.name)

    @property
    def full_label(self) -> str:
        """The label, saying "(optional)" where nothing has to be entered."""
        label = str(self.label)
        say_so = getattr(self.form, "mark_optional", True) and not self.field.required and self.kind != "checkbox"
        return f"{label} (optional)" if say_so and "optional" not in label.lower() else label

    @property
    def focus_id(self) -> str:
        """The id of the element an error link should go to."""
        widget = self.field.widget
        if widget.is_hidden or not self.auto_id:
            return ""
        if isinstance(widget, PartsWidget):
            return f"{self.auto_id}_{widget.first_wrong}"
        if self.use_fieldset and isinstance(widget, ChoiceWidget):
            return str(self.subwidgets[0].id_for_label) if self.subwidgets else ""
        return str(self.id_for_label or self.auto_id)

    @property
    def aria_describedby(self) -> str | None:
        """Hint and error, and for a counted text the line that counts."""
        described = super().aria_describedby
        if described is None or self.kind != "counted":
            return described
        return f"{described} {self.auto_id}-info".strip()

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """Django's attributes with our classes, and without those by which a browser would judge or cut the input."""
        widget = widget or self.field.widget
        built: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        built.pop("required", None)
        built.update({name: False for name in ("maxlength", "minlength") if name in widget.attrs})
        css = next((css for kind, css in CLASSES if isinstance(widget, kind)), "")
        if css and not widget.is_hidden:
            built["class"] = " ".join(filter(None, [css, widget.attrs.get("class"), self._state(css)]))
        return built

    def _state(self, css: str) -> str:
        counting = "govuk-js-character-count" if self.kind == "counted" else ""
        wrong = f"{css.split(maxsplit=1)[0]}--error" if self.errors and self.kind != "checkbox" else ""
        return f"{counting} {wrong}".strip()

    def as_widget(self, widget: forms.Widget | None = None, *args: Any, **kwargs: Any) -> Any:
        """The widget's markup; a widget of parts is told first which of them are wrong."""
        self.tell_parts()
        return super().as_widget(widget, *args, **kwargs)

    def tell_parts(self) -> None:
        """Tell a widget of parts which of them are wrong."""
        if isinstance(self.field.widget, PartsWidget):
            found = self.form.errors.as_data().get(self.name, []) if self.form.is_bound else []
            self.field.widget.wrong = [part for error in found for part in (error.params or {}).get("parts", ())]
            self.field.widget.has_error = bool(found)


class GovukRenderer(DjangoTemplates):
    """Renders fields and widgets from `templates/forms/`, and what we have no template for from Django."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    bound_field_class = GovukBoundField

    def get_template(self, template_name: str) -> Any:
        """Our template where there is one."""
        name = OUR_TEMPLATES.get(template_name, template_name)
        return loader.get_template(name) if name.startswith("forms/") else super().get_template(name)


class Plain:
    """For forms of ours that have to build on another package's: `class SignInForm(Plain, LoginForm)`.

    `heading_field` names the field whose question is the page's heading; `labels` replaces labels by field name."""

    default_renderer: Any = GovukRenderer
    use_required_attribute = False
    heading_field: ClassVar[str] = ""
    mark_optional: ClassVar[bool] = True
    labels: ClassVar[Mapping[str, str]] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.labels.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)
            speak_plainly(name, field)


class Form(Plain, forms.Form):
    """The base of every form of ours."""

    @property
    def error_links(self) -> list[ErrorLink]:
        """The lines of the error summary, in the order of the fields."""
        return error_links(self)


def dress(form: forms.BaseForm) -> forms.BaseForm:
    """Another package's form, made to render like ours. Returns the same form."""
    if not isinstance(form.renderer, GovukRenderer):
        form.renderer, form.bound_field_class = GovukRenderer(), GovukBoundField
        form._bound_fields_cache.clear()  # type: ignore[attr-defined]  # noqa: SLF001  they were bound as plain fields
        for field in form.fields.values():
            field.widget.attrs.pop("placeholder", None)
    return form


def error_links(form: forms.BaseForm) -> list[ErrorLink]:
    """One line for each error of the form. What concerns no single field leads to the first one."""
    return list(_links(dress(form))) if form.is_bound else []


def _links(form: forms.BaseForm) -> Iterator[ErrorLink]:
    for name in (NON_FIELD_ERRORS, *form.fields):
        for text in form.errors.get(name, ()):
            yield ErrorLink(str(text), _target(form, name))


def _target(form: forms.BaseForm, name: str) -> str:
    if name == NON_FIELD_ERRORS:
        return next((field.focus_id for field in form.visible_fields() if isinstance(field, GovukBoundField)), "")
    field = form[name]
    if not isinstance(field, GovukBoundField):
        return ""
    field.tell_parts()
    return field.focus_id


class Textarea(forms.Textarea):
    """Several lines of text. A line's end counts as one character, as the counter on the page counts it."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """What was typed, with plain line ends."""
        value = super().value_from_datadict(data, files, name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else value


class _Hinted(ChoiceWidget):
    """Choices of which each may have a hint: `hints={"value": "what it means"}`."""

    def __init__(self, *args: Any, hints: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hints = hints or {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        return {**option, "hint": self.hints.get(str(value), "")}


class Radios(_Hinted, forms.RadioSelect):
    """One of a few."""


class Checkboxes(_Hinted, forms.CheckboxSelectMultiple):
    """Any of a few."""
