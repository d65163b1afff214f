"""People who sign in. Anonymous, and holders of API keys, are not people and have no row here."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower, Now

from accounts.ids import uuid7
from audit.visible import VisibleQuerySet


class UserManager(BaseUserManager.from_queryset(VisibleQuerySet)):  # type: ignore[misc]
    """Makes people; looks them up by email address in any case of letters."""

    def create_user(self, email: str, name: str, password: str | None = None, **fields: Any) -> User:
        """A person who can sign in with this address. Without a password they cannot until they set one."""
        user: User = self.model(email=email.strip().lower(), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """The person with this email address, in any case of letters."""
        person: User = self.get(email=(username or "").lower())
        return person


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What they may do comes from their appointments, never from this row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField("email address", unique=True)
    name = models.CharField("full name", max_length=120)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(db_default=Now(), editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    signed_out_at = models.DateTimeField(null=True, blank=True, editable=False)  # no session from before then lives

    # When the session that is asking last gave a second factor. No column: the middleware tells, and nobody else.
    factor_at: dt.datetime | None = None

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_person_an_address"),
            models.CheckConstraint(
                condition=models.Q(is_active=True, closed_at=None) | models.Q(is_active=False, closed_at__isnull=False),
                name="closed_since_some_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(is_superuser=False),
                name="no_superusers",
                violation_error_message="Nobody is a superuser: rights come from appointments.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_name(self) -> str:
        """People are known in the trail by name."""
        return self.name

    def get_full_name(self) -> str:
        """The name, as the person writes it."""
        return self.name

    def get_short_name(self) -> str:
        """The first word of the name."""
        return self.name.split(" ")[0]


class SignIn(models.Model):
    """One place where a person is signed in: a session, and the device it began on, in words. No address is kept."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    device = models.CharField(max_length=80)
    began_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[VisibleQuerySet[SignIn]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-began_at", "-pk"]
        verbose_name = "sign-in"

    def __str__(self) -> str:
        return self.device

    @staticmethod
    def seen_by(user: Any) -> models.Q:
        """People see where they themselves are signed in, and nobody else does."""
        return models.Q(person=user.pk) if isinstance(user, User) else models.Q(pk__in=[])


class Identity(models.Model):
    """Somebody's account at their organisation, linked by themselves. Known by the provider's stable subject only."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="identities")
    issuer = models.CharField(max_length=200)
    subject = models.CharField(max_length=255)  # OpenID Connect Core 1.0, section 2: at most 255 characters
    linked_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[VisibleQuerySet[Identity]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name_plural = "identities"
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="one_person_a_subject"),
            models.UniqueConstraint(fields=["issuer", "person"], name="one_identity_an_issuer"),
        ]

    def __str__(self) -> str:
        return f"{self.issuer} since {self.linked_at:%d %B %Y}"

    @staticmethod
    def seen_by(user: Any) -> models.Q:
        """People see their own."""
        return models.Q(person=user.pk) if isinstance(user, User) else models.Q(pk__in=[])

    @classmethod
    def holder(cls, issuer: str, subject: str) -> User | None:
        """Whose it is, if their account is open. The email address that a provider tells is nobody's proof."""
        found = cls.objects.filter(issuer=issuer, subject=subject, person__is_active=True).select_related("person")
        return next((identity.person for identity in found), None)


class LinkRequest(models.Model):
    """Somebody asked for a link to choose a new password. Kept for a known and an unknown address alike, and only until
    it has been answered, away from the page."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField()
    asked_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[VisibleQuerySet[LinkRequest]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["asked_at", "pk"]

    def __str__(self) -> str:
        return f"asked {self.asked_at:%H:%M}"

    @staticmethod
    def seen_by(user: Any) -> models.Q:  # noqa: ARG004  nobody, whoever asks
        """Nobody sees who asked: only the task that answers reads it."""
        return models.Q(pk__in=[])


class AddressChanges(VisibleQuerySet["AddressChange"]):
    """Changes of address that were asked for, and which of them still wait."""

    def open(self) -> Self:
        """Those neither confirmed nor given up, asked for within the last day by the database's clock."""
        return self.filter(ended_at=None, asked_at__gt=Now() - AddressChange.LASTS)


class AddressChange(models.Model):
    """Somebody asked that their account go by another address. It counts once, for this person, while the old address
    is still theirs, and only with the secret that was sent to the new one, of which the digest is kept here."""

    LASTS = dt.timedelta(days=1)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="address_changes")
    old = models.EmailField()
    new = models.EmailField("new email address")
    digest = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001  none yet
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField("confirmed or given up", null=True, blank=True)
    made_at = models.DateTimeField("confirmed", null=True, blank=True)  # then the row stays: whose address it was

    objects: ClassVar[AddressChanges] = AddressChanges.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(ended_at=None), name="one_open_change_of_address_a_person"
            )
        ]

    def __str__(self) -> str:
        return f"asked {self.asked_at:%H:%M}"

    @property
    def audit_name(self) -> str:
        """No address stands in the trail."""
        return ""

    @staticmethod
    def seen_by(user: Any) -> models.Q:
        """People see their own."""
        return models.Q(person=user.pk) if isinstance(user, User) else models.Q(pk__in=[])


class Notice(models.Model):
    """An email that is owed to somebody about their own account, to the address they had at that moment. The row is
    the queue: it goes when the letter has been handed over, or given up."""

    class Kind(models.TextChoices):
        PASSKEY_ADDED = "passkey_added", "A passkey was added"
        APP_ADDED = "app_added", "An authenticator app was set up"
        PASSKEY_REMOVED = "passkey_removed", "A passkey was removed"
        APP_REMOVED = "app_removed", "An authenticator app was removed"
        CODES_RENEWED = "codes_renewed", "New recovery codes were made"
        CODE_USED = "code_used", "A recovery code was used"
        CODES_USED_UP = "codes_used_up", "Your last recovery code was used"
        PASSWORD = "password", "Your password was changed"
        LINKED = "linked", "A work account was linked"
        UNLINKED = "unlinked", "A work account was unlinked"
        ADDRESS_ASKED = "address_asked", "Somebody asked to change your email address"
        ADDRESS_CHANGED = "address_changed", "Your email address was changed"
        ADDRESS_CONFIRM = "address_confirm", "Confirm your new email address"
        CLOSED = "closed", "Your account was closed"
        REOPENED = "reopened", "Your account was opened again"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind)
    email = models.EmailField()
    change = models.ForeignKey(AddressChange, on_delete=models.CASCADE, null=True, related_name="+")
    happened_at = models.DateTimeField(db_default=Now(), editable=False)
    due_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[VisibleQuerySet[Notice]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["happened_at", "pk"]

    def __str__(self) -> str:
        return f"notice of {self.happened_at:%H:%M}"

    @staticmethod
    def seen_by(user: Any) -> models.Q:  # noqa: ARG004  nobody, whoever asks
        """Nobody sees them: only the task that sends them reads them."""
        return models.Q(pk__in=[])
