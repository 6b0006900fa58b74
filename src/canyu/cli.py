"""The command ``canyu``: finds the module of the word that was typed, and only that one."""

from __future__ import annotations

import gc
import sys
from importlib import import_module

import click

from canyu.kit.errors import CanyuError
from canyu.kit.version import __version__
from canyu.kit.words import find_language, get_language, say, set_language

YOUNG_OBJECTS = 50_000
"""Made before garbage is looked for. At the default of 700 a command spends 0.3 s on it while it imports."""

# word -> module under canyu.commands; loaded when asked for, so that `canyu --help` stays quick
WORDS: dict[str, str] = {
    "alerts": "alerts",
    "assistant": "assistant",
    "attribution": "attribution",
    "campaigns": "campaigns",
    "catalogue": "catalogue",
    "check-copy": "check_copy",
    "claims": "claims",
    "clock": "clock",
    "collect": "collect",
    "crisis": "crisis",
    "draw": "draw",
    "experiment": "experiment",
    "fans": "fans",
    "funnel": "funnel",
    "hot-lists": "hot_lists",
    "import": "import_files",
    "key": "key",
    "kols": "kols",
    "labels": "labels",
    "lake": "lake",
    "ledger": "ledger",
    "lift": "lift",
    "listen": "listen",
    "loyalty": "loyalty",
    "metric": "metric",
    "plans": "plans",
    "quote": "quote",
    "rehearse": "rehearse",
    "report": "report",
    "retention": "retention",
    "rumours": "rumours",
    "score": "score",
    "scorecard": "scorecard",
    "serve": "serve",
    "share-of-voice": "share_of_voice",
    "spread": "spread",
    "steps": "steps",
    "topics": "topics",
    "train": "train",
    "whitepaper": "whitepaper",
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are named, and whose own help is written when it is read."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return every word, sorted."""
        return sorted(WORDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import and return the command for one word."""
        if cmd_name not in WORDS:
            return None
        found: click.Command = import_module(f"canyu.commands.{WORDS[cmd_name]}").command
        _translate_usage(found)
        return found

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the program is for, in the reader's language: this module is imported before it is known."""
        self.help = say(
            "参与：大家说什么，谁在传，真正带来了什么。",
            "参与: what people say, who carries it, what it truly brought.",
        )
        super().format_help_text(ctx, formatter)


class VersionOption(click.Option):
    """``--version``, with its help in the reader's language."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option and its help, written now."""
        self.help = say("显示版本后结束。", "Show the version and exit.")
        return super().get_help_record(ctx)


def _tell_version(context: click.Context, _: click.Parameter, is_asked: bool) -> None:
    if is_asked and not context.resilient_parsing:
        name = context.find_root().info_name
        click.echo(say(f"{name}，版本 {__version__}", f"{name}, version {__version__}"))
        context.exit()


def _translate_usage(command: click.Command) -> None:
    if get_language().startswith("zh"):
        from canyu.commands.chinese_click import translate_usage

        translate_usage(command)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", cls=VersionOption, is_flag=True, is_eager=True, expose_value=False, callback=_tell_version, help=""
)
def canyu() -> None:
    """Hold every word of the command line; the help is written by LazyGroup."""


def choose_language() -> None:
    """Speak the terminal's language from here on, click's own words included; before any command is imported."""
    set_language(find_language())
    if get_language().startswith("zh"):
        from canyu.commands.chinese_click import speak_chinese

        speak_chinese()
    _translate_usage(canyu)


def main() -> None:
    """Run the command line; an expected error is told in words, with its mend, and exits with 2."""
    gc.set_threshold(YOUNG_OBJECTS)
    choose_language()
    try:
        status = canyu(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except CanyuError as error:
        click.echo(say(f"canyu：{error}", f"canyu: {error}"), err=True)
        sys.exit(2)
    if status:  # what a command said with context.exit(1)
        sys.exit(status)
