"""The report as a file: it needs nothing else, says the same in every form, and never trusts a text."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pytest
import typst
from click.testing import CliRunner

import canyu
from canyu.commands.report import command
from canyu.kit.errors import BadInput, StorageFailure, Unsupported
from canyu.kit.jsonio import parse_json
from canyu.kit.words import Words
from canyu.measure import OverviewQuery, Subject, compute_overview, render_html, render_pdf, write_report
from canyu.measure.report import fonts
from canyu.measure.report.saying import say_value

MADE = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
LABELS = {"xiaomi": Words("小米", "Xiaomi"), "byd": Words("比亚迪", "BYD")}
FETCHING = {"script", "link", "img", "iframe", "object", "embed", "image", "use", "audio", "video", "form", "base"}


class Page(HTMLParser):
    """What a page would load, and the tags it has."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [name for name, _ in attrs if name in {"src", "href", "srcset", "action", "data", "style"}]
        self.loads += [name for name, _ in attrs if name.startswith("on")]


def make_subject(lake: canyu.Lake, query: OverviewQuery, language: str = "zh") -> Subject:
    return Subject(compute_overview(lake, query, LABELS), language, LABELS["xiaomi"], MADE)


def read_pdf(pdf: bytes, tmp_path: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.fail("pdftotext is missing: apt-get install poppler-utils")
    path = tmp_path / "read.pdf"
    path.write_bytes(pdf)
    found = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    return re.sub(r"\s+", "", found.stdout.decode())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_loads_nothing_and_runs_nothing(told_lake: canyu.Lake, query: OverviewQuery, language: str) -> None:
    text = render_html(make_subject(told_lake, query, language))
    page = Page()
    page.feed(text)
    assert page.loads == []
    assert FETCHING & set(page.tags) == set()
    assert re.findall(r"url\(|@import|@font-face", text) == []
    assert "default-src 'none'" in text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_pdf_and_overview_say_the_same_values(
    told_lake: canyu.Lake, query: OverviewQuery, tmp_path: Path, language: str
) -> None:
    subject = make_subject(told_lake, query, language)
    page = unescape(re.sub(r"<[^>]+>", " ", render_html(subject)))
    printed = read_pdf(render_pdf(subject), tmp_path)
    for figure in subject.overview.figures:
        value = say_value(figure, language)
        assert value in page
        assert value.replace(" ", "") in printed
    for picture in subject.overview.pictures:
        assert picture.title.say(language) in page
        assert picture.title.say(language).replace(" ", "") in printed


def test_the_chinese_pdf_can_be_read_as_text(told_lake: canyu.Lake, query: OverviewQuery, tmp_path: Path) -> None:
    text = read_pdf(render_pdf(make_subject(told_lake, query)), tmp_path)
    assert "口碑概览·小米" in text
    assert "2025年4月1日至2025年4月7日" in text
    assert "12条" in text


def test_the_same_overview_gives_the_same_bytes(told_lake: canyu.Lake, query: OverviewQuery) -> None:
    subject = make_subject(told_lake, query)
    assert render_html(subject) == render_html(subject)
    assert render_pdf(subject) == render_pdf(subject)


def test_a_hostile_post_stays_text_everywhere(told_lake: canyu.Lake, query: OverviewQuery, tmp_path: Path) -> None:
    hostile = '</td><script>x()</script><img src=x onerror=x()> #eval("1") $x$ \x1b[31m'
    event = canyu.Event("evil", "post", MADE.replace(year=2025, month=4, day=3), MADE, "test", text=hostile)
    told_lake.append(canyu.events.build_event_table([event]))
    rows = [{"event_id": "evil", "brands": ["xiaomi"], "links": [], "total": 999, "time": event.time}]
    counts = {"reposts": 999, "comments": 0, "likes": 0, "model_version": "2026-02/cat1"}
    schema = canyu.events.TABLES["engagement"].schema
    told_lake.write_derived("engagement", pa.Table.from_pylist([{**rows[0], **counts}], schema=schema))
    subject = make_subject(told_lake, query)
    page = Page()
    page.feed(render_html(subject))
    assert FETCHING & set(page.tags) == set()
    assert page.loads == []
    assert "<script>x()</script>" in read_pdf(render_pdf(subject), tmp_path)


def test_a_rehearsal_is_marked_in_every_form(told_lake: canyu.Lake, query: OverviewQuery, tmp_path: Path) -> None:
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    event = canyu.Event("sim", "view", moment, moment, "rehearsal", object="page")
    told_lake.append(canyu.events.build_event_table([event]))
    subject = make_subject(told_lake, query)
    assert "含模拟数据（演练）" in render_html(subject)
    assert "含模拟数据（演练）" in read_pdf(render_pdf(subject), tmp_path)


def test_every_figure_opens_to_its_proof_without_script(told_lake: canyu.Lake, query: OverviewQuery) -> None:
    subject = make_subject(told_lake, query, "en")
    text = render_html(subject)
    assert text.count('<details class="proof">') == len(subject.overview.figures) + len(subject.overview.pictures)
    assert text.count("FROM &quot;mentions&quot; AS &quot;t0&quot;") >= 4


def test_without_a_chinese_font_the_pdf_is_refused_with_the_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "FAMILIES", ("No Such Font",))
    fonts.find_fonts.cache_clear()
    with pytest.raises(Unsupported, match="fonts-noto-cjk"):
        fonts.find_fonts()
    fonts.find_fonts.cache_clear()
    monkeypatch.undo()
    family, folders = fonts.find_fonts()
    assert family in typst.Fonts(font_paths=list(folders)).families()


def test_another_ending_is_refused_and_nothing_is_written(
    told_lake: canyu.Lake, query: OverviewQuery, tmp_path: Path
) -> None:
    subject = make_subject(told_lake, query)
    with pytest.raises(BadInput, match=r"report\.html or report\.pdf"):
        write_report(subject, tmp_path / "report.docx")
    with pytest.raises(StorageFailure, match="could not be written"):
        write_report(subject, tmp_path / "absent" / "report.html")
    assert list(tmp_path.glob("*report*")) == []


def test_the_command_writes_the_file_and_one_line(told_lake: canyu.Lake, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    given = ["--lake", told_lake.path, "--from", "2025-04-01", "--to", "2025-04-07", "--out", str(out), "--json"]
    done = CliRunner().invoke(command, given, catch_exceptions=False)
    figures = parse_json(done.stdout)["figures"]
    assert done.exit_code == 0
    assert figures == {
        "volume": 12,
        "net_sentiment": 0.0,
        "share_of_voice": 75.0,
        "board_minutes": 105,
        "engagement": 100,
    }
    assert "口碑概览 · 小米" in out.read_text("utf-8")


def test_the_command_speaks_english_and_needs_a_true_period(told_lake: canyu.Lake, tmp_path: Path) -> None:
    base = ["--lake", told_lake.path, "--from", "2025-04-01", "--out", str(tmp_path / "r.html"), "--lang", "en"]
    done = CliRunner().invoke(command, [*base, "--to", "2025-04-07"], catch_exceptions=False)
    assert done.stdout.splitlines()[0] == "Volume: 12 posts  +140%  12 without copies"
    with pytest.raises(BadInput, match="Exchange the two days"):
        CliRunner().invoke(command, [*base, "--to", "2025-03-07"], catch_exceptions=False)
