"""The bytes of a text file as clean UTF-8: the encoding is found out, NUL bytes are taken away and counted."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from canyu.events.importers.block import Notes
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

PIECE_BYTES = 8 << 20
SAMPLE_BYTES = 1 << 20
NUL_NOTE = Words("已去掉 NUL 字节。", "NUL bytes were taken out.")
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def detect_encoding(path: Path) -> str:
    """Return ``utf-8``, ``gb18030``, ``utf-16-le`` or ``utf-16-be``, judged by the file's head, middle and tail."""
    head, *others = _read_samples(path)
    for mark, name in BOMS:
        if head.startswith(mark):
            return name
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) // 8 and max(even, odd) > 4 * min(even, odd):  # ASCII in UTF-16 has a NUL per letter
        return "utf-16-be" if even > odd else "utf-16-le"
    samples = [head, *others]
    errors = {name: sum(_count_errors(sample, name) for sample in samples) for name in ("utf-8", "gb18030")}
    return min(errors, key=lambda name: errors[name])  # of equals, the first: utf-8


def read_pieces(path: Path, encoding: str, notes: Notes) -> Iterator[bytes]:
    """Yield the file as UTF-8 without byte order mark or NUL, in pieces of some megabytes.

    What does not decode stays in the bytes as something that is not UTF-8, so that its row, and only it, is refused.
    """
    decoder = None if encoding == "utf-8" else _open_decoder(encoding)
    size = max(1, path.stat().st_size)
    with path.open("rb") as file:
        is_first = True
        while True:
            piece = file.read(PIECE_BYTES)
            notes.share = min(1.0, file.tell() / size)
            is_last = not piece
            if is_first:
                piece = _drop_mark(piece)
                is_first = False
            if decoder is not None:
                piece = decoder.decode(piece, is_last).encode("utf-8", "surrogatepass")
            nuls = piece.count(0)
            if nuls:
                notes.add(NUL_NOTE, nuls)
                piece = piece.translate(None, b"\0")  # a third of the time of replace()
            if piece:
                yield piece
            if is_last:
                return


def _open_decoder(encoding: str) -> codecs.IncrementalDecoder:
    try:
        return codecs.getincrementaldecoder(encoding)("surrogatepass" if "16" in encoding else "surrogateescape")
    except LookupError as error:
        raise BadInput(
            Words(f"没有“{encoding}”这种编码。", f"There is no encoding “{encoding}”."),
            mend=Words("用 utf-8、gb18030、utf-16-le 或 utf-16-be。", "Use utf-8, gb18030, utf-16-le or utf-16-be."),
        ) from error


def _drop_mark(piece: bytes) -> bytes:
    for mark, _ in BOMS:
        if piece.startswith(mark):
            return piece[len(mark) :]
    return piece


def _read_samples(path: Path) -> list[bytes]:
    size = path.stat().st_size
    places = [0] if size <= SAMPLE_BYTES else [0, size // 4 * 2, max(0, (size - SAMPLE_BYTES) // 2 * 2)]
    samples = []
    with path.open("rb") as file:
        for place in places:
            file.seek(place)
            samples.append(file.read(SAMPLE_BYTES))
    return samples


def _count_errors(sample: bytes, encoding: str) -> int:
    """Return how many letters do not decode, not counting one that is cut at either edge of the sample."""
    if encoding == "utf-8":
        sample = sample[:4].lstrip(bytes(range(0x80, 0xC0))) + sample[4:]
    return codecs.getincrementaldecoder(encoding)("replace").decode(sample).count("\ufffd")
