"""The addresses of the offers' pages."""

from __future__ import annotations

from django.urls import path

from canyu.ops.offers import pages

urlpatterns = [
    path("", pages.show_offers, name="offers"),
    path("try/", pages.try_offers, name="try_offers"),
    path("new/", pages.edit_offer, name="new_offer"),
    path("one/<int:offer_id>/", pages.show_offer, name="offer"),
    path("one/<int:offer_id>/edit/", pages.edit_offer, name="edit_offer"),
    path("one/<int:offer_id>/release/", pages.release_offer, name="release_offer"),
    path("one/<int:offer_id>/close/", pages.close_offer, name="close_offer"),
    path("one/<int:offer_id>/code/", pages.add_code, name="add_offer_code"),
    path("one/<int:offer_id>/codes/", pages.make_codes, name="make_offer_codes"),
    path("one/<int:offer_id>/codes/<slug:batch>.csv", pages.send_codes, name="offer_codes"),
]
