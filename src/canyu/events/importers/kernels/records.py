"""Where the records and fields of delimited text end, by RFC 4180 and with a way back after a broken quote."""

from __future__ import annotations

from typing import Any

import numba

NEWLINE, RETURN, QUOTE = 10, 13, 34

GOOD, RAGGED, STRAY_QUOTE, UNCLOSED_QUOTE, TOO_LONG = 0, 1, 2, 3, 4
"""What became of a record. A broken one ends at the end of its physical line."""

SHORT = 32
"""Fields below it are copied byte by byte: cheaper than setting up a copy of a slice."""

COSTLY_BYTES = 1 << 16
MOST_COSTLY = 64
"""A broken record that was scanned this far is read again from its second line: so many per call, no more."""


@numba.njit(cache=True, nogil=True)
def _end_line(text: Any, at: int) -> int:
    """Return the place of the line break at or after ``at``, or the length where there is none."""
    while at < text.size and text[at] != NEWLINE and text[at] != RETURN:
        at += 1
    return at


@numba.njit(cache=True, nogil=True)
def _skip_break(text: Any, at: int) -> int:
    if at < text.size and text[at] == RETURN:
        at += 1
        if at < text.size and text[at] == NEWLINE:
            at += 1
        return at
    return at + 1


@numba.njit(cache=True, nogil=True)
def _scan_quoted(text: Any, at: int, delimiter: int, stop: int) -> tuple[int, bool, int]:
    """Scan a quoted field that opens at ``at``; return the place after its closing quote, escapes, and a verdict.

    The verdict is GOOD, STRAY_QUOTE (text after the closing quote) or UNCLOSED_QUOTE (not closed before ``stop``).
    """
    escaped = False
    at += 1
    while at < stop:
        if text[at] != QUOTE:
            at += 1
        elif at + 1 < stop and text[at + 1] == QUOTE:
            escaped = True
            at += 2
        else:
            after = at + 1
            if after == stop or text[after] == delimiter or text[after] == NEWLINE or text[after] == RETURN:
                return after, escaped, GOOD
            return after, escaped, STRAY_QUOTE
    return at, escaped, UNCLOSED_QUOTE


@numba.njit(cache=True, nogil=True)
def scan_records(
    text: Any, delimiter: int, is_last: bool, longest: int, starts: Any, ends: Any, marks: Any, records: Any
) -> tuple[int, int, bool]:
    """Find records and fields in ``text`` (uint8); return records found, bytes used up, and whether it gave up.

    ``starts``, ``ends``, ``marks`` (per field; mark 1: holds doubled quotes) and ``records`` (per record: first
    field, fields, first byte, byte after, verdict) are filled. The rest after the bytes used up is a record that is
    not complete yet. Blank lines are passed over. It gives up after ``MOST_COSTLY`` broken records that reach far.
    """
    found = fields = at = costly = 0
    while at < text.size:
        if text[at] == NEWLINE or text[at] == RETURN:
            at = _skip_break(text, at)
            continue
        begin, first, verdict = at, fields, GOOD
        stop = min(text.size, begin + longest + 1)
        while True:
            starts[fields], marks[fields] = at, 0
            if at < text.size and text[at] == QUOTE:
                after, escaped, verdict = _scan_quoted(text, at, delimiter, stop)
                starts[fields], ends[fields] = at + 1, after - 1
                marks[fields] = 1 if escaped else 0
                at = after
            else:
                while at < stop and text[at] != delimiter and text[at] != NEWLINE and text[at] != RETURN:
                    at += 1
                ends[fields] = at
            fields += 1
            if verdict != GOOD or at >= stop or text[at] != delimiter:
                break
            at += 1
        is_cut = at >= stop and (stop < text.size or not is_last)
        if is_cut and stop == text.size:
            return found, begin, False  # complete it with the next piece
        if at - begin > longest and verdict == GOOD:
            verdict = TOO_LONG
        if verdict != GOOD:
            costly += at - begin > COSTLY_BYTES
            at, fields = _end_line(text, begin), first
            if costly > MOST_COSTLY or (at == text.size and not is_last):
                return found, begin, costly > MOST_COSTLY
        records[found, 0], records[found, 1] = first, fields - first
        records[found, 2], records[found, 3], records[found, 4] = begin, at, verdict
        found += 1
        at = _skip_break(text, at)
    return found, min(at, text.size), False


@numba.njit(cache=True, nogil=True)
def measure_fields(starts: Any, ends: Any, marks: Any, text: Any, rows: Any, offsets: Any) -> int:
    """Write where each of the fields ``rows`` begins in a column's bytes to ``offsets``; return the column's size."""
    size = 0
    for row in range(rows.size):
        field = rows[row]
        offsets[row] = size
        size += ends[field] - starts[field]
        if marks[field]:
            at = starts[field]
            while at < ends[field]:
                if text[at] == QUOTE:
                    size -= 1
                    at += 1
                at += 1
    offsets[rows.size] = size
    return size


@numba.njit(cache=True, nogil=True)
def copy_fields(starts: Any, ends: Any, marks: Any, text: Any, rows: Any, out: Any) -> None:
    """Copy the fields ``rows`` one after the other into ``out``, doubled quotes made single."""
    put = 0
    for field in rows:
        at, end = starts[field], ends[field]
        if marks[field]:
            while at < end:
                out[put] = text[at]
                put += 1
                at += 2 if text[at] == QUOTE else 1
        elif end - at < SHORT:
            while at < end:
                out[put] = text[at]
                put += 1
                at += 1
        else:
            out[put : put + end - at] = text[at:end]
            put += end - at


@numba.njit(cache=True, nogil=True)
def count_marks(text: Any, delimiter: int) -> tuple[int, int]:
    """Return upper bounds of the fields and of the records in ``text``."""
    delimiters = lines = 0
    for letter in text:
        delimiters += letter == delimiter
        lines += (letter == NEWLINE) | (letter == RETURN)
    return delimiters + lines + 1, lines + 1
