"""Draws posters: what all posters of a design have in common once, each person's part on a copy of it.

A poster is a picture of 256 colours: a third of the bytes of one in full colour, and a fifth of the time to write it
(2026-11: 370 KB in 20 ms against 1.2 MB in 100 ms). Colour numbers: sixteen steps from white to ink, with which names
and QR codes are drawn; steps between the other flat colours; the product picture's own; 64 for the person's photo.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache

import segno
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageOps

from canyu.kit.images import write_png
from canyu.kit.words import Words
from canyu.ops.campaigns.posters.errors import LinkTooLong
from canyu.ops.campaigns.posters.fonts import keep_written
from canyu.ops.campaigns.posters.layouts import HEIGHT, LAYOUTS, WIDTH, Layout, Line, Tone, mirror
from canyu.ops.campaigns.posters.rules import ACCENTS, INK, PAPER, WHITE, Align, Colour, Side, clean_name
from canyu.ops.campaigns.posters.typesetting import draw_fixed_text, draw_text

STEPS, PHOTO_COLOURS, ALL_COLOURS = 16, 64, 256
FIRST_PHOTO_COLOUR = ALL_COLOURS - PHOTO_COLOURS
MODULE, QUIET = 8, 4
"""Pixels of a module, and modules of white around the code (ISO/IEC 18004, 6.3.8): at a quarter two pixels are left."""
MOST_LINK = 106
"""Bytes that a QR code of 37 modules holds at its lowest level, the largest for which there is room."""
LEVELS = bytes(round(value * (STEPS - 1) / 255) for value in range(256))
INVITES = Words("邀你一起参与", "invites you to join")
INVITED = Words("邀你一起参与", "You are invited")
HINT = Words("长按或扫码参与", "Scan to take part")
MARK = Words("广告", "Ad")
"""China's Measures for the Administration of Internet Advertising, art. 9: an advertisement can be told as one."""
FRIEND = Words("友", "Hi")
SAMPLE, NEAR = (150, 120), 8
KEPT_SHEETS = 8


@dataclass(frozen=True, slots=True)
class Face:
    """A design in one language: all that its posters have in common."""

    layout: str
    accent: str
    side: str
    align: str
    language: str
    headline: str
    subline: str
    picture: bytes = b""


@dataclass(frozen=True, slots=True)
class Guest:
    """One person's part of a poster; what is on the QR code is ``link``."""

    name: str
    link: str
    photo: Image.Image | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A face as it is drawn: colour numbers, their colours, and the layout with its sides chosen."""

    picture: Image.Image
    colours: bytes
    layout: Layout


def draw_poster(face: Face, guest: Guest) -> bytes:
    """Return a poster as a PNG file. Raises LinkTooLong or FontsMissing."""
    sheet = get_sheet(face)
    layout = sheet.layout
    code = draw_code(guest.link)
    poster = sheet.picture.copy()
    name, is_centred = clean_name(guest.name), layout.is_person_centred
    if keep_written(name):
        _put(poster, draw_text(name, layout.name, is_centred), layout.name)
    invites = (INVITES if keep_written(name) else INVITED).say(face.language)
    _put(poster, draw_fixed_text(invites, layout.invites, is_centred), layout.invites)
    spare = layout.code.width - code.width
    poster.paste(code, (layout.code.x + spare // 2, layout.code.y + spare))  # a smaller code stands on its hint
    photo = guest.photo or _draw_letter(keep_written(name)[:1] or FRIEND.say(face.language), face.accent, layout)
    poster.putpalette(sheet.colours + _put_photo(poster, photo, layout))
    return write_png(poster)


def draw_code(link: str) -> Image.Image:
    """Return a link's QR code with the white around it, of colour numbers; raises LinkTooLong."""
    if len(link.encode()) > MOST_LINK:
        raise LinkTooLong(
            _("The link is too long for a QR code that can be read from a small picture."),
            mend=_("Serve the page under a shorter host name."),
        )
    code = segno.make(link, error="l", micro=False)
    rows = [bytes(row) for row in code.matrix_iter(border=QUIET)]
    small = Image.frombytes(
        "P", (len(rows), len(rows)), b"".join(rows).translate(bytes([0, STEPS - 1, *range(2, 256)]))
    )
    return small.resize((len(rows) * MODULE, len(rows) * MODULE), Image.Resampling.NEAREST)


@lru_cache(maxsize=KEPT_SHEETS)
def get_sheet(face: Face) -> Sheet:
    """Return what all posters of a face have in common, drawn once per process."""
    layout = LAYOUTS[face.layout] if face.side == Side.RIGHT else mirror(LAYOUTS[face.layout])
    drawn = _draw_face(face, layout)
    colours = _choose_colours(face, layout, drawn)
    known = Image.new("P", (1, 1))
    known.putpalette(colours + bytes(WHITE) * (ALL_COLOURS - len(colours) // 3))
    sheet = drawn.quantize(palette=known, dither=Image.Dither.NONE)
    if face.picture:
        _dither_picture(sheet, drawn, known, layout)
    return Sheet(sheet, colours, layout)


def _dither_picture(sheet: Image.Image, drawn: Image.Image, known: Image.Image, layout: Layout) -> None:
    """Put the product picture onto a sheet once more, its colours mixed from dots; flat parts stay flat."""
    where = Image.new("L", (WIDTH, HEIGHT))
    pen = ImageDraw.Draw(where)
    pen.rectangle(_inside(layout.picture.corners), fill=255)
    for shape in layout.shapes:
        pen.rounded_rectangle(_inside(shape.box.corners), shape.radius, fill=0)
    dithered = drawn.crop(layout.picture.corners).quantize(palette=known, dither=Image.Dither.FLOYDSTEINBERG)
    sheet.paste(dithered, layout.picture.corners[:2], where.crop(layout.picture.corners))


def _draw_face(face: Face, layout: Layout) -> Image.Image:
    tones = _list_tones(face)
    drawn = Image.new("RGB", (WIDTH, HEIGHT), tones[layout.ground])
    pen = ImageDraw.Draw(drawn)
    drawn.paste(_draw_picture(face, layout), layout.picture.corners[:2])
    for shape in layout.shapes:
        pen.rounded_rectangle(_inside(shape.box.corners), shape.radius, fill=tones[shape.tone])
    is_centred = face.align == Align.CENTRE
    for text, line in ((face.headline, layout.headline), (face.subline, layout.subline)):
        pen.bitmap(line.box.corners[:2], draw_text(text, line, is_centred), fill=tones[line.tone])
    for words, line in ((HINT, layout.hint), (MARK, layout.mark)):
        mask = draw_text(words.say(face.language), line, is_centred=words is HINT)
        pen.bitmap(line.box.corners[:2], mask, fill=tones[line.tone])
    return drawn


def _draw_picture(face: Face, layout: Layout) -> Image.Image:
    """Return the product picture cut to its place, or rings in the design's colour where there is none."""
    size = (layout.picture.width, layout.picture.height)
    if face.picture:
        with Image.open(io.BytesIO(face.picture)) as picture:
            return ImageOps.fit(picture.convert("RGB"), size)
    accent = ACCENTS[face.accent]
    drawn = Image.new("RGB", size, _mix(WHITE, accent, 0.12))
    pen = ImageDraw.Draw(drawn)
    for number in range(7):
        radius = (7 - number) * size[1] // 8
        place = (size[0] * 0.62 - radius, size[1] * 0.5 - radius, size[0] * 0.62 + radius, size[1] * 0.5 + radius)
        pen.ellipse(place, fill=_mix(WHITE, accent, 0.2 + 0.12 * number))
    return drawn


def _choose_colours(face: Face, layout: Layout, drawn: Image.Image) -> bytes:
    """Return the colours of a sheet, without those of photos, three bytes each."""
    tones = _list_tones(face)
    steps = [_mix(WHITE, INK, number / (STEPS - 1)) for number in range(STEPS)]
    pairs = ((WHITE, tones[Tone.ACCENT]), (PAPER, INK), (PAPER, tones[Tone.ACCENT]))
    steps += [_mix(one, other, number / (STEPS - 1)) for one, other in pairs for number in range(STEPS)]
    left = FIRST_PHOTO_COLOUR - len(steps)
    few = drawn.crop(layout.picture.corners).resize(SAMPLE).quantize(left, method=Image.Quantize.MEDIANCUT)
    found = list(zip(*[iter((few.getpalette() or [])[: left * 3])] * 3, strict=True))
    # one too near to a flat colour would be taken for it by the search, which looks at six bits of eight
    apart = [one for one in found if min(_measure_distance(one, flat) for flat in steps) > NEAR]
    return bytes(value for colour in (*steps, *apart) for value in colour).ljust(FIRST_PHOTO_COLOUR * 3, b"\xff")


def _draw_letter(letter: str, accent: str, layout: Layout) -> Image.Image:
    """Return what stands for somebody without a photo: the first letter of their name."""
    box = layout.portrait
    drawn = Image.new("RGB", (box.width, box.height), ACCENTS[accent])
    size = box.height // 2
    line = Line(layout.portrait, size, size - 8, is_bold=True)
    ImageDraw.Draw(drawn).bitmap((0, 0), draw_text(letter, line, is_centred=True), fill=WHITE)
    return drawn


def _put(poster: Image.Image, mask: Image.Image, line: Line) -> None:
    """Put a text in ink onto white."""
    steps = mask.tobytes().translate(LEVELS)
    poster.paste(Image.frombytes("P", mask.size, steps), line.box.corners[:2])


def _put_photo(poster: Image.Image, photo: Image.Image, layout: Layout) -> bytes:
    """Put a photo into its circle; return its colours."""
    box = layout.portrait
    size, round_mask = (box.width, box.height), _draw_circle(box.width)
    face = Image.composite(ImageOps.fit(photo, size), Image.new("RGB", size, WHITE), round_mask)
    known = face.resize((48, 48)).quantize(PHOTO_COLOURS, method=Image.Quantize.MEDIANCUT)
    few = face.quantize(palette=known, dither=Image.Dither.FLOYDSTEINBERG)
    numbers = bytes(min(number + FIRST_PHOTO_COLOUR, ALL_COLOURS - 1) for number in range(256))
    poster.paste(
        Image.frombytes("P", size, few.tobytes().translate(numbers)),
        box.corners[:2],
        round_mask.point(lambda value: 255 if value else 0),
    )
    return bytes(known.getpalette() or [])[: PHOTO_COLOURS * 3]


@lru_cache(maxsize=8)
def _draw_circle(width: int) -> Image.Image:
    large = Image.new("L", (width * 4, width * 4))
    ImageDraw.Draw(large).ellipse((0, 0, width * 4 - 1, width * 4 - 1), fill=255)
    return large.resize((width, width), Image.Resampling.LANCZOS)


def _list_tones(face: Face) -> dict[Tone, Colour]:
    return {Tone.WHITE: WHITE, Tone.PAPER: PAPER, Tone.INK: INK, Tone.ACCENT: ACCENTS[face.accent]}


def _inside(corners: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Return corners as shapes are drawn: with their last pixels."""
    left, top, right, bottom = corners
    return left, top, right - 1, bottom - 1


def _measure_distance(one: Colour, other: Colour) -> int:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
