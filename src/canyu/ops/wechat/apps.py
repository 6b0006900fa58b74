"""Registers the room of WeChat with Django."""

from __future__ import annotations

from django.apps import AppConfig


class WeChatConfig(AppConfig):
    """Accounts, pushes, conversations and what is sent."""

    name = "canyu.ops.wechat"
    label = "wechat"
