"""The pages on which a lead keeps the agency's entry."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from directory.models import Contact, Listing
from tests import factories
from tests.directory.factories import ContactFactory, OpeningHoursFactory, TermFactory


def form_of(response) -> dict[str, object]:
    """The fields of the page's form as a browser would send them."""
    form = response.context["form"]
    sent: dict[str, object] = {}
    for field in form:
        value = field.value()
        if field.name == "not_taking_until":
            continue
        if value is not None and value is not False:
            sent[field.html_name] = value
    return sent


class TestEditListing:
    @pytest.fixture
    def page(self, browse, mia, refuge):
        client = browse(mia)
        client.address = reverse("directory:edit_listing", args=[refuge["network"].pk])
        return client

    def test_saved_as_it_stands_changes_nothing(self, page, refuge, durham):
        area = factories.AreaFactory(name="Darlington")
        durham.areas.add(area)
        row, term = refuge["network"], TermFactory(name="Interpreting")
        row.terms.add(term)
        row.areas.add(area, factories.AreaFactory(name="Far away"))
        contact = ContactFactory(listing=row, officer="Ruth Amos", access="restricted")
        OpeningHoursFactory(listing=row)
        answer = page.post(page.address, form_of(page.get(page.address)))
        assert answer.status_code == 302
        row.refresh_from_db()
        assert row.name == "Haven network service"
        assert list(row.terms.all()) == [term]
        assert row.areas.count() == 2
        assert row.hours.count() == 1
        kept = row.contacts.get()
        assert (kept.pk, kept.officer, kept.access) == (contact.pk, "Ruth Amos", "restricted")

    def test_writes_what_was_typed(self, page, refuge):
        sent = form_of(page.get(page.address)) | {
            "name": "Night line",
            "hours_0": "8pm to 6am",
            "contact_0_function": "Duty desk",
            "contact_0_phone": "0191 498 0111",
            "contact_0_access": "network",
            "not_taking_until_day": "1",
            "not_taking_until_month": "3",
            "not_taking_until_year": "2031",
        }
        assert page.post(page.address, sent).status_code == 302
        row = Listing.objects.get(pk=refuge["network"].pk)
        assert (row.name, row.hours.count(), row.contacts.get().phone) == ("Night line", 2, "0191 498 0111")
        assert row.not_taking_until.year == 2031

    def test_keeps_what_was_typed_when_something_is_wrong(self, page, refuge):
        sent = form_of(page.get(page.address)) | {
            "name": "",
            "referral": "Ring before you come",
            "hours_2": "nine till five",
            "contact_1_phone": "0191 498 0222",
        }
        answer = page.post(page.address, sent)
        content = answer.content.decode()
        assert answer.status_code == 200
        assert "There is a problem" in content
        for typed in ("Ring before you come", "nine till five", "0191 498 0222", "Enter what this contact is for"):
            assert typed in content
        assert Listing.objects.get(pk=refuge["network"].pk).name == "Haven network service"

    def test_removes_a_contact(self, page, refuge):
        ContactFactory(listing=refuge["network"])
        page.post(page.address, form_of(page.get(page.address)) | {"contact_0_remove": "on"})
        assert not Contact.objects.exists()

    def test_does_not_take_an_access(self, page, refuge):
        for field in ("access", "agency", "assured_on"):
            page.post(page.address, form_of(page.get(page.address)) | {field: "public"})
        assert Listing.objects.get(pk=refuge["network"].pk).access == "network"

    def test_offers_no_contact_looser_than_the_listing(self, browse, mia, refuge):
        page = browse(mia).get(reverse("directory:edit_listing", args=[refuge["restricted"].pk]))
        offered = {value for value, _ in page.context["form"].fields["contact_0_access"].choices}
        assert offered == {"restricted", "concealed"}

    def test_refuses_a_looser_contact_sent_all_the_same(self, browse, mia, refuge):
        client, address = browse(mia), reverse("directory:edit_listing", args=[refuge["restricted"].pk])
        sent = form_of(client.get(address)) | {
            "contact_0_function": "X",
            "contact_0_phone": "1",
            "contact_0_access": "public",
        }
        assert client.post(address, sent).status_code == 200
        assert not Contact.objects.exists()

    def test_is_forbidden_to_those_who_only_see_it(self, browse, otto, ben, refuge):
        for person in (otto, ben):
            address = reverse("directory:edit_listing", args=[refuge["network"].pk])
            assert browse(person).get(address).status_code == 403
            assert browse(person).post(address, {"name": "X"}).status_code == 403

    @pytest.mark.parametrize("count", ["-1", "99999", "nonsense", "", "30"])
    def test_takes_any_number_of_contacts_sent(self, count, page, refuge):
        sent = form_of(page.get(page.address)) | {"contact_count": count}
        assert page.post(page.address, sent).status_code in {200, 302}


class TestAddListing:
    def test_adds_one(self, browse, mia, haven):
        client, address = browse(mia), reverse("directory:add_listing", args=[haven.pk])
        sent = form_of(client.get(address)) | {"name": "Drop-in", "access": "network"}
        assert client.post(address, sent).status_code == 302
        assert Listing.objects.get().name == "Drop-in"

    def test_keeps_a_refused_contact_on_the_page(self, browse, mia, haven):
        client, address = browse(mia), reverse("directory:add_listing", args=[haven.pk])
        sent = form_of(client.get(address)) | {
            "name": "Shelter",
            "access": "concealed",
            "contact_0_function": "Duty",
            "contact_0_phone": "0191 498 0100",
            "contact_0_access": "network",
        }
        answer = client.post(address, sent)
        assert answer.status_code == 200
        assert "cannot be seen by more people than its listing" in answer.content.decode()
        assert not Listing.objects.exists()

    def test_is_forbidden_to_others(self, browse, otto, ben, haven):
        for person in (otto, ben):
            assert browse(person).get(reverse("directory:add_listing", args=[haven.pk])).status_code == 403


class TestTighten:
    def test_offers_only_stricter_answers(self, browse, mia, refuge):
        page = browse(mia).get(reverse("directory:tighten", args=[refuge["restricted"].pk])).content.decode()
        assert re.findall(r'type="radio"[^>]*value="(\w+)"', page) == ["concealed"]

    def test_hides_the_listing_from_the_coordinator_who_did_it(self, browse, cora, refuge):
        client, address = browse(cora), reverse("directory:tighten", args=[refuge["network"].pk])
        answer = client.post(address, {"access": "concealed"})
        assert answer.status_code == 302
        assert client.get(answer["Location"]).status_code == 200
        assert client.get(reverse("directory:listing", args=[refuge["network"].pk])).status_code == 404

    @pytest.mark.parametrize("access", ["public", "network", "restricted", "nonsense", ""])
    def test_refuses_a_looser_one_sent_all_the_same(self, access, browse, mia, refuge):
        client, address = browse(mia), reverse("directory:tighten", args=[refuge["restricted"].pk])
        assert client.post(address, {"access": access}).status_code == 200
        assert Listing.objects.get(pk=refuge["restricted"].pk).access == "restricted"


class TestEditAgency:
    def test_saves_and_says_so(self, browse, mia, haven):
        client, address = browse(mia), reverse("directory:edit_agency", args=[haven.pk])
        answer = client.post(address, {"website": "haven.example", "office_phone": "0191 498 0100"}, follow=True)
        assert "Details saved." in answer.content.decode()
        assert "https://haven.example" in answer.content.decode()

    def test_shows_what_is_wrong(self, browse, mia, haven):
        client, address = browse(mia), reverse("directory:edit_agency", args=[haven.pk])
        answer = client.post(address, {"website": "not an address", "team_email": "nonsense"})
        assert answer.status_code == 200
        assert "There is a problem" in answer.content.decode()
        assert "nonsense" in answer.content.decode()
