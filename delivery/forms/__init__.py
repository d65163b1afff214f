"""The forms of the post."""

from delivery.forms.audience import AudienceForm

__all__ = ["AudienceForm"]
