"""The one way out: `Model.objects.visible_to(user)`.

Each model that people may read has exactly one `seen_by(user) -> Q`. A model whose floor lies below the roles names
its rule in `settings.VISIBILITY` instead, because imports go down only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self, TypeVar, cast

from django.conf import settings
from django.db import models
from django.utils.module_loading import import_string

Row = TypeVar("Row", bound=models.Model, covariant=True)


class VisibleQuerySet(models.QuerySet[Row]):
    """A queryset that knows who is asking."""

    def visible_to(self, user: Any) -> Self:
        """The rows this person (or API key, or nobody) may see. What is outside it does not exist for them."""
        return self.filter(rule_of(self.model)(user))


def rule_of(model: type[models.Model]) -> Callable[[Any], models.Q]:
    """The model's own `seen_by`, else the one named for it in settings; without either nobody sees anything."""
    own = getattr(model, "seen_by", None)
    if own is not None:
        return cast("Callable[[Any], models.Q]", own)
    path = settings.VISIBILITY.get(model._meta.label)
    return cast("Callable[[Any], models.Q]", import_string(path)) if path else nothing


def nothing(_reader: Any = None) -> models.Q:
    """The rule that shows no row to anyone."""
    return models.Q(pk__in=[])


def all_if(opened: bool) -> models.Q:  # noqa: FBT001  it is the whole question
    """The rule that shows every row, or none. An empty `Q()` would not do: `Q() | Q(x)` is `Q(x)`."""
    return ~nothing() if opened else nothing()
