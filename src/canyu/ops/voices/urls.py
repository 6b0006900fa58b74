"""The addresses of aspects, storylines and topics."""

from __future__ import annotations

from django.urls import path

from canyu.ops.voices import pages, storyline_pages, topic_pages

urlpatterns = [
    path("aspects/", pages.show_aspects, name="aspects"),
    path("aspects/proof/", pages.show_aspects_proof, name="aspects_proof"),
    path("aspects.csv", pages.send_aspects, name="aspects_file"),
    path("pulse/emotions/proof/", pages.show_emotions_proof, name="emotions_proof"),
    path("pulse/emotions.csv", pages.send_emotions, name="emotions_file"),
    path("storylines/", storyline_pages.show_storylines, name="storylines"),
    path("storylines/proof/", storyline_pages.show_storylines_proof, name="storylines_proof"),
    path("storylines.csv", storyline_pages.send_storyline, name="storyline_file"),
    path("topics/", topic_pages.show_topics, name="topics"),
    path("topics/posts/", topic_pages.show_topic_posts, name="topic_posts"),
    path("topics/proof/", topic_pages.show_topics_proof, name="topics_proof"),
    path("topics.csv", topic_pages.send_topics, name="topics_file"),
]
