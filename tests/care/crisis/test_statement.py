"""What may be said in a statement, how programs read it, and which files it may carry."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from PIL import Image

from canyu.care.crisis.attachments import MOST_BYTES, MOST_UNPACKED, check_attachment
from canyu.care.crisis.claim_review import dump_for_page, make_claim_review
from canyu.care.crisis.statement import (
    Attachment,
    Custody,
    Statement,
    Verdict,
    check_slug,
    describe_statement,
    digest_statement,
    make_statement,
    parse_custody,
    read_statement,
)
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words

AT = datetime(2026, 3, 4, 2, tzinfo=UTC)
FILE = Attachment("report.pdf", "application/pdf", 12, "a" * 64)
SOUND = Statement(
    Words("关于“漏氟”的说明", "On the claim of a leak"),
    Words("新空调用半年就漏氟", "The new air conditioner leaks within half a year"),
    Words("送检三台，均未检出泄漏。", "Three machines were tested; none leaks."),
    Verdict.FALSE,
    "某某电器",
    "李工",
    "质量总监",
    "微博",
    date(2026, 3, 1),
    ("https://example.com/post/1",),
    ("weibo:1",),
    "国家检测中心",
    "J-2026-031",
    date(2026, 3, 3),
    (Custody(AT, "杭州门店", "张工", "封样"), Custody(AT, "检测中心", "王工", "收样")),
    (FILE,),
)


def test_a_sound_statement_is_read_back_as_it_was_written() -> None:
    kept = json.loads(dump_json(describe_statement(make_statement(SOUND))))
    assert read_statement(kept) == SOUND
    assert digest_statement(read_statement(kept)) == digest_statement(SOUND)


@pytest.mark.parametrize(
    "changed",
    [
        {"findings": Words("送检四台，均未检出泄漏。", SOUND.findings.en)},
        {"report_number": "J-2026-032"},
        {"attachments": (replace(FILE, sha256="b" * 64),)},
        {"custody": SOUND.custody[:1]},
        {"signatory": "王工"},
    ],
)
def test_the_digest_changes_with_whatever_a_statement_says(changed: dict[str, object]) -> None:
    assert digest_statement(replace(SOUND, **changed)) != digest_statement(SOUND)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"title": Words("", "On the leak")}, "The title is missing"),
        ({"claim": Words(" ", "")}, "The claim that is answered is missing"),
        ({"findings": Words("字" * 8001, "")}, "longer than 8000"),
        ({"publisher": ""}, "The publisher is missing"),
        ({"signatory": " "}, "The signatory is missing"),
        ({"report_number": "", "laboratory": "", "attachments": ()}, "Nothing shows that the claim is as you say"),
        ({"laboratory": ""}, "A report has a number and somebody who issued it"),
        ({"report_number": ""}, "A report has a number and somebody who issued it"),
        ({"urls": ("javascript:alert(1)",)}, "is no address of a page"),
        ({"urls": ('https://a.example/"><script>',)}, "is no address of a page"),
        ({"urls": ("https://[oops",)}, "is no address of a page"),
        ({"urls": ("https:///no-host",)}, "is no address of a page"),
        ({"custody": (replace(SOUND.custody[0], at=AT.replace(year=2027)), SOUND.custody[1])}, "early to late"),
        ({"posts": ("weibo:1", "weibo:1")}, "the same one twice"),
        ({"attachments": (FILE,) * 2}, "the same one twice"),
        ({"verdict": Verdict.WITHDRAWN}, "Why it replaces the version before is missing"),
    ],
)
def test_a_statement_that_is_not_sound_is_refused_with_its_mend(changed: dict[str, object], told: str) -> None:
    with pytest.raises(BadInput, match=told) as refused:
        make_statement(replace(SOUND, **changed))
    assert refused.value.mend


def test_what_is_not_proven_needs_no_evidence_and_english_may_be_missing() -> None:
    plain = replace(SOUND, verdict=Verdict.UNPROVEN, report_number="", laboratory="", attachments=())
    bare = replace(plain, title=Words("说明", ""), claim=Words("漏氟", ""), findings=Words("正在检测", ""))
    assert make_statement(bare) == bare


def test_a_version_that_replaces_one_says_why() -> None:
    with pytest.raises(BadInput, match="Why it replaces"):
        make_statement(SOUND, replaces=True)
    told = replace(SOUND, correction=Words("补充第四台的结果。", ""))
    assert make_statement(told, replaces=True) == told


@pytest.mark.parametrize("slug", ["", "ab", "-abc", "abc-", "a--b", "Abc", "漏氟", "a" * 61, "a/b", "a.b"])
def test_an_address_is_small_letters_and_hyphens(slug: str) -> None:
    with pytest.raises(BadInput, match="cannot be an address"):
        check_slug(slug)


def test_a_custody_record_names_the_line_that_cannot_be_read() -> None:
    read = {"9:30": AT, "10:00": AT}.get
    assert [step.who for step in parse_custody("9:30 | 门店 | 张工 | 封样\n\n10:00｜检测中心｜王工｜收样", read)] == [
        "张工",
        "王工",
    ]
    for bad in ("later | 门店 | 张工 | 封样", "9:30 | 门店 | 张工", "9:30 | | 张工 | 封样"):
        with pytest.raises(BadInput, match="Line 2 of the custody record"):
            parse_custody(f"9:30 | 门店 | 张工 | 封样\n{bad}", read)


def test_programs_read_what_the_page_says() -> None:
    found = make_claim_review(SOUND, "https://brand.example/statements/no-leak/", AT, "en")
    assert found == {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": "https://brand.example/statements/no-leak/",
        "inLanguage": "en",
        "datePublished": "2026-03-04",
        "claimReviewed": "The new air conditioner leaks within half a year",
        "author": {"@type": "Organization", "name": "某某电器"},
        "reviewRating": {
            "@type": "Rating", "alternateName": "false", "ratingValue": 1, "bestRating": 5, "worstRating": 1
        },
        "itemReviewed": {
            "@type": "Claim",
            "author": {"@type": "Organization", "name": "微博"},
            "datePublished": "2026-03-01",
            "appearance": [{"@type": "CreativeWork", "url": "https://example.com/post/1"}],
        },
    }  # fmt: skip


def test_what_is_not_proven_has_a_name_and_no_number_and_a_withdrawn_one_judges_nothing() -> None:
    unproven = make_claim_review(replace(SOUND, verdict=Verdict.UNPROVEN), "https://x.example/", AT, "zh-hans")
    assert unproven is not None
    assert unproven["reviewRating"] == {"@type": "Rating", "alternateName": "尚未证实"}
    assert unproven["claimReviewed"] == "新空调用半年就漏氟"
    assert make_claim_review(replace(SOUND, verdict=Verdict.WITHDRAWN), "https://x.example/", AT, "en") is None


def test_no_text_ends_the_element_that_holds_the_data() -> None:
    hostile = "</script><script>alert(1)</script><!-- & \u2028"
    written = dump_for_page({"claimReviewed": hostile})
    assert not set("<>&\u2028") & set(written)
    assert json.loads(written) == {"claimReviewed": hostile}


def make_pdf(*objects: bytes) -> bytes:
    body = b"%PDF-1.7\n" + b"".join(b"%d 0 obj\n%b\nendobj\n" % (n, each) for n, each in enumerate(objects, 1))
    return body + b"trailer << /Root 1 0 R >>\n%%EOF\n"


def pack(data: bytes, extra: bytes = b"/Filter /FlateDecode") -> bytes:
    packed = zlib.compress(data, 1)
    return b"<< /Type /ObjStm /N 1 /First 4 " + extra + b" >>\nstream\n" + packed + b"\nendstream"


CATALOGUE = b"<< /Type /Catalog /OpenAction [3 0 R /Fit] >>"


def make_picture(kind: str) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(stream, kind)
    return stream.getvalue()


def test_a_file_is_told_by_its_bytes_and_named_after_them() -> None:
    for data, kind, ending in (
        (make_pdf(CATALOGUE, pack(b"1 0 << /Type /Page >>")), "application/pdf", ".pdf"),
        (make_picture("PNG"), "image/png", ".png"),
        (make_picture("JPEG"), "image/jpeg", ".jpg"),
    ):
        found = check_attachment("..\\a/检测 报告.html", data)
        assert found == Attachment(f"检测-报告{ending}", kind, len(data), hashlib.sha256(data).hexdigest())


def make_zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.pdf", b"0" * 1000)
    return stream.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-" + b"0" * MOST_BYTES,
        b"<html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"MZ\x90\x00",
        make_zip(),
        b"GIF89a" + b"\0" * 20,
        make_pdf(CATALOGUE)[:-8],
        make_pdf(CATALOGUE) + make_zip(),
        make_pdf(CATALOGUE, b"(<script>alert(1)</script>)"),
        make_pdf(b"<< /S /JavaScript /JS (app.alert(1)) >>"),
        make_pdf(b"<< /S /J#61vaScript /JS (app.alert(1)) >>"),
        make_pdf(b"<< /S /Launch /F (cmd.exe) >>"),
        make_pdf(b"<< /Type /EmbeddedFile >>"),
        make_pdf(b"<< /XFA [1 0 R] >>"),
        make_pdf(b"<< /Encrypt 5 0 R >>"),
        make_pdf(CATALOGUE, pack(b"1 0 << /S /JavaScript >>")),
        make_pdf(CATALOGUE, pack(b"1 0 << /S /J#61vaScript >>")),
        make_pdf(CATALOGUE, pack(b"1 0 << /S /JavaScript >>", b"/Filter [/ASCIIHexDecode /FlateDecode]")),
        make_pdf(CATALOGUE, pack(b"1 0 << /S /JavaScript >>", b"/Filter 9 0 R")),
        make_pdf(CATALOGUE, b"<< /Type /ObjStm >>\nstream\n1 0 << /S /Launch >>\nendstream"),
        make_pdf(CATALOGUE, b"<< /Type /ObjStm /Filter /FlateDecode >>\nstream\nno zlib\nendstream"),
        make_picture("PNG")[:60],
        make_picture("JPEG") + b"<script>alert(1)</script>",
        make_picture("PNG") + make_zip(),
        make_picture("JPEG") + make_pdf(CATALOGUE),
    ],
)
def test_what_runs_unpacks_or_is_two_kinds_at_once_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        check_attachment("report.pdf", data)
    assert refused.value.mend


def test_a_pdf_that_unpacks_to_thousands_of_times_its_size_is_refused_unread() -> None:
    bomb = make_pdf(CATALOGUE, pack(b" " * (MOST_UNPACKED + 1)))
    assert len(bomb) < 100_000
    with pytest.raises(BadInput, match="unpacks to more than it should"):
        check_attachment("report.pdf", bomb)


def test_actions_cannot_hide_behind_the_word_that_ends_a_part() -> None:
    shown, hidden = b"1 0 endstream ", b"<< /S /Launch >> " * 9
    plain, packer = zlib.compressobj(0, wbits=-15), zlib.compressobj(9, wbits=-15)
    packed = b"\x78\x01" + plain.compress(shown) + plain.flush(zlib.Z_SYNC_FLUSH) + packer.compress(hidden)
    packed += packer.flush() + zlib.adler32(shown + hidden).to_bytes(4)
    assert b"endstream" in packed
    assert b"/Launch" not in packed
    part = b"<< /Type /ObjStm /Filter /FlateDecode >>\nstream\n" + packed + b"\nendstream"
    with pytest.raises(BadInput, match="a script, a file or an action"):
        check_attachment("report.pdf", make_pdf(CATALOGUE, part))
