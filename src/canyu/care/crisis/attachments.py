"""The gate for files of statements: told by their first bytes, kept as they came, for their hash is the evidence.

A file that could run something, unpack something or be two kinds at once is refused, not cleaned: a cleaned report is
not the report that the laboratory signed.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib

from canyu.care.crisis.statement import Attachment
from canyu.kit.errors import BadInput
from canyu.kit.images import ACTIVE, Limits, open_image
from canyu.kit.words import Words

MOST_BYTES = 20 << 20
MOST_UNPACKED = 16 << 20
"""Bytes that the packed objects of one PDF may hold; a bomb holds thousands of times its size."""
MOST_STREAMS = 20_000
MOST_NAME = 100
PICTURES = Limits(MOST_BYTES, 60_000_000, 200)
KINDS = {
    "application/pdf": (b"%PDF-", ".pdf"),
    "image/png": (b"\x89PNG\r\n\x1a\n", ".png"),
    "image/jpeg": (b"\xff\xd8\xff", ".jpg"),
}
ACCEPTED = "application/pdf,image/png,image/jpeg"
"""What a page's file field offers."""
RUNS = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|SubmitForm|ImportData)\b|/XFA\s*[\[\d]")
"""What a PDF does by itself, or carries inside (ISO 32000-2, 12.6 and 7.11); long enough that compressed bytes hold
none by chance."""
_NAME_CODE = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_FILTER = re.compile(rb"/Filter\s*\[?\s*/FlateDecode\s*[\]/>]")
HEAD_BYTES = 2_000
CHUNK_BYTES = 1 << 16


def check_attachment(name: str, data: bytes) -> Attachment:
    """Return a file's entry, its kind told by its bytes, named as it may be saved. Raises BadInput with the mend."""
    if not data or len(data) > MOST_BYTES:
        raise BadInput(
            Words(f"文件是空的，或超过 {MOST_BYTES >> 20} MB。", f"The file is empty, or over {MOST_BYTES >> 20} MB."),
            mend=Words("请压缩后再上传，或分成几份。", "Make it smaller, or send it in parts."),
        )
    kind = next((kind for kind, (magic, _) in KINDS.items() if data.startswith(magic)), None)
    if kind is None:
        raise BadInput(
            Words("这不是 PDF、PNG 或 JPEG 文件。", "The file is no PDF, PNG or JPEG."),
            mend=Words("请导出成 PDF 或图片再上传。", "Save it as PDF or as a picture, then send that."),
        )
    if kind == "application/pdf":
        _check_pdf(data)
    else:
        open_image(data, PICTURES)  # decoded once: what it holds is pixels, few enough, and nothing behind them
    return Attachment(make_name(name, KINDS[kind][1]), kind, len(data), hashlib.sha256(data).hexdigest())


def make_name(name: str, ending: str) -> str:
    """Return a name that any disk and any header takes, with the ending of its kind.

    >>> make_name("../检测 报告?.PDF.exe", ".pdf")
    '检测-报告-.PDF.pdf'
    """
    base = re.split(r"[\\/]", name)[-1]
    stem = base.rpartition(".")[0] if "." in base else base
    plain = re.sub(r"[^\w.()-]+", "-", stem).strip(".") or "file"
    return plain[: MOST_NAME - len(ending)] + ending


def _check_pdf(data: bytes) -> None:
    if zipfile.is_zipfile(io.BytesIO(data)) or b"%%EOF" not in data[-2048:]:
        raise _refuse_pdf(Words("文件不完整，或不只是 PDF。", "The file is cut off, or is more than a PDF."))
    without = data.replace(b"%PDF-", b"")  # the sign of a PDF is no sign of a second kind here
    if ACTIVE.search(without) or RUNS.search(_read_names(data)):
        raise _refuse_pdf(Words("PDF 里有脚本、附件或自动动作。", "The PDF holds a script, a file or an action."))
    if b"/Encrypt" in data:
        raise _refuse_pdf(Words("PDF 加了密，公众打不开。", "The PDF is locked: the public cannot read it."))
    _check_packed(data)


def _check_packed(data: bytes) -> None:
    """Look into the objects that a PDF holds packed, where an action may hide."""
    room = MOST_UNPACKED
    for number, found in enumerate(_STREAM.finditer(data)):
        if number > MOST_STREAMS:
            raise _refuse_pdf(Words("PDF 的部件多得不寻常。", "The PDF has more parts than any report."))
        head = data[max(found.start() - HEAD_BYTES, 0) : found.start()].rpartition(b" obj")[2]
        head = _read_names(head)
        if b"/ObjStm" not in head:
            continue
        if b"/Filter" in head and not _FILTER.search(head):
            raise _refuse_pdf(Words("PDF 的打包方式不寻常。", "The PDF packs its objects in an unusual way."))
        packed = memoryview(data)[found.end() :]
        unpacked = _unpack(packed, room) if b"/Filter" in head else bytes(packed[:room]).partition(b"endstream")[0]
        room -= len(unpacked)
        if RUNS.search(_read_names(unpacked)):
            raise _refuse_pdf(Words("PDF 里有脚本、附件或自动动作。", "The PDF holds a script, a file or an action."))


def _unpack(packed: memoryview, room: int) -> bytes:
    """Return what the packed bytes hold up to their own end; more than ``room`` is a bomb."""
    machine, parts, size = zlib.decompressobj(), [], 0
    try:
        for start in range(0, len(packed), CHUNK_BYTES):
            parts.append(machine.decompress(packed[start : start + CHUNK_BYTES], room - size + 1))
            size += len(parts[-1])
            if machine.eof or size > room:
                break
    except zlib.error as error:
        raise _refuse_pdf(Words("PDF 已损坏。", "The PDF is damaged.")) from error
    if size > room:
        raise _refuse_pdf(Words("PDF 展开后太大。", "The PDF unpacks to more than it should."))
    return b"".join(parts)


def _read_names(data: bytes) -> bytes:
    """Return bytes of a PDF with the letters of its names that were written as numbers (``/J#53``) as letters."""
    return _NAME_CODE.sub(lambda found: bytes((int(found[1], 16),)), data)


def _refuse_pdf(words: Words) -> BadInput:
    return BadInput(
        words,
        mend=Words(
            "请在阅读器里“打印为 PDF”后再上传，并以新文件的哈希为准。",
            "Print it to a new PDF in a reader and send that one; its hash counts then.",
        ),
    )
