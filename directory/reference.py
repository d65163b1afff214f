"""The words the directory is filtered by. They are ours; their codes do not change, their names may."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction

from directory.models import Term

HELP = {
    "emergency-bed": "Emergency bed",
    "safe-accommodation": "Safe accommodation",
    "housing": "Housing and homelessness",
    "first-responder": "Referral to the National Referral Mechanism",
    "police": "Police response",
    "safeguarding": "Safeguarding",
    "legal-advice": "Legal advice",
    "immigration-advice": "Immigration advice",
    "employment-rights": "Employment rights",
    "interpreting": "Interpreting and translation",
    "health": "Health care",
    "mental-health": "Mental health",
    "sexual-health": "Sexual health and sexual violence",
    "counselling": "Counselling",
    "substance-use": "Drugs and alcohol",
    "advocacy": "Advocacy and casework",
    "guardianship": "Independent guardianship",
    "outreach": "Outreach",
    "money-and-food": "Money, food and clothing",
    "education": "Education, English classes and training",
    "survivor-groups": "Survivor groups",
    "professional-advice": "Advice for professionals",
    "training": "Training for professionals",
}
PEOPLE = {
    "adults": "Adults",
    "children": "Children",
    "young-people": "Young people aged 16 to 25",
    "women": "Women",
    "men": "Men",
    "families": "Families",
    "lgbt": "LGBT people",
    "disabled-people": "Disabled people",
    "asylum-seekers": "People seeking asylum",
    "no-recourse": "People with no recourse to public funds",
    "british-nationals": "British nationals",
    "professionals": "Professionals and employers",
}
VOCABULARY = {Term.Kind.HELP: HELP, Term.Kind.PEOPLE: PEOPLE}


@transaction.atomic
def load_terms(*, dry_run: bool = False) -> list[str]:
    """Bring the vocabulary up to date and return one line for each change; with `dry_run`, change nothing.

    Running it twice changes nothing the second time. Terms we do not know are left: listings may use them.
    """
    known = {(term.kind, term.code): term for term in Term.objects.all()}
    changes = [(term, known.get((term.kind, term.code))) for term in _wanted()]
    changes = [(term, old) for term, old in changes if old is None or (old.name, old.order) != (term.name, term.order)]
    if not dry_run:
        Term.objects.bulk_create(
            [term for term, _ in changes],
            update_conflicts=True,
            unique_fields=["kind", "code"],
            update_fields=["name", "order"],
        )
    return [f"{'change' if old else 'add'} {term.get_kind_display().lower()}: {term.name}" for term, old in changes]


def _wanted() -> Iterator[Term]:
    for kind, names in VOCABULARY.items():
        for order, (code, name) in enumerate(names.items()):
            yield Term(kind=kind, code=code, name=name, order=order)
