"""``canyu assistant``: ask the articles a question, as a customer would."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from canyu.commands.options import HELP_NAMES, json_option
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from canyu.care.assistant import Answer, AskBack, Assistant, HandOver, Outcome, Source

KEY_VARIABLE = "CANYU_ASSISTANT_KEY"


@click.group(
    context_settings=HELP_NAMES,
    help=say(
        "知识助手：只按文章回答，否则转人工。",
        "The assistant: it answers from articles only, and hands over otherwise.",
    ),
)
def command() -> None:
    """Hold the words of the assistant."""


@command.command(
    context_settings=HELP_NAMES,
    help=say(
        "向文章提一个问题：回答及其出处，或反问，或转人工及其原因。",
        "Ask the articles one question: an answer with its sources, a question back, or a hand-over with its reason.",
    ),
)
@click.argument("question", metavar=say("问题", "QUESTION"))
@click.option(
    "--articles",
    "path",
    default="",
    metavar=say("文件", "FILE"),
    help=say("文章文件（YAML）；默认用自带的示例。", "A file of articles (YAML); the shipped example by default."),
)
@click.option(
    "--audience",
    type=click.Choice(["public", "customer", "inside"]),
    default="public",
    show_default=True,
    help=say("谁在问：公众、客户或内部员工。", "Who asks: the public, a customer, or staff."),
)
@click.option("--product", default="", help=say("只看这个产品的文章。", "Only articles about this product."))
@click.option(
    "--at",
    "at",
    default="",
    help=say("按这个时间的有效文章回答，默认现在。", "By the articles valid then; now by default."),
)
@click.option(
    "--unsure",
    type=click.IntRange(0),
    default=0,
    help=say("本次对话中已经反问过几次。", "How often it asked back in this talk already."),
)
@click.option(
    "--endpoint",
    default="",
    help=say(
        f"可选的语言模型（OpenAI 兼容接口），只许换个说法；密钥放在环境变量 {KEY_VARIABLE}。",
        f"An optional language model (OpenAI-compatible) that may only rephrase; its key stands in {KEY_VARIABLE}.",
    ),
)
@click.option("--model", default="", help=say("语言模型的名称。", "The name of the language model."))
@json_option
def ask(question: str, path: str, product: str, at: str, **options: Any) -> None:
    """Answer one question from a file of articles."""
    from canyu.care.assistant import Asked, HandOver
    from canyu.care.case_events import Audience
    from canyu.kit.clock import get_now

    assistant = _open_assistant(path, options["endpoint"], options["model"])
    now = _read_time(at) if at else get_now()
    outcome = assistant.answer(Asked(question, now, Audience(options["audience"]), product, options["unsure"]))
    if options["as_json"]:
        click.echo(dump_json(describe_outcome(outcome)))
    elif isinstance(outcome, HandOver):
        _tell_hand_over(outcome)
    else:
        _tell(outcome)


def describe_outcome(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as plain values: ``outcome`` is ``answer``, ``ask_back`` or ``hand_over``."""
    from canyu.care.assistant import Answer, AskBack

    if isinstance(outcome, Answer):
        return {"outcome": "answer", "text": outcome.text, "reason": None, **asdict(outcome)}
    if isinstance(outcome, AskBack):
        choices = [asdict(each) for each in outcome.choices]
        return {"outcome": "ask_back", "message": str(outcome.message), "reason": None, "choices": choices}
    near = [asdict(each) for each in outcome.near]
    return {"outcome": "hand_over", "message": str(outcome.message), "reason": outcome.reason.value, "near": near}


def _open_assistant(path: str, endpoint: str, model: str) -> Assistant:
    from canyu.care.assistant import ArticleIndex, Assistant, ChatEndpoint, Library, load_articles

    if bool(endpoint) != bool(model):
        raise BadInput(
            Words("--endpoint 和 --model 要一起给出。", "--endpoint and --model belong together."),
            mend=Words("请补上另一个。", "Give the other one, too."),
        )
    articles = load_articles(path)
    rephraser = ChatEndpoint(endpoint, model, os.environ.get(KEY_VARIABLE, "")) if endpoint else None
    return Assistant(ArticleIndex(articles), Library(articles), rephraser=rephraser)


def _read_time(text: str) -> datetime:
    from canyu.kit.clock import find_instant

    try:
        found = find_instant(datetime.fromisoformat(text.strip()), "Asia/Shanghai")
    except ValueError:
        found = None
    if found is None:
        raise BadInput(
            Words(f"{text!r} 不是时间。", f"{text!r} is no time."),
            mend=Words("请写 2026-02-14T17:30:00+08:00。", "Write it as 2026-02-14T17:30:00+08:00."),
        )
    return found


def _tell(outcome: Answer | AskBack) -> None:
    from canyu.care.assistant import AskBack

    if isinstance(outcome, AskBack):
        click.echo(str(outcome.message))
        _tell_sources(outcome.choices)
        return
    click.echo(outcome.text)
    click.echo(say("出处：", "From:"))
    _tell_sources(outcome.sources)
    if outcome.related:
        click.echo(say("另见：", "See also:"))
        _tell_sources(outcome.related)


def _tell_hand_over(outcome: HandOver) -> None:
    from canyu.care.assistant.handing_over import REASON_WORDS

    click.echo(str(outcome.message))
    reason = REASON_WORDS[outcome.reason]
    click.echo(say(f"转人工，原因：{reason.zh}", f"Handed over: {reason.en}"))
    if outcome.near:
        click.echo(say("供坐席参考：", "For the agent:"))
        _tell_sources(outcome.near)


def _tell_sources(sources: Iterable[Source]) -> None:
    for each in sources:
        click.echo(f"  {each.title} v{each.version} · {each.source} · {each.link}  ({each.score:.2f})")
