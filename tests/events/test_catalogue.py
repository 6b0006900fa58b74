"""The catalogue file: what is read from it, and every problem told with line, field and mend."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from canyu.cli import canyu
from canyu.events import catalogue_problems
from canyu.events.catalogue import Alias, Boundary, Case, Kind, get_brand, load_catalogue
from canyu.events.catalogue_file import check_catalogue, parse_catalogue, read_text
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.words import Words, speak

HEAD = """\
format: 1
version: t1
home: acme
name: {zh: 测试, en: test}
categories:
  tool: {zh: 工具, en: tools}
contexts:
  shop: [商店, 购买]
entries:
  - {id: acme, kind: brand, name: {zh: 顶点, en: Acme}, aliases: [顶点, acme]}
"""


def check(entries: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.field) for problem in check_catalogue(HEAD + entries)]


def test_the_shipped_example_has_no_problem_and_over_150_entries() -> None:
    assert check_catalogue(read_text()) == []
    catalogue = load_catalogue()
    assert len(catalogue.entries) >= 150
    assert catalogue.list_brands()[0].id == catalogue.home == "xiaomi"


def test_the_shipped_example_names_range_people_and_competitors() -> None:
    catalogue = load_catalogue()
    for wanted in ("15-ultra", "17-pro-max", "su7", "su7-ultra", "yu7", "xring-o1", "hyperos", "lei-jun", "store"):
        assert catalogue.get(f"xiaomi/{wanted}").brand == "xiaomi"
    rivals = {entry.id for entry in catalogue.list_competitors()}
    assert {"apple", "huawei", "honor", "oppo", "vivo", "samsung", "tesla", "byd", "nio", "xpeng", "liauto"} <= rivals
    assert {"zeekr", "porsche", "gree", "midea", "haier", "roborock", "ecovacs", "dreame"} <= rivals
    assert "xiaomi" not in rivals


def test_every_entry_has_a_label_in_both_languages_and_a_category_with_one() -> None:
    catalogue = load_catalogue()
    for entry in catalogue.entries:
        assert entry.name.zh
        assert entry.name.en
        assert catalogue.categories[entry.category].en


def test_labels_of_known_and_unknown_ids() -> None:
    catalogue = load_catalogue()
    assert catalogue.get_label("xiaomi/lei-jun", "zh-hans") == "雷军"
    assert catalogue.get_label("xiaomi/lei-jun", "en") == "Lei Jun"
    assert catalogue.get_label("gone/thing", "en") == "gone/thing"
    with pytest.raises(NotFound, match="gone/thing"):
        catalogue.get("gone/thing")


def test_an_entry_is_read_whole() -> None:
    entry = """\
  - id: acme/saw
    kind: product
    category: tool
    name: {zh: 锯, en: Saw}
    aliases:
      - 电锯
      - {text: Saw, case: exact, boundary: start, needs: [$shop, "~子"], unless: [i saw], window: 9}
"""
    found = parse_catalogue(HEAD + entry).get("acme/saw")
    assert (found.kind, found.category, found.name, found.competitor) == (Kind.PRODUCT, "tool", ("锯", "Saw"), False)
    assert found.aliases == (
        Alias("电锯"),
        Alias("Saw", ("商店", "购买", "~子"), ("i saw",), 9, Boundary.START, Case.EXACT),
    )


@pytest.mark.parametrize(
    ("entries", "problems"),
    [
        ("  - {id: acme/saw, kind: product, name: x}\n", [(11, "aliases")]),
        ("  - {id: Acme Saw, kind: product, name: x, aliases: [saw]}\n", [(11, "id"), (11, "kind")]),
        ("  - {id: acme/saw, kind: gadget, name: x, aliases: [saw]}\n", [(11, "kind")]),
        ("  - {id: acme/saw, kind: product, name: {zh: x}, aliases: [saw]}\n", [(11, "name.en")]),
        ("  - {id: acme/saw, kind: product, name: x, colour: red, aliases: [saw]}\n", [(11, "entries.colour")]),
        ("  - {id: acme/saw, kind: product, name: x, aliases: [acme]}\n", [(11, "aliases")]),
        (
            "  - {id: acme/saw, kind: product, name: x, aliases: [{text: s, needs: [$none]}]}\n",
            [(11, "aliases"), (11, "aliases.needs")],
        ),
        (
            '  - {id: acme/saw, kind: product, name: x, aliases: [{text: saw, unless: ["~"]}]}\n',
            [(11, "aliases.unless")],
        ),
        ("  - {id: acme/saw, kind: product, name: x, aliases: [{text: saw, window: 0}]}\n", [(11, "aliases.window")]),
        ("  - {id: acme/saw, kind: product, name: x, aliases: [{text: saw, case: upper}]}\n", [(11, "aliases.case")]),
        ('  - {id: acme/saw, kind: product, name: x, aliases: ["!!"]}\n', [(11, "aliases")]),
        ("  - {id: acme/saw, kind: product, name: x, category: toy, aliases: [saw]}\n", [(11, "category")]),
        ("  - {id: else/saw, kind: product, name: x, aliases: [saw]}\n", [(11, "id")]),
        (
            "  - {id: acme, kind: brand, name: x, aliases: [again], competitor: true}\n",
            [(11, "competitor"), (11, "id")],
        ),
        ("  - {id: acme/saw, kind: product, name: x, aliases: [saw], competitor: maybe}\n", [(11, "competitor")]),
        ("  - just a word\n", [(11, "entries")]),
    ],
)
def test_each_problem_is_told_with_its_line_and_field(entries: str, problems: list[tuple[int, str]]) -> None:
    assert check(entries) == problems


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("- a list\n", "is not a mapping"),
        ("a: [1\n", "is not YAML"),
        ("a: &x [1]\nb: *x\n", "uses YAML anchors"),
        ("[" * 100_000, "is nested too deeply"),
        ("format: 9\n" + HEAD.removeprefix("format: 1\n"), "not a format that this version reads"),
        (HEAD.replace("home: acme", "home: other"), "other is not a brand of this file"),
        ("format: 1\nversion: a\nhome: b\nname: c\n", "has no entry"),
    ],
)
def test_files_that_are_no_catalogue_are_told_and_never_crash(text: str, message: str) -> None:
    problems = check_catalogue(text)
    assert any(message in str(problem.message) for problem in problems)
    assert all(problem.mend for problem in problems)


def test_a_bad_catalogue_is_refused_with_its_first_problems() -> None:
    with pytest.raises(BadInput, match="line 11, kind: 'gadget' is not known"):
        parse_catalogue(HEAD + "  - {id: acme/saw, kind: gadget, name: x, aliases: [saw]}\n")


def test_problems_and_their_refusal_speak_chinese() -> None:
    text = HEAD + "  - {id: acme/saw, kind: gadget, name: x, aliases: [saw]}\n"
    with pytest.raises(BadInput) as caught:
        parse_catalogue(text)
    with speak("zh-hans"):
        assert str(check_catalogue(text)[0]).startswith(
            "第 11 行，kind：不认识 'gadget'。请从中选一个：brand、product、"
        )
        assert caught.value.message.startswith("产品目录有 1 处问题：\n  第 11 行，kind：不认识 'gadget'。")


def test_every_fault_of_a_catalogue_is_written_in_both_languages() -> None:
    kinds = (catalogue_problems.Fault, catalogue_problems.Pattern)
    faults = [fault for fault in vars(catalogue_problems).values() if isinstance(fault, kinds)]
    texts = [words for fault in faults for words in fault if isinstance(words, Words)]
    assert len(faults) > 25
    assert len(texts) == 2 * len(faults)
    assert [words for words in texts if words.en.endswith("。") or not words.zh.endswith("。")] == []


def test_the_fingerprint_changes_with_aliases_not_with_names() -> None:
    entry = "  - {id: acme/saw, kind: product, name: x, aliases: [saw]}\n"
    one = parse_catalogue(HEAD + entry)
    assert one.fingerprint == parse_catalogue(HEAD + entry.replace("name: x", "name: y")).fingerprint
    assert one.fingerprint != parse_catalogue(HEAD + entry.replace("[saw]", "[saws]")).fingerprint


def test_the_brand_is_the_part_before_the_slash() -> None:
    assert [get_brand("xiaomi"), get_brand("xiaomi/su7")] == ["xiaomi", "xiaomi"]


def test_missing_and_unreadable_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no catalogue at"):
        load_catalogue(str(tmp_path / "none.yaml"))
    (tmp_path / "gb.yaml").write_bytes("名称".encode("gb18030"))
    with pytest.raises(BadInput, match="not UTF-8"):
        load_catalogue(str(tmp_path / "gb.yaml"))


def test_the_command_checks_a_file_and_exits_with_1_on_problems(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(HEAD + "  - {id: acme/saw, kind: gadget, name: x, aliases: [saw]}\n", "utf-8")
    bad = CliRunner().invoke(canyu, ["catalogue", "check", str(file)])
    assert bad.exit_code == 1
    assert bad.output.strip() == (
        f"{file}:11: kind: 'gadget' is not known. Choose one of: brand, product, feature, person, service."
    )
    file.write_text(HEAD, "utf-8")
    good = CliRunner().invoke(canyu, ["catalogue", "check", str(file)])
    assert (good.exit_code, good.output.strip()) == (0, f"{file}: 1 entries, 2 aliases, no problem.")


def test_the_command_shows_entries_and_its_yaml_can_be_started_from() -> None:
    shown = CliRunner().invoke(canyu, ["catalogue", "show", "--brand", "tesla", "--lang", "en"])
    assert shown.output.splitlines()[0].split("\t")[:4] == ["tesla*", "brand", "company", "Tesla"]
    file = CliRunner().invoke(canyu, ["catalogue", "show", "--yaml"])
    assert check_catalogue(file.output) == []


def test_the_command_links_a_text() -> None:
    linked = CliRunner().invoke(canyu, ["catalogue", "link", "喝着小米粥看小米SU7", "--lang", "en"])
    assert linked.output == "小米SU7\txiaomi/su7\tXiaomi SU7\n"
