"""The templates of posters, as data: where picture, texts, the person and the QR code stand on 750 x 1334 pixels.

The QR code's place and the person's are on white. Places of the code are multiples of four, as its modules are: at half
and at a quarter of the size every module is still made of whole pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from canyu.kit.words import Words

WIDTH, HEIGHT = 750, 1334


class Tone(StrEnum):
    """What a part is coloured with."""

    WHITE = "white"
    PAPER = "paper"
    INK = "ink"
    ACCENT = "accent"


@dataclass(frozen=True, slots=True)
class Box:
    """A place in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def corners(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom; right and bottom are the first pixels outside."""
        return self.x, self.y, self.x + self.width, self.y + self.height

    def mirror(self) -> Box:
        """Return the place seen in a mirror."""
        return replace(self, x=WIDTH - self.x - self.width)


@dataclass(frozen=True, slots=True)
class Line:
    """Where a text stands: it is set in ``size``, or smaller down to ``least`` where it would not fit otherwise."""

    box: Box
    size: int
    least: int
    tone: Tone = Tone.INK
    is_bold: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A flat shape: a rectangle, with corners rounded by ``radius``."""

    box: Box
    tone: Tone
    radius: int = 0


@dataclass(frozen=True, slots=True)
class Layout:
    """One template, with the QR code on the right or in the middle. Picture, then shapes, then texts are drawn."""

    words: Words
    ground: Tone
    picture: Box
    headline: Line
    subline: Line
    portrait: Box
    name: Line
    invites: Line
    code: Box
    hint: Line
    mark: Line
    shapes: tuple[Shape, ...] = ()
    is_person_centred: bool = False


LAYOUTS: dict[str, Layout] = {
    "window": Layout(
        words=Words("大图", "Window"),
        ground=Tone.WHITE,
        shapes=(Shape(Box(40, 908, 96, 6), Tone.ACCENT),),
        picture=Box(0, 0, 750, 640),
        headline=Line(Box(40, 664, 670, 150), 64, 40, Tone.ACCENT, is_bold=True),
        subline=Line(Box(40, 822, 670, 76), 30, 24),
        portrait=Box(40, 948, 132, 132),
        name=Line(Box(40, 1100, 310, 52), 40, 30, is_bold=True),
        invites=Line(Box(40, 1156, 310, 44), 28, 22),
        code=Box(368, 920, 360, 360),
        hint=Line(Box(368, 1282, 360, 38), 24, 20),
        mark=Line(Box(40, 1284, 120, 34), 20, 20),
    ),
    "letter": Layout(
        words=Words("信笺", "Letter"),
        ground=Tone.PAPER,
        shapes=(Shape(Box(0, 0, 750, 20), Tone.ACCENT), Shape(Box(20, 892, 710, 422), Tone.WHITE, 24)),
        picture=Box(48, 386, 654, 474),
        headline=Line(Box(48, 72, 654, 196), 76, 44, Tone.ACCENT, is_bold=True),
        subline=Line(Box(48, 280, 654, 84), 32, 24),
        portrait=Box(48, 924, 132, 132),
        name=Line(Box(48, 1076, 296, 52), 40, 30, is_bold=True),
        invites=Line(Box(48, 1132, 296, 44), 28, 22),
        code=Box(360, 904, 360, 360),
        hint=Line(Box(360, 1266, 360, 38), 24, 20),
        mark=Line(Box(48, 1268, 120, 34), 20, 20),
    ),
    "ticket": Layout(
        words=Words("票根", "Ticket"),
        ground=Tone.ACCENT,
        shapes=(
            Shape(Box(28, 868, 694, 438), Tone.WHITE, 28),
            Shape(Box(4, 1063, 48, 48), Tone.ACCENT, 24),
            Shape(Box(698, 1063, 48, 48), Tone.ACCENT, 24),
        ),
        picture=Box(48, 350, 654, 478),
        headline=Line(Box(48, 56, 654, 188), 72, 44, Tone.WHITE, is_bold=True),
        subline=Line(Box(48, 252, 654, 80), 30, 24, Tone.WHITE),
        portrait=Box(64, 904, 124, 124),
        name=Line(Box(64, 1048, 268, 52), 40, 30, is_bold=True),
        invites=Line(Box(64, 1104, 268, 44), 28, 22),
        code=Box(336, 884, 360, 360),
        hint=Line(Box(336, 1246, 360, 38), 24, 20),
        mark=Line(Box(64, 1248, 120, 34), 20, 20),
    ),
    "host": Layout(
        words=Words("主角", "Host"),
        ground=Tone.WHITE,
        shapes=(Shape(Box(257, 246, 236, 236), Tone.WHITE, 118),),
        picture=Box(0, 0, 750, 364),
        headline=Line(Box(40, 640, 670, 150), 60, 38, Tone.ACCENT, is_bold=True),
        subline=Line(Box(40, 798, 670, 76), 30, 24),
        portrait=Box(267, 256, 216, 216),
        name=Line(Box(40, 496, 670, 66), 48, 34, is_bold=True),
        invites=Line(Box(40, 566, 670, 46), 30, 24),
        code=Box(196, 892, 360, 360),
        hint=Line(Box(40, 1254, 670, 36), 26, 20),
        mark=Line(Box(40, 1290, 120, 34), 20, 20),
        is_person_centred=True,
    ),
}


def mirror(layout: Layout) -> Layout:
    """Return a layout with the person and the QR code on the other side.

    >>> mirror(LAYOUTS["window"]).code.x
    20
    """
    code, name = layout.code.mirror(), layout.name.box.mirror()
    return replace(
        layout,
        shapes=tuple(replace(shape, box=shape.box.mirror()) for shape in layout.shapes),
        portrait=replace(layout.portrait, x=layout.portrait.x + name.x - layout.name.box.x),
        name=replace(layout.name, box=name),
        invites=replace(layout.invites, box=layout.invites.box.mirror()),
        code=replace(code, x=code.x - code.x % 4),
        hint=replace(layout.hint, box=layout.hint.box.mirror()),
        mark=replace(layout.mark, box=replace(layout.mark.box, x=name.x)),
    )
