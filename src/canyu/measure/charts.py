"""Charts drawn on the server: one grammar (Vega-Lite), an SVG that needs neither script nor style element."""

from __future__ import annotations

from xml.etree import ElementTree

import vl_convert

from canyu.kit.jsonio import dump_json
from canyu.kit.markup import make_fit
from canyu.measure.axes import Canvas, Mark
from canyu.measure.figure import Picture
from canyu.measure.kept import Kept
from canyu.measure.specs import build_spec
from canyu.measure.theme import Theme, get_colours

SVG = "http://www.w3.org/2000/svg"
_DRAWN = Kept(512)
_ALLOWED = {"svg", "g", "path", "rect", "line", "text", "tspan", "circle", "defs", "clipPath", "title", "desc"}
_DROPPED = ("aria-", "role", "class", "pointer-events", "style")


def render_chart(
    picture: Picture, language: str, theme: Theme = "auto", *, width: int = 720, marks: tuple[Mark, ...] = ()
) -> str:
    """Return the picture as SVG text, safe to place in a page under a strict content policy.

    ``auto`` leaves the colours to the page's CSS variables; ``light`` and ``dark`` write them out. ``marks`` are
    campaigns and statements, named on the time axis. Drawn once for all themes of a picture.
    """
    spec = dump_json(build_spec(picture, Canvas(language, width, marks=marks)))
    key = (picture.name, language, spec)
    drawn: str | None = _DRAWN.find(key)
    if drawn is None:
        drawn = _clean(vl_convert.vegalite_to_svg(spec), picture, language)
        _DRAWN.keep(key, drawn)
    for sentinel, colour in get_colours(theme).items():
        drawn = drawn.replace(f'"{sentinel}"', f'"{colour}"')
    return drawn


def _clean(svg: str, picture: Picture, language: str) -> str:
    """Keep drawing only, name the chart for those who cannot see it, and make its ids its own."""
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(svg)  # noqa: S314 - drawn here a moment ago, not taken from outside
    _prune(root)
    prefix = f"chart-{picture.name}-{language}"
    for element in root.iter():
        for name, value in list(element.attrib.items()):
            if name.startswith(_DROPPED) or value.startswith("javascript:"):
                del element.attrib[name]
            elif name == "id":
                element.set(name, f"{prefix}-{value}")
            elif value.startswith("url(#"):
                element.set(name, value.replace("url(#", f"url(#{prefix}-"))
    title, desc = ElementTree.Element("title", id=f"{prefix}-title"), ElementTree.Element("desc", id=f"{prefix}-desc")
    title.text, desc.text = make_fit(picture.title.say(language)), make_fit(picture.subtitle.say(language))
    root.insert(0, title)
    root.insert(1, desc)
    root.set("role", "img")
    root.set("aria-labelledby", f"{prefix}-title {prefix}-desc")
    return ElementTree.tostring(root, encoding="unicode")


def _prune(element: ElementTree.Element) -> None:
    for child in list(element):
        kind = child.tag.rpartition("}")[2]
        is_empty = child.get("display") == "none" or (kind == "path" and child.get("d") in {"", "M0,0h0v0h0Z"})
        if kind not in _ALLOWED or is_empty:
            element.remove(child)
        else:
            _prune(child)
