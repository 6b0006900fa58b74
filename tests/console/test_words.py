"""Both languages are complete, and the page speaks the one that was chosen."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.test import Client

from canyu.console.templatetags.canyu import VERB_NAMES
from canyu.console.translations import LOCALE_FOLDER, compile_catalogues
from canyu.events import Verb

ROOT = Path(__file__).parents[2]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")


def test_every_text_is_written_in_both_languages() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "collect_messages.py"))
    template = script["collect_messages"]()
    assert len(template) > 150
    for language in ("en", "zh_Hans"):
        assert script["list_missing"](script["update_catalogue"](language, template)) == []


def test_translations_keep_the_placeholders() -> None:
    for path in LOCALE_FOLDER.glob("*/LC_MESSAGES/django.po"):
        with path.open("rb") as stream:
            for message in read_po(stream):
                said = message.string if isinstance(message.string, str) else message.string[-1]
                asked = message.id if isinstance(message.id, str) else message.id[-1]
                if asked:
                    assert sorted(PLACEHOLDER.findall(said)) == sorted(PLACEHOLDER.findall(asked)), asked


def test_a_changed_catalogue_is_compiled_and_an_unchanged_one_left(tmp_path: Path) -> None:
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "a"\nmsgstr "b"\n', "utf-8")
    assert compile_catalogues(tmp_path) == [folder / "django.mo"]
    assert compile_catalogues(tmp_path) == []
    assert sorted(path.name for path in folder.iterdir()) == ["django.mo", "django.po"]


def test_chinese_is_the_language_of_a_browser_that_names_none(brand_lake: Path, db: None) -> None:
    page = Client().get("/account/login/").content.decode()
    assert '<html lang="zh-hans"' in page
    assert "登录" in page


def test_the_chosen_language_stays(brand_lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(administrator=True)
    client.post("/language/", {"language": "zh-hans", "next": "/pulse/"})
    page = client.get("/pulse/").content.decode()
    assert "大家在说什么？" in page
    assert "模拟数据" in page
    client.post("/language/", {"language": "en", "next": "/pulse/"})
    assert "What are people saying?" in client.get("/pulse/").content.decode()


def test_the_chosen_theme_stays(brand_lake: Path, db: None) -> None:
    client = Client()
    client.post("/theme/", {"theme": "dark", "next": "/account/login/"})
    assert 'data-theme="dark"' in client.get("/account/login/").content.decode()
    client.post("/theme/", {"theme": "<b>", "next": "/account/login/"})
    assert 'data-theme="dark"' in client.get("/account/login/").content.decode()


def test_light_and_dark_name_the_same_tokens() -> None:
    text = (ROOT / "src/canyu/console/static/console/tokens.css").read_text("utf-8")
    dark, system = text.split('[data-theme="dark"] {')[1], text.split('[data-theme="auto"] {')[1]
    read = re.compile(r"(--[\w-]+): (#\w+)")
    assert dict(read.findall(dark.split("}")[0])) == dict(read.findall(system.split("}")[0]))


@pytest.mark.parametrize("name", ["console", "plan", "tokens"])
def test_every_block_of_the_styles_is_closed_and_none_holds_a_heading(name: str) -> None:
    depth = 0
    for line in (ROOT / f"src/canyu/console/static/console/{name}.css").read_text("utf-8").splitlines():
        assert depth == 0 or not line.startswith(("/*", "@media")), line  # they begin a part of their own
        depth += line.count("{") - line.count("}")
    assert depth == 0


def test_every_verb_has_a_name_for_people() -> None:
    assert set(VERB_NAMES) == {str(verb) for verb in Verb}
