"""Addresses of what an agency's leads keep."""

from __future__ import annotations

from django.urls import path

from network.models import Agency, Network
from network.views import agencies, agreements, invitations, joining, keys, leaving, networks, people, successions, welcome

app_name = "network"
AGENCY, NETWORK = {"model": Agency}, {"model": Network}
urlpatterns = [
    path("keys/", keys.keys, name="keys"),
    path("keys/<uuid:pk>/end/", keys.end_key, name="end_key"),
    path("people/", people.index, name="people"),
    path("people/<uuid:pk>/", people.person, name="person"),
    path("people/<uuid:pk>/close/", leaving.close, name="close_account"),
    path("people/appointments/<uuid:pk>/end/", people.end, name="end_appointment"),
    path("people/agencies/<uuid:pk>/", people.roster, AGENCY, name="agency_people"),
    path("people/agencies/<uuid:pk>/list.csv", people.roster_csv, AGENCY, name="agency_people_csv"),
    path("people/agencies/<uuid:pk>/confirm/", people.confirm, AGENCY, name="agency_people_confirm"),
    path("people/agencies/<uuid:pk>/<uuid:who>/role/", people.appoint, name="appoint"),
    path("people/agencies/<uuid:pk>/<uuid:who>/cover/", people.cover, name="cover"),
    path("people/agencies/<uuid:pk>/<uuid:who>/leave/", leaving.leave, AGENCY, name="agency_leaver"),
    path("people/networks/<uuid:pk>/", people.roster, NETWORK, name="network_people"),
    path("people/networks/<uuid:pk>/list.csv", people.roster_csv, NETWORK, name="network_people_csv"),
    path("people/networks/<uuid:pk>/confirm/", people.confirm, NETWORK, name="network_people_confirm"),
    path("people/networks/<uuid:pk>/<uuid:who>/leave/", leaving.leave, NETWORK, name="network_leaver"),
    path("people/networks/<uuid:pk>/invite/", invitations.invite_into_network, name="invite_into_network"),
    path("people/invite/", invitations.invite, name="invite"),
    path("people/invitations/<uuid:pk>/", invitations.invitation, name="invitation"),
    path("people/invitations/<uuid:pk>/agree/", invitations.agree, name="agree"),
    path("people/invitations/<uuid:pk>/send/", invitations.send_again, name="send_again"),
    path("people/invitations/<uuid:pk>/cancel/", invitations.cancel, name="cancel_invitation"),
    path("people/handovers/<uuid:pk>/", leaving.handover, name="handover"),
    path("people/handovers/<uuid:pk>/accept/", leaving.accept, name="accept_handover"),
    path("people/handovers/<uuid:pk>/decline/", leaving.decline, name="decline_handover"),
    path("people/handovers/<uuid:pk>/take-back/", leaving.take_back, name="take_back_handover"),
    path("invitation/", welcome.welcome, name="welcome"),
    path("invitation/<str:token>/", welcome.open_invitation, name="open_invitation"),
    path("agencies/", agencies.agencies, name="agencies"),
    path("agencies/<slug:prefix>/new/", joining.start, name="agency_start"),
    path("agencies/<slug:prefix>/plan/", successions.prepare, name="agencies_plan"),
    path("agencies/<slug:prefix>/<uuid:pk>/", agencies.agency, name="agency"),
    path("agencies/<slug:prefix>/<uuid:pk>/admit/", joining.admit, name="agency_admit"),
    path("agencies/<slug:prefix>/<uuid:pk>/withdraw/", joining.withdraw, name="agency_withdraw"),
    path("agencies/<slug:prefix>/<uuid:pk>/confirm/", joining.assure, name="agency_assure"),
    path("agencies/<slug:prefix>/<uuid:pk>/use/<uuid:existing>/", joining.use_existing, name="agency_use_existing"),
    path("agencies/<slug:prefix>/<uuid:pk>/suspend/", agencies.suspend, name="agency_suspend"),
    path("agencies/<slug:prefix>/<uuid:pk>/let-back/", agencies.let_back, name="agency_let_back"),
    path("agencies/<slug:prefix>/<uuid:pk>/end/", agencies.leave, name="agency_leave"),
    path("agencies/<slug:prefix>/<uuid:pk>/rename/", agencies.rename, name="agency_rename"),
    path("plans/<uuid:pk>/", successions.plan, name="succession"),
    path("plans/<uuid:pk>/carry-out/", successions.carry_out, name="succession_carry_out"),
    path("plans/<uuid:pk>/drop/", successions.drop, name="succession_drop"),
    path("plans/<uuid:pk>/<uuid:party>/agree/", successions.agree, name="succession_agree"),
    path("plans/<uuid:pk>/<uuid:party>/refuse/", successions.refuse, name="succession_refuse"),
    path("agreements/", agreements.agreements, name="agreements"),
    path("agreements/<slug:prefix>/new/", agreements.publish, name="agreement_publish"),
    path("agreements/<uuid:pk>/", agreements.agreement, name="agreement"),
    path("agreements/<uuid:pk>/sign/", agreements.sign, name="agreement_sign"),
    path("agreements/<uuid:pk>/signatures/", agreements.signatures, name="signatures"),
    path("agreements/<uuid:pk>/signatures.csv", agreements.signatures_csv, name="signatures_csv"),
    path("networks/", networks.networks, name="networks"),
    path("networks/new/", networks.network_add, name="network_add"),
    path("networks/<slug:prefix>/", networks.network_edit, name="network_edit"),
]
