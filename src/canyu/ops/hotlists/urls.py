"""The addresses of hot lists and share of voice."""

from __future__ import annotations

from django.urls import path

from canyu.ops.hotlists import pages

urlpatterns = [
    path("hot-lists/", pages.show_hot_lists, name="hot_lists"),
    path("hot-lists/proof/<slug:name>/", pages.show_hot_lists_proof, name="hot_lists_proof"),
    path("hot-lists/file/<slug:name>.<str:form>", pages.send_hot_list_file, name="hot_list_file"),
    path("share-of-voice/", pages.show_share_of_voice, name="share_of_voice"),
    path("share-of-voice/proof/", pages.show_share_of_voice_proof, name="share_of_voice_proof"),
]
