"""Reference tables that a person in a hurry needs: who may refer, and whom to ring."""

from __future__ import annotations

from django.db import models


class FirstResponder(models.Model):
    """A kind of organisation that may refer people into the National Referral Mechanism, by law or by designation."""

    class Kind(models.TextChoices):
        STATUTORY = "statutory", "Statutory"
        HOME_OFFICE = "home_office", "Home Office"
        NON_STATUTORY = "non_statutory", "Designated charity"

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=14, choices=Kind)
    basis = models.CharField(max_length=120, blank=True)
    note = models.TextField(blank=True)
    from_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=200)
    source_on = models.CharField("day, month or year of the source", max_length=10)

    class Meta:
        ordering = ["kind", "name"]

    def __str__(self) -> str:
        return self.name


class Helpline(models.Model):
    """A number to ring, with where and when we read it, because such numbers change."""

    name = models.CharField(max_length=120, unique=True)
    number = models.CharField(max_length=80)
    hours = models.CharField(max_length=160, blank=True)
    for_whom = models.CharField(max_length=160, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    show_everywhere = models.BooleanField("shown at the foot of every page", default=False)
    source = models.CharField(max_length=200)
    source_on = models.CharField("day, month or year of the source", max_length=10)

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_email(self) -> bool:
        """Whether one writes there instead of ringing."""
        return "@" in self.number

    @property
    def is_address(self) -> bool:
        """Whether one opens it in a browser instead of ringing."""
        return self.number.startswith("https://")
