"""A poster that one person designed and another switched on, pictures to draw, and readers of QR codes."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

from campaign_fixtures import NOW
from canyu.kit.images import write_jpeg
from canyu.ops.campaigns.models import Campaign
from canyu.ops.campaigns.posters import actions, queries
from canyu.ops.campaigns.posters.models import Design
from canyu.ops.campaigns.posters.rules import DesignDraft
from canyu.ops.people.models import Person

TEXTS = {
    "headline_zh": "春天一起上路，去看看山那边的海",
    "headline_en": "Hit the road together this spring",
    "subline_zh": "报名即得徽章",
    "subline_en": "Join for a badge",
}


def design(**changes: Any) -> DesignDraft:
    plain = {"layout": "window", "accent": "cinnabar", "side": "right", "align": "left"}
    chosen = {name: changes.pop(name, usual) for name, usual in plain.items()}
    return DesignDraft(**chosen, texts={**TEXTS, **changes})


def show_poster(writer: Person, second: Person, campaign: Campaign, picture: bytes = b"", **changes: Any) -> Design:
    kept = actions.save_design(writer, campaign.pk, design(**changes), picture, NOW)
    for found, _answer in queries.check_design(kept).rows:
        actions.answer_finding(writer, campaign.pk, found.key, "measured by a laboratory", NOW)
    actions.switch_on(second, campaign.pk, kept.revision, NOW)
    return kept


def make_photo(width: int = 640, height: int = 480) -> Image.Image:
    """Return a picture with gradients and grain, as photos have."""
    rng = np.random.default_rng(7)
    coarse = Image.fromarray(rng.integers(0, 255, (6, 8, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)).astype(int)
    grain = rng.integers(-8, 8, (height, width, 3))
    return Image.fromarray((smooth + grain).clip(0, 255).astype(np.uint8))


def save(picture: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def make_product() -> bytes:
    return write_jpeg(make_photo(1000, 750))
