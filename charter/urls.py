"""Addresses of the charter register. A council's code stands in its address: it is public, and it keeps."""

from __future__ import annotations

from django.urls import path

from charter.views import public, record

app_name = "charter"
urlpatterns = [
    path("", public.register, name="register"),
    path("register.csv", public.register_csv, name="register_csv"),
    path("councils/<slug:code>/", public.council, name="council"),
    path("councils/<slug:code>/record/", record.record, name="record"),
    path("councils/<slug:code>/adoption/", record.adoption, name="adoption"),
    path("councils/<slug:code>/adoption/correct/", record.adoption, {"correcting": True}, name="correction"),
    path("councils/<slug:code>/adoption/check/", record.adoption_check, name="adoption_check"),
    path("councils/<slug:code>/adoption/remove/", record.adoption_remove, name="adoption_remove"),
    path("councils/<slug:code>/commitments/<int:number>/", record.commitment, name="commitment"),
    path("councils/<slug:code>/commitments/<int:number>/evidence/", record.evidence_add, name="evidence_add"),
    path("evidence/<uuid:pk>/<slug:change>/", record.evidence_change, name="evidence_change"),
]
