"""Personal posters a CPU second: each with another name, photo and QR code, as PNG files of 750 x 1334 pixels.

The peer draws the same poster as most shops do, from nothing each time: product picture and fonts opened, texts set,
the code made by the library qrcode, saved in full colour with Pillow's usual settings. Both run in turn in one
process on one core. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import qrcode
from PIL import Image, ImageDraw, ImageFont, ImageOps

from canyu.kit.images import open_image, write_jpeg
from canyu.ops.campaigns.posters.drawing import MODULE, QUIET, Face, Guest, draw_poster, get_sheet
from canyu.ops.campaigns.posters.fonts import FAMILIES, MAIN, WEIGHTS, find_fonts
from canyu.ops.campaigns.posters.layouts import HEIGHT, LAYOUTS, WIDTH, Line
from canyu.ops.campaigns.posters.rules import ACCENTS, INK, PHOTO_LIMITS

NAMES = ("林小满", "欧阳明月", "Alexandra K.", "王芳", "Дмитрий", "陈一", "Renée Ünal", "李雷和韩梅梅")


def make_photo(seed: int, width: int, height: int) -> Image.Image:
    """Return a picture with gradients and grain, as photos have."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 255, (6, 8, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)).astype(int)
    grain = rng.integers(-8, 8, (height, width, 3))
    return Image.fromarray((smooth + grain).clip(0, 255).astype(np.uint8))


def make_guests(count: int) -> list[tuple[str, str, bytes]]:
    """Return names, links and photos as they are uploaded."""
    photos = [write_jpeg(make_photo(seed, 960, 1280)) for seed in range(4)]
    return [
        (NAMES[each % len(NAMES)], f"https://m.brand.example/l/Ab3dEf5h{each:03}?via=qr", photos[each % len(photos)])
        for each in range(count)
    ]


def draw_ours(face: Face, guest: tuple[str, str, bytes]) -> bytes:
    name, link, photo = guest
    return draw_poster(face, Guest(name, link, open_image(photo, PHOTO_LIMITS)))


def draw_from_nothing(face: Face, guest: tuple[str, str, bytes]) -> bytes:
    name, link, photo = guest
    layout, accent = LAYOUTS[face.layout], ACCENTS[face.accent]
    poster = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(poster)
    product = Image.open(io.BytesIO(face.picture)).convert("RGB")
    poster.paste(ImageOps.fit(product, (layout.picture.width, layout.picture.height)), layout.picture.corners[:2])
    for text, line, colour in (
        (face.headline, layout.headline, accent),
        (face.subline, layout.subline, INK),
        (name, layout.name, INK),
        ("邀你一起参与", layout.invites, INK),
        ("长按或扫码参与", layout.hint, INK),
    ):
        pen.text(line.box.corners[:2], text, fill=colour, font=open_font(line))
    box = layout.portrait
    mask = Image.new("L", (box.width, box.height))
    ImageDraw.Draw(mask).ellipse((0, 0, box.width - 1, box.height - 1), fill=255)
    face_photo = ImageOps.exif_transpose(Image.open(io.BytesIO(photo))).convert("RGB")
    poster.paste(ImageOps.fit(face_photo, (box.width, box.height)), box.corners[:2], mask)
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_L, box_size=MODULE, border=QUIET)
    code.add_data(link)
    code.make()
    poster.paste(code.make_image().convert("RGB"), layout.code.corners[:2])
    stream = io.BytesIO()
    poster.save(stream, "PNG")
    return stream.getvalue()


def open_font(line: Line) -> ImageFont.FreeTypeFont:
    weight = WEIGHTS[line.is_bold]
    return ImageFont.truetype(str(find_fonts() / MAIN / weight / f"{FAMILIES[MAIN]}_{weight}.ttf"), line.size - 16)


def measure(draw: Callable[[Face, tuple[str, str, bytes]], bytes], face: Face, guests: list) -> tuple[float, int]:
    """Return posters a CPU second, and the median size of a file in bytes."""
    begun = time.process_time()
    sizes = [len(draw(face, guest)) for guest in guests]
    return len(guests) / (time.process_time() - begun), int(median(sizes))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posters", type=int, default=60, help="of ours in each round; the peer draws a third")
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    product = write_jpeg(make_photo(99, 1200, 900))
    face = Face("window", "cinnabar", "right", "left", "zh", "春天一起上路去看海", "报名即得限量徽章", product)
    guests = make_guests(chosen.posters)
    begun = time.process_time()
    get_sheet(face)
    first_ms = (time.process_time() - begun) * 1000
    draw_ours(face, guests[0])
    draw_from_nothing(face, guests[0])
    rounds = [
        (measure(draw_ours, face, guests), measure(draw_from_nothing, face, guests[: max(1, len(guests) // 3)]))
        for _ in range(chosen.rounds)
    ]
    ours, peer = median(one[0][0] for one in rounds), median(one[1][0] for one in rounds)
    line = {
        "name": "poster",
        "setting": f"{chosen.rounds} rounds of {chosen.posters}, a photo of 960 x 1280 decoded for each, one core",
        "posters_per_cpu_s": round(ours, 1),
        "each_round": [round(one[0][0], 1) for one in rounds],
        "bytes": rounds[0][0][1],
        "first_of_a_design_ms": round(first_ms),
        "from_nothing_per_cpu_s": round(peer, 1),
        "from_nothing_bytes": rounds[0][1][1],
        "ratio": round(median(one[0][0] / one[1][0] for one in rounds), 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
