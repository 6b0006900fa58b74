"""The addresses of the pages about people."""

from __future__ import annotations

from django.urls import path

from canyu.ops.fans import pages
from canyu.ops.fans.subject import pages as subject

urlpatterns = [
    path("", pages.show_fans, name="fans"),
    path("requests/", subject.show_requests, name="fan_requests"),
    path("requests/<int:request_id>/release/", subject.release_erasure, name="release_fan_erasure"),
    path("requests/<int:request_id>/ready/", subject.make_ready, name="ready_fan_copy"),
    path("requests/<int:request_id>/close/", subject.close_request, name="close_fan_request"),
    path("receipts/", subject.show_receipts, name="fan_receipts"),
    path("receipts/<slug:number>.json", subject.send_receipt, name="fan_receipt"),
    path("one/<slug:key>/", pages.show_fan, name="fan"),
    path("one/<slug:key>/tie/", pages.tie_fan, name="tie_fan"),
    path("one/<slug:key>/part/<int:merge_id>/", pages.part_fan, name="part_fan"),
    path("one/<slug:key>/dismiss/", pages.dismiss_alike, name="dismiss_fan"),
    path("one/<slug:key>/consent/", pages.keep_consent, name="keep_fan_consent"),
    path("one/<slug:key>/age/", pages.keep_age, name="keep_fan_age"),
    path("one/<slug:key>/copy/", subject.send_copy, name="send_fan_copy"),
    path("one/<slug:key>/ask/", subject.ask, name="ask_for_fan"),
]
