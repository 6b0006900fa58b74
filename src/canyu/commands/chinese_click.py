"""Lets click, the library of the command line, speak Chinese: its words, its names of values, its columns."""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterable
from pathlib import Path
from unicodedata import east_asian_width

import click

DOMAIN = "messages"  # the one click asks gettext for
LOCALE_FOLDER = Path(__file__).resolve().parent / "locale"
FILLER = "\ue000"  # stands after a wide character while lines are measured; never printed


class WideFormatter(click.HelpFormatter):
    """Help whose columns stay straight: a Chinese character is as wide as the two cells it takes."""

    def write_heading(self, heading: str) -> None:
        """Write a heading with Chinese punctuation."""
        self.write(f"{'':>{self.current_indent}}{heading}：\n")

    def write_text(self, text: str) -> None:
        """Write a text, wrapped by cells."""
        super().write_text(_widen(text))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write a table of two columns, measured by cells."""
        super().write_dl([(_widen(first), _widen(second)) for first, second in rows], col_max, col_spacing)

    def getvalue(self) -> str:
        """Return what was written."""
        return super().getvalue().replace(FILLER, "")


def speak_chinese() -> None:
    """Bind click's words to the Chinese catalogue, for the whole process; commands are imported afterwards."""
    os.environ["LANGUAGE"] = "zh_Hans"
    gettext.bindtextdomain(DOMAIN, str(LOCALE_FOLDER))
    click.Context.formatter_class = WideFormatter
    click.STRING.name = "文字"
    click.INT.name = "整数"
    click.FLOAT.name = "小数"
    click.IntRange.name = "整数"
    click.FloatRange.name = "小数"


def translate_usage(command: click.Command) -> None:
    """Name the parts of a command's usage line in Chinese, and those of its commands."""
    command.options_metavar = "[选项]"
    if isinstance(command, click.Group):
        command.subcommand_metavar = "命令 [参数]..."
        for each in command.commands.values():
            translate_usage(each)


def _widen(text: str) -> str:
    return "".join(letter + FILLER if east_asian_width(letter) in "WF" else letter for letter in text)
