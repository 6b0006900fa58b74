"""Where pictures of stories lie."""

from __future__ import annotations

from canyu.ops.pictures import PictureFolder

PICTURES = PictureFolder("charity")
