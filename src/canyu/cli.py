"""The command ``canyu``: finds the module of the word that was typed, and only that one."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from canyu import __version__
from canyu.kit.errors import CanyuError
from canyu.kit.words import find_language, set_language

# word -> module under canyu.commands; loaded when asked for, so that `canyu --help` stays quick
WORDS: dict[str, str] = {
    "catalogue": "catalogue",
    "import": "import_files",
    "lake": "lake",
    "listen": "listen",
    "rehearse": "rehearse",
    "report": "report",
    "score": "score",
    "serve": "serve",
    "train": "train",
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are named."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return every word, sorted."""
        return sorted(WORDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import and return the command for one word."""
        if cmd_name not in WORDS:
            return None
        found: click.Command = import_module(f"canyu.commands.{WORDS[cmd_name]}").command
        return found


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def canyu() -> None:
    """参与: what people say, who carries it, what it truly brought."""


def main() -> None:
    """Run the command line; an expected error is told in words, with its mend, and exits with 2."""
    set_language(find_language())
    try:
        canyu(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except CanyuError as error:
        click.echo(f"canyu: {error}", err=True)
        sys.exit(2)
