"""The paper: bad rows told and good ones kept, sentences refused where the numbers do not carry them, both forms."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from canyu.commands.whitepaper import command
from canyu.kit.errors import BadInput, NotFound, StorageFailure
from canyu.kit.jsonio import parse_json
from canyu.kit.words import Words
from canyu.measure.claims import Relation
from canyu.measure.whitepaper import (
    LabSheet,
    PaperDesign,
    Run,
    Sentence,
    Side,
    WhitePaper,
    Why,
    lay_out,
    make_paper,
    parse_paper_design,
    read_lab_file,
    write_paper,
)
from canyu.measure.whitepaper.html import render_html
from canyu.measure.whitepaper.pdf import render_pdf

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
SAMPLE = Path(__file__).resolve().parents[3] / "docs" / "measure" / "whitepaper-sample"
HEAD = ["device", "test", "run", "value", "unit", "method", "instrument"]
FAST, SLOW = [10.1, 10.3, 10.2, 10.4, 10.0, 10.2], [12.2, 12.0, 12.4, 12.1, 12.3, 12.2]
DESIGN = """
format: 1
title: {zh: 对比, en: A comparison}
lab: a lab
devices: {a: Alpha, b: Beta}
claims:
  - {id: one, statement: Alpha beats Beta, test: boot, device: a, against: b, says: lower, stated: 0, unit: s,
     relation: exceeds}
"""


def measure(device: str, values: list[float], **other: str) -> list[Run]:
    how = {"test": "boot", "unit": "s", "method": "cold", "instrument": "camera"} | other
    return [Run(device=device, run=n, value=value, **how) for n, value in enumerate(values, 1)]  # type: ignore[arg-type]


def say(statement: str = "Alpha is 14% below Beta", **other: object) -> Sentence:
    told = {"id": "one", "test": "boot", "device": "a", "against": ("b",), "side": Side.LOWER, "stated": 14.0}
    told |= {"unit": "%", "relation": "at_least", "statement": Words(statement, statement)}
    told |= other
    return Sentence(**{**told, "relation": Relation(str(told["relation"]))})  # type: ignore[arg-type]


def make(runs: list[Run], *sentences: Sentence, forbidden: str = "", **other: object) -> WhitePaper:
    def check(text: str) -> list[tuple[Words, Words]]:
        return [(Words("法", "the law"), Words("改", "mend it"))] if forbidden and forbidden in text else []

    names = {"a": Words("Alpha", "Alpha"), "b": Words("Beta", "Beta"), "c": Words("Gamma", "Gamma")}
    design = PaperDesign(Words("对比", "A comparison"), Words("实验室", "a lab"), names, sentences=sentences, **other)  # type: ignore[arg-type]
    return make_paper(design, LabSheet(tuple(runs), (), "0" * 64), check, NOW)


def list_reasons(paper: WhitePaper) -> list[Why]:
    return [each.why for held in paper.held for each in held.objections]


BOTH = [*measure("a", FAST), *measure("b", SLOW)]


def test_a_sentence_that_the_numbers_carry_is_printed() -> None:
    paper = make(BOTH, say(), say("Alpha beats Beta by over 1.5 s", stated=1.5, unit="s", relation="exceeds", id="two"))
    assert paper.refused == ()
    other, found, corrected = paper.carried[0].figures[0]
    assert (other, round(found.value or 0, 2), round(corrected, 5)) == ("b", 16.39, 0.00216)
    assert found.low is not None
    assert found.low >= 14


def test_a_device_reads_more_just_as_the_other_reads_less() -> None:
    turned = say("Beta is 14% above Alpha", device="b", against=("a",), side=Side.HIGHER)
    paper = make(BOTH, turned)
    assert paper.refused == ()
    assert round(paper.carried[0].figures[0][1].value or 0, 2) == 19.61


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        (say("Alpha is 19% below Beta", stated=19.0), Why.CONTRADICTED),
        (say("Alpha is 16.2% below Beta", stated=16.2), Why.TOO_WIDE),
        (say("Alpha is 14% above Beta", side=Side.HIGHER), Why.CONTRADICTED),
        (say("Alpha is 14% below Beta", relation="about"), Why.CONTRADICTED),
        (say(unit="ms"), Why.OTHER_UNIT),
        (say(test="shutdown"), Why.UNKNOWN),
        (say("Alpha is 14% below Gamma", against=("c",)), Why.UNKNOWN),
        (say("It is 14% below Beta"), Why.NAME),
        (say("Alpha is 30% below Beta"), Why.NUMBER),
        (say("Alpha is far below Beta"), Why.NUMBER),
        (say("Alpha is 14% below Beta, the law forbids"), Why.LAW),
    ],
)
def test_a_sentence_is_refused_for_its_reason(sentence: Sentence, reason: Why) -> None:
    paper = make(BOTH, sentence, forbidden="forbids")
    assert list_reasons(paper) == [reason]
    assert all(each.reason.zh and each.reason.en and each.mend.en for each in paper.held[0].objections)


def test_a_superlative_needs_every_device_of_the_test() -> None:
    runs = [*BOTH, *measure("c", SLOW)]
    fastest = {"stated": 0.0, "relation": "exceeds"}
    some = say("Alpha is the fastest, ahead of Beta", **fastest)
    every = say("Alpha is the fastest, ahead of Beta and Gamma", against=("b", "c"), id="two", **fastest)
    paper = make(runs, some, every)
    assert [[each.why for each in held.objections] for held in paper.held] == [[Why.SUPERLATIVE], []]
    with pytest.raises(BadInput, match="best"):
        make_paper(
            PaperDesign(Words("对比", "The best phone"), Words("甲", "A")), LabSheet((), (), ""), lambda _: (), NOW
        )


def test_few_runs_and_many_comparisons_are_told_apart() -> None:
    near = [*measure("a", FAST), *measure("b", [value + 0.05 for value in FAST])]
    below = say("Alpha is below Beta", stated=0.0, relation="exceeds")
    assert Why.NOT_SIGNIFICANT in list_reasons(make(near, below))
    three = [*measure("a", FAST[:3]), *measure("b", SLOW[:3])]
    assert list_reasons(make(three, below)) == [Why.TOO_FEW]
    # four runs each are enough alone (p 2/70), and not beside a second test
    four = [*measure("a", FAST[:4]), *measure("b", SLOW[:4])]
    assert list_reasons(make(four, below)) == []
    beside = [run for device, runs in (("a", FAST), ("b", SLOW)) for run in measure(device, runs[:4], test="shut")]
    assert list_reasons(make([*four, *beside], below)) == [Why.TOO_FEW]


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        ([*measure("a", FAST), *measure("b", SLOW, unit="ms")], "units s, ms are mixed"),
        ([*measure("a", FAST), *measure("b", SLOW, method="warm")], "methods differ (cold, warm)"),
        ([*measure("a", FAST), *measure("b", SLOW, instrument="eye")], "instruments differ (camera, eye)"),
        ([*measure("a", FAST), *measure("b", [12.0])], "one run only"),
        ([*measure("a", FAST), *measure("b", [12.0] * 6)], "read the same"),
    ],
)
def test_what_cannot_be_compared_gives_no_number_and_says_why(runs: list[Run], told: str) -> None:
    paper = make(runs, say())
    (test,) = paper.numbers.tests
    (pair,) = test.pairs
    assert (pair.contrast.difference.value, pair.contrast.ratio.value, pair.contrast.g.value) == (None, None, None)
    assert (pair.corrected, paper.numbers.comparisons) == (None, 0)
    assert Why.NO_FIGURE in list_reasons(paper) or Why.OTHER_UNIT in list_reasons(paper)
    (section,) = lay_out(paper, "en").sections
    assert any(told in note for note in section.notes)
    assert section.title == "boot: nothing can be compared"


def test_one_device_is_shown_and_not_compared() -> None:
    (section,) = lay_out(make(measure("a", FAST)), "zh").sections
    assert section.pairs is None
    assert "只测了一台设备，没有可比的对象。" in section.notes


def test_p_values_are_corrected_over_the_whole_paper() -> None:
    runs = [*BOTH, *measure("c", SLOW), *measure("a", FAST, test="shut"), *measure("b", SLOW, test="shut")]
    pairs = [pair for test in make(runs).numbers.tests for pair in test.pairs]
    assert [round(pair.corrected or 0, 5) for pair in pairs] == [
        round(4 * 2 / 924, 5),
        round(4 * 2 / 924, 5),
        1.0,
        round(4 * 2 / 924, 5),
    ]


def write_lab(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEAD, *rows])
    return path


def test_a_bad_row_is_told_by_row_field_and_mend_and_the_good_ones_are_kept(tmp_path: Path) -> None:
    good = ["a", "boot", "1", "10.5", "s", "cold", "camera"]
    bad = {
        "value": ["", "fast", "nan", "inf", "-1", "1_0", "1e300", "1e-300"],
        "run": ["", "0", "1.5", "-2", "²", "1"],
        "device": ["", "x" * 81],
        "unit": [""],
        "method": [" "],
        "instrument": [""],
    }
    rows = [good]
    for field, texts in bad.items():
        for text in texts:
            row = [*good[:2], str(len(rows) + 1), *good[3:]]
            row[HEAD.index(field)] = text
            rows.append(row)
    rows.append(["a", "boot", "99", "11.5", "s", "cold", "camera"])
    sheet = read_lab_file(write_lab(tmp_path / "lab.csv", rows))
    assert [run.value for run in sheet.runs] == [10.5, 11.5]
    fields = [field for field, texts in bad.items() for _ in texts]
    assert [(each.row, each.field) for each in sheet.refusals] == list(enumerate(fields, 2))
    assert all(str(each.mend) for each in sheet.refusals)
    assert sheet.refusals[13].reason == "given_twice"


def test_below_zero_is_allowed_where_the_design_says_so_and_other_files_are_read(tmp_path: Path) -> None:
    rows = [["a", "cold", "1", "-5.5", "°C", "probe", "k"], ["a", "boot", "1", "-5.5", "s", "probe", "k"]]
    path = write_lab(tmp_path / "lab.csv", rows)
    path.write_bytes(path.read_text("utf-8").encode("gb18030"))
    sheet = read_lab_file(path, frozenset({"cold"}))
    assert [(run.test, run.unit) for run in sheet.runs] == [("cold", "°C")]
    (tmp_path / "thin.csv").write_text("device,test,value,unit,method\na,b,1,s,m\n")
    with pytest.raises(BadInput, match="lacks the columns: run, instrument"):
        read_lab_file(tmp_path / "thin.csv")
    with pytest.raises(NotFound):
        read_lab_file(tmp_path / "none.csv")
    with pytest.raises(BadInput, match="No row of measurements"):
        make([])
    with pytest.raises(BadInput, match="2,016 comparisons"):
        make([run for device in range(64) for run in measure(f"d{device}", [1.0])])


def test_a_workbook_is_read_as_a_table_is(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (HEAD, ["a", "boot", 1, 10.5, "s", "cold", "camera"], ["a", "boot", 2, None, "s", "cold", "camera"]):
        book.active.append(row)
    book.save(tmp_path / "lab.xlsx")
    sheet = read_lab_file(tmp_path / "lab.xlsx")
    assert [(run.run, run.value) for run in sheet.runs] == [(1, 10.5)]
    assert [(each.row, each.field) for each in sheet.refusals] == [(2, "value")]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("lab: a lab", "labs: a lab", "labs"),
        ("says: lower", "says: faster", "'faster' is not known"),
        ("stated: 0", "stated: -3", "neither zero nor above"),
        ("stated: 0", "stated: .inf", "neither zero nor above"),
        ("against: b", "against: []", "names nobody"),
        ("against: b", "against: a", "against itself"),
        ("relation: exceeds", "relation: beats", "at_least, about, exceeds"),
        ("format: 1", "format: 2", "format"),
        ("format: 1", "format: 1\nsimulated: maybe", "neither true nor false"),
    ],
)
def test_what_is_wrong_with_a_design_is_told_by_line_and_field(before: str, after: str, told: str) -> None:
    assert parse_paper_design(DESIGN).sentences[0].against == ("b",)
    with pytest.raises(BadInput, match=re.escape(told)) as caught:
        parse_paper_design(DESIGN.replace(before, after))
    assert "line " in caught.value.message


def read_pdf(pdf: bytes, path: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.fail("pdftotext is missing: apt-get install poppler-utils")
    path.write_bytes(pdf)
    found = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    return re.sub(r"\s+", "", found.stdout.decode())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_and_pdf_say_the_same_and_never_trust_a_text(tmp_path: Path, language: str) -> None:
    hostile = '<script>x()</script> #eval("1") $x$'
    runs = [
        *BOTH,
        *measure("a", FAST, test="cool", instrument=hostile),
        *measure("b", SLOW, test="cool", instrument=hostile),
    ]
    layout = lay_out(make(runs, say(), is_simulated=True), language)
    page = render_html(layout)
    printed = read_pdf(render_pdf(layout, NOW), tmp_path / "read.pdf")
    assert "<script" not in page
    assert re.findall(r" (?:src|href|onload|onerror)=|url\(\"?http|@import", page) == []
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) > 2
    said = unescape(re.sub(r"<[^>]+>", " ", page))
    for text in (layout.title, layout.mark, layout.sentences[0][0], layout.sentences[0][1], *layout.facts):
        assert text in said
        assert re.sub(r"\s+", "", text) in printed
    assert hostile in said
    assert '#eval("1")' in printed
    for section in layout.sections:
        assert section.pairs is not None
        assert all(cell in said for row in section.pairs.rows for cell in row)


def test_the_same_paper_gives_the_same_bytes_and_is_whole_or_not_there(tmp_path: Path) -> None:
    paper = make(BOTH, say())
    layout = lay_out(paper, "zh")
    assert render_pdf(layout, NOW) == render_pdf(layout, NOW)
    with pytest.raises(BadInput, match=r"paper\.pdf"):
        write_paper(paper, "zh", tmp_path / "paper.docx")
    with pytest.raises(StorageFailure):
        write_paper(paper, "zh", tmp_path / "absent" / "paper.html")
    assert list(tmp_path.iterdir()) == []


def run(lab: Path, design: Path, out: Path, *more: str) -> Result:
    return CliRunner().invoke(command, [str(lab), "--design", str(design), "--out", str(out), *more])


def test_the_sample_of_the_docs_is_told_as_the_docs_tell_it(tmp_path: Path) -> None:
    done = run(SAMPLE / "lab.csv", SAMPLE / "paper.yaml", tmp_path / "p.html", "--lang", "en", "--json")
    told = parse_json(done.stdout)
    assert done.exit_code == 1
    assert told["simulated"] is True
    assert (told["rows"], told["comparisons"]) == (114, 8)
    assert [(each["row"], each["field"]) for each in told["refused_rows"]] == [
        (115, "run"),
        (116, "value"),
        (117, "value"),
    ]
    assert {each["id"]: [why["why"] for why in each["objections"]] for each in told["claims"]} == {
        "charge-a": [],
        "charge-both": [],
        "launch-b": ["not_significant", "too_wide"],
        "launch-a": ["contradicted"],
        "heat-b": ["no_figure"],
        "drop-a": ["too_few_runs"],
        "fastest": ["law", "superlative"],
    }
    page = (tmp_path / "p.html").read_text("utf-8")
    assert "Simulated data: nothing was measured" in page
    assert "fastest camera" not in page
    shown = run(SAMPLE / "lab.csv", SAMPLE / "paper.yaml", tmp_path / "p.html").stdout
    assert "row 116, value: ''. Fill it in" in shown
    assert "not printed · The camera of Star One starts before that of Phone B" in shown


def test_the_law_is_asked_of_every_sentence_and_title(tmp_path: Path) -> None:
    lab = write_lab(
        tmp_path / "lab.csv", [[run.device, "boot", str(run.run), str(run.value), "s", "m", "i"] for run in BOTH]
    )
    design = tmp_path / "paper.yaml"
    design.write_text(DESIGN, "utf-8")
    assert run(lab, design, tmp_path / "p.html").exit_code == 0
    design.write_text(DESIGN.replace("Alpha beats Beta", "Alpha 吊打友商 Beta"), "utf-8")
    done = run(lab, design, tmp_path / "p.html", "--json")
    assert [each["why"] for each in parse_json(done.stdout)["claims"][0]["objections"]] == ["law"]
    design.write_text(DESIGN.replace("zh: 对比", "zh: 国家级对比"), "utf-8")
    done = run(lab, design, tmp_path / "q.html")
    assert isinstance(done.exception, BadInput)
    assert "国家级" in done.exception.message
    assert not (tmp_path / "q.html").exists()
