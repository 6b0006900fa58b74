"""The robot of a group inside the company: twenty messages a minute, and no customer reads them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from canyu.care.wechat.client import NoAnswer, NotReached, Said, VendorClient
from canyu.care.wechat.codes import Remedy, judge_code
from canyu.care.wechat.rates import ROBOT_RATE, LocalRate, Rate
from canyu.care.wechat.replies import check_text
from canyu.care.wechat.sender import AGAIN_S, FIRST_PAUSE_S, TRIES, Outcome, Result
from canyu.kit.words import Words

MOST_MARKDOWN_BYTES = 4096
PATH = "/cgi-bin/webhook/send"


class GroupRobot:
    """Sends messages into one group of WeCom. ``key`` is the secret of the robot's address."""

    def __init__(
        self,
        client: VendorClient,
        key: str,
        rate: Rate | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._key = key
        self._rate = rate or LocalRate(*ROBOT_RATE)
        self._sleep = sleep

    def send_text(self, content: str, mentioned: Sequence[str] = ()) -> Outcome:
        """Send words (2,048 bytes at most), calling people by their user ids; ``@all`` calls everybody."""
        text: dict[str, Any] = {"content": check_text(content)}
        if mentioned:
            text["mentioned_list"] = list(mentioned)
        return self._send({"msgtype": "text", "text": text})

    def send_markdown(self, content: str) -> Outcome:
        """Send words with headings, links and bold type (4,096 bytes at most)."""
        return self._send({"msgtype": "markdown", "markdown": {"content": check_text(content, MOST_MARKDOWN_BYTES)}})

    def _send(self, content: Mapping[str, Any]) -> Outcome:
        wait_s = self._rate.take()
        if wait_s:
            reason = Words("群机器人每分钟最多 20 条，排队。", "A robot sends 20 messages a minute; waiting.")
            return Outcome(Result.LATER, reason, again_after_s=wait_s)
        try:
            said = self._post(content)
        except NotReached:
            reason = Words("连不上企业微信。", "WeCom cannot be reached.")
            return Outcome(Result.LATER, reason, again_after_s=AGAIN_S)
        except NoAnswer:
            return Outcome(Result.UNKNOWN, Words("企业微信没有回答。", "WeCom did not answer."))
        if not said.errcode:
            return Outcome(Result.SENT)
        verdict = judge_code(said.errcode, said.errmsg, is_wecom=True)
        if verdict.remedy in (Remedy.WAIT, Remedy.RETRY):
            return Outcome(Result.LATER, verdict.reason, said.errcode, verdict.pause_s or AGAIN_S)
        return Outcome(Result.REFUSED, verdict.reason, said.errcode)

    def _post(self, content: Mapping[str, Any]) -> Said:
        for trial in range(TRIES):
            said = self._client.post(PATH, content, {"key": self._key})
            if said.errcode != -1:
                break
            self._sleep(FIRST_PAUSE_S * 2.0**trial)
        return said
