"""The addresses of aspects, storylines and topics."""

from __future__ import annotations

from django.urls import path

from canyu.ops.voices import pages

urlpatterns = [
    path("aspects/", pages.show_aspects, name="aspects"),
    path("aspects/proof/", pages.show_aspects_proof, name="aspects_proof"),
    path("aspects.csv", pages.send_aspects, name="aspects_file"),
]
