"""The addresses of knowledge: staff's under ``/knowledge/``, the public's under ``/ask/`` and ``/help/``."""

from __future__ import annotations

from django.urls import path

from canyu.ops.knowledge import pages
from canyu.ops.knowledge.asking import pages as asking
from canyu.ops.knowledge.faces import pages as faces

urlpatterns = [
    path("", pages.show_articles, name="knowledge"),
    path("one/<str:slug>/", pages.show_article, name="knowledge_article"),
    path("one/<str:slug>/withdraw/", pages.withdraw_article, name="withdraw_article"),
    path("write/", pages.write_article, name="write_article"),
    path("import/", pages.import_articles, name="import_articles"),
    path("gaps/", asking.show_gaps, name="knowledge_gaps"),
    path("try/", asking.try_question, name="try_assistant"),
    path("talks/", asking.show_talks, name="talks"),
    path("talks/one/<int:talk_id>/", asking.show_talk, name="talk"),
    path("talks/one/<int:talk_id>/case/", asking.make_case, name="make_case_of_talk"),
    path("weeks/", asking.show_weeks, name="assistant_weeks"),
]

ask_pages = [
    path("", faces.ask, name="ask"),
    path("t/<str:link>/", faces.show_talk, name="talk_of_one"),
    path("t/<str:link>/case/", faces.send_on, name="send_talk_on"),
    path("t/<str:link>/erase/", faces.ask_erasure, name="erase_talk"),
]
help_pages = [
    path("", faces.show_help, name="help"),
    path("<str:slug>/", faces.show_help_article, name="help_article"),
]
