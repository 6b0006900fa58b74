"""The addresses of the staff's pages of short links; following one is no page (``canyu.ops.links.door``)."""

from __future__ import annotations

from django.urls import path

from canyu.ops.links import pages

urlpatterns = [
    path("", pages.show_links, name="links"),
    path("new/", pages.create_link, name="create_link"),
    path("one/<int:link_id>/", pages.show_link, name="link"),
    path("one/<int:link_id>/switch/", pages.switch_link, name="switch_link"),
]
