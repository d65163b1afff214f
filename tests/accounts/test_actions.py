from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts import actions, codes, links, sessions
from accounts.factors import FreshFactorNeeded
from accounts.models import Identity, LinkRequest, SignIn, User
from audit.models import Entry
from tests.accounts.conftest import PASSWORD, held_by, is_in
from tests.factories import fresh, sign_in

pytestmark = pytest.mark.django_db
ENDED: list[tuple[User, User]] = []


def by_cora_only(person: User, by: User) -> None:
    if by.name != "Cora Bell":
        raise PermissionDenied


def note(person: User, by: User) -> None:
    ENDED.append((person, by))


def fail(person: User, by: User) -> None:
    raise RuntimeError


@pytest.fixture
def cora_may(settings):
    settings.MAY_CLOSE = f"{__name__}.by_cora_only"
    settings.ENDED_WITH_PERSON = [f"{__name__}.note"]
    ENDED.clear()


@pytest.mark.usefixtures("cora_may")
class TestClose:
    def test_e42_leaves_no_way_in(self, client, mia, cora, password, app, recovery_codes):
        """A leaver with every kind of way in that this floor knows: none of them opens anything."""
        session = sign_in(client, mia)
        Identity.objects.create(person=mia, issuer="https://login.example", subject="1")
        links.answer(LinkRequest.objects.create(email=mia.email).pk)
        actions.close(person=mia, by=cora)
        mia.refresh_from_db()
        assert not is_in(session)
        assert held_by(mia) == set()
        assert not mia.has_usable_password()
        assert not SignIn.objects.filter(person=mia).exists()
        assert Identity.holder("https://login.example", "1") is None
        session.post("/account/sign-in/", {"login": mia.email, "password": PASSWORD})
        assert not is_in(session)

    def test_says_since_when_and_leaves_one_entry(self, mia, cora):
        closed = actions.close(person=mia, by=cora)
        assert (closed.is_active, closed.closed_at is None) == (False, False)
        assert Entry.objects.filter(verb="account.close", subject_id=str(mia.pk), actor_id=cora.pk).count() == 1

    def test_tells_the_floors_above(self, mia, cora):
        actions.close(person=mia, by=cora)
        assert [(mia, cora)] == ENDED

    def test_is_all_or_nothing(self, mia, cora, client, settings, app):
        settings.ENDED_WITH_PERSON = [f"{__name__}.fail"]
        session = sign_in(client, mia)
        with pytest.raises(RuntimeError):
            actions.close(person=mia, by=cora)
        mia.refresh_from_db()
        assert mia.is_active
        assert is_in(session)
        assert held_by(mia) == {"totp"}

    def test_changes_nothing_the_second_time(self, mia, cora):
        first = actions.close(person=mia, by=cora).closed_at
        assert actions.close(person=mia, by=cora).closed_at == first
        assert len(ENDED) == 1

    def test_is_refused_to_others_and_to_oneself(self, mia, otto, cora, anonymous):
        for person, by in ((mia, otto), (cora, cora), (mia, mia), (mia, anonymous)):
            with pytest.raises(PermissionDenied):
                actions.close(person=person, by=by)
        assert not ENDED

    def test_is_refused_to_everyone_until_somebody_says_who_may(self, mia, cora, settings):
        settings.MAY_CLOSE = ""
        with pytest.raises(PermissionDenied):
            actions.close(person=mia, by=cora)


class TestFactors:
    def test_the_first_needs_no_other_and_brings_recovery_codes(self, mia):
        added = actions.add_app(secret=codes.new_secret(), period=0, by=mia)
        assert len(added.recovery_codes) == 10
        assert Entry.objects.get(verb="factor.add").details == {"kind": "totp"}

    def test_the_second_needs_a_fresh_one_and_brings_none(self, mia, app, recovery_codes):
        with pytest.raises(FreshFactorNeeded):
            actions.add_passkey(name="x", credential={}, by=mia)
        assert actions.add_passkey(name="x", credential={}, by=fresh(mia)).recovery_codes == []

    def test_nobody_removes_anothers(self, mia, ben, app):
        codes.keep_app(ben, codes.new_secret())
        with pytest.raises(PermissionDenied):
            actions.remove_factor(factor=app, by=fresh(ben))

    def test_nobody_ends_anothers_sign_in(self, mia, ben):
        row = SignIn.objects.create(person=mia, session_key="x", device="y")
        with pytest.raises(PermissionDenied):
            actions.end_sign_in(sign_in=row, by=ben)

    def test_recovery_codes_come_with_a_factor_only(self, mia):
        with pytest.raises(PermissionDenied):
            actions.renew_recovery_codes(by=fresh(mia))

    def test_nobody_signs_out_nobody(self, anonymous):
        with pytest.raises(PermissionDenied):
            actions.sign_out_everywhere(by=anonymous)


class TestIdentities:
    def test_link_needs_a_fresh_factor(self, mia):
        with pytest.raises(FreshFactorNeeded):
            actions.link_identity(issuer="i", subject="s", by=mia)

    def test_one_subject_is_one_persons(self, mia, ben):
        actions.link_identity(issuer="i", subject="s", by=fresh(mia))
        with pytest.raises(ValidationError):
            actions.link_identity(issuer="i", subject="s", by=fresh(ben))
        assert Identity.holder("i", "s") == mia

    def test_unlink_is_for_ones_own(self, mia, ben):
        linked = actions.link_identity(issuer="i", subject="s", by=fresh(mia))
        with pytest.raises(PermissionDenied):
            actions.unlink_identity(identity=linked, by=fresh(ben))
        actions.unlink_identity(identity=linked, by=mia)
        assert Identity.holder("i", "s") is None


def test_end_all_is_there_for_the_floors_above(mia):
    sessions.end_all(mia)
    mia.refresh_from_db()
    assert mia.signed_out_at is not None
