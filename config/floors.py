"""What the lower floors ask of the ones above them: imports go down only, so functions and modules stand here by name.

`tests/test_rules.py` holds that each of them is there.
"""

from __future__ import annotations

# Who may see the models of the floors up to the one that knows the roles. Models above it carry their own `seen_by`.
VISIBILITY = {
    "audit.Entry": "network.visibility.entries",
    "audit.Seal": "network.watching.seals",
    "accounts.User": "network.visibility.people",
    "network.Network": "network.visibility.networks",
    "network.Agency": "network.visibility.agencies",
    "network.Membership": "network.visibility.memberships",
    "network.Appointment": "network.visibility.appointments",
    "network.Agreement": "network.visibility.agreements",
    "network.Signature": "network.visibility.signatures",
    "network.Suspension": "network.visibility.suspensions",
    "network.Succession": "network.visibility.successions",
    "network.Party": "network.visibility.parties",
    "network.Invitation": "network.visibility.invitations",
    "network.Handover": "network.visibility.handovers",
    "network.ApiKey": "network.visibility.keys",
}
# What the audit trail has to ask of the floors above it.
TRAIL_GUIDE = {name: f"network.watching.{name}" for name in ("places", "home", "audited", "about")}
# What a role would open, `(person, role, place, by, adding) -> gains and losses`: the roles are below what they open.
ROLE_PREVIEW = "directory.changes.preview_role"
# What the floors above `accounts` end when an account is closed, in the same transaction: `(person, by) -> None`.
ENDED_WITH_PERSON = [
    f"{package}.leaving.end_with_person" for package in ("network", "delivery", "directory", "training")
]
# And when somebody’s account goes by another address from now on: `(person, old address) -> None`.
ENDED_WITH_ADDRESS = ["network.leaving.end_with_address"]
# What the floors above `network` do when an agency changes: a module with the functions `network.above` speaks of.
AGENCY_CHANGES = "directory.succession"
# How those who lead an agency are told of something: `delivery.notices.tell_leads` says with what.
TELL_LEADS = "delivery.notices.tell_leads"
# What the floors above have sealed: functions that seal it again with the newest key and return how many there were.
RESEALED = ["directory.renewal.seal_again", "delivery.hooks.seal_again"]
# Who may close an account: `(person, by) -> None`, raising PermissionDenied. Nobody, without it.
MAY_CLOSE = "network.appointing.may_close"
# What the floors above `network` know of somebody who leaves an agency or a network, in the order pages show it: what
# the person holds there (`held`), what ends when the last appointment there ends (`let_go`), and what a successor who
# has accepted takes over (`hand_over`). Modules; each has the functions it needs. See `network.leaving`.
LEAVING = ["directory.leaving", "alerts.leaving", "training.leaving", "charter.leaving", "delivery.leaving"]
