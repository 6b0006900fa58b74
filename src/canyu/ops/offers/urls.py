"""The addresses of the offers' pages."""

from __future__ import annotations

from django.urls import path

from canyu.ops.offers import pages
from canyu.ops.offers.drops import pages as drops
from canyu.ops.offers.drops.waiting import pages as waiting

public = [
    path("<slug:code>/", drops.show_public, name="public_drop"),
    path("<slug:code>/enter/", drops.take_part, name="enter_drop"),
    path("<slug:code>/queue/", waiting.show_place, name="drop_place"),
    path("<slug:code>/draw.json", drops.send_draw, name="drop_draw"),
    path("<slug:code>/certificate/<slug:token>/", drops.show_certificate, name="drop_certificate"),
]
"""What everybody may open; ``/drop/CODE/claim`` beside them is answered past Django, by ``drops.door``."""

urlpatterns = [
    path("", pages.show_offers, name="offers"),
    path("try/", pages.try_offers, name="try_offers"),
    path("new/", pages.edit_offer, name="new_offer"),
    path("drops/", drops.show_drops, name="drops"),
    path("drops/new/", drops.edit_drop, name="new_drop"),
    path("drops/one/<int:drop_id>/", drops.show_drop, name="drop"),
    path("drops/one/<int:drop_id>/release/", drops.release_drop, name="release_drop"),
    path("drops/one/<int:drop_id>/draw/", drops.draw_drop, name="draw_drop"),
    path("drops/one/<int:drop_id>/close/", drops.close_drop, name="close_drop"),
    path("one/<int:offer_id>/", pages.show_offer, name="offer"),
    path("one/<int:offer_id>/edit/", pages.edit_offer, name="edit_offer"),
    path("one/<int:offer_id>/release/", pages.release_offer, name="release_offer"),
    path("one/<int:offer_id>/close/", pages.close_offer, name="close_offer"),
    path("one/<int:offer_id>/code/", pages.add_code, name="add_offer_code"),
    path("one/<int:offer_id>/codes/", pages.make_codes, name="make_offer_codes"),
    path("one/<int:offer_id>/codes/<slug:batch>.csv", pages.send_codes, name="offer_codes"),
]
