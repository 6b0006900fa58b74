"""Topics: what people talk of in a day or a week, under one readable label, and how it goes on."""

from __future__ import annotations

from canyu.listen.topics.finder import MEMBERS_SCHEMA, TOPICS_SCHEMA, Topics, find_topics
from canyu.listen.topics.settings import TopicSettings
from canyu.listen.topics.words import DEFINITIONS, STATUSES

__all__ = ["DEFINITIONS", "MEMBERS_SCHEMA", "STATUSES", "TOPICS_SCHEMA", "TopicSettings", "Topics", "find_topics"]
