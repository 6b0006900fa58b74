"""The vendor's XML, read without trust: small, shallow, in UTF-8, and without anything that a document may declare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from canyu.kit.errors import BadInput
from canyu.kit.words import Words

MOST_BYTES = 256 << 10
MOST_DEPTH = 8
MOST_ELEMENTS = 500


@dataclass(slots=True)
class Element:
    """An element: its name, the text right in it, and what it holds."""

    name: str
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def find(self, name: str) -> Element | None:
        """Return the first child of a name, None where there is none."""
        return next((each for each in self.children if each.name == name), None)

    def get_text(self, name: str) -> str:
        """Return the text of a child, empty where there is none."""
        found = self.find(name)
        return "" if found is None else found.text

    def list_leaves(self, above: str = "") -> Iterator[tuple[str, str]]:
        """Yield path and text of each element that holds no other."""
        for each in self.children:
            path = f"{above}{each.name}"
            if each.children:
                yield from each.list_leaves(path + "/")
            else:
                yield path, each.text


def parse_xml(body: bytes | str) -> Element:
    """Return the root of a message. Raises BadInput for anything but a small plain document in UTF-8.

    Refused are: more than 256 KiB, 8 levels or 500 elements; another encoding, in bytes or as declared; a document
    type, and so entities of its own; a field that stands twice right below the root, as readers differ about it.
    """
    if len(body) > MOST_BYTES:
        raise _refuse(f"超过 {MOST_BYTES >> 10} KiB", f"it has more than {MOST_BYTES >> 10} KiB")
    try:
        text = body if isinstance(body, str) else body.decode()
        told = text.encode()
    except UnicodeError as error:
        raise _refuse("不是 UTF-8", "it is not UTF-8") from error
    if len(told) > MOST_BYTES:
        raise _refuse(f"超过 {MOST_BYTES >> 10} KiB", f"it has more than {MOST_BYTES >> 10} KiB")
    return _Reader().read(told)


class _Reader:
    """One reading by expat; what is refused stops it at once."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate("utf-8")
        self._parser.buffer_text = True
        self._parser.XmlDeclHandler = _check_declaration
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        self._parser.ProcessingInstructionHandler = _refuse_instruction
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._add
        self._root = Element("")
        self._open = [self._root]
        self._count = 0

    def read(self, told: bytes) -> Element:
        try:
            self._parser.Parse(told, True)
        except expat.ExpatError as error:
            raise _refuse(
                f"第 {error.lineno} 行第 {error.offset + 1} 列不成文",
                f"it breaks off at line {error.lineno}, column {error.offset + 1}",
            ) from error
        root = self._root.children[0]
        names = [each.name for each in root.children]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise _refuse(f"{twice[0][:40]} 出现了两次", f"{twice[0][:40]} stands there twice")
        return root

    def _start(self, name: str, _: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._open) > MOST_DEPTH:
            raise _refuse(
                f"超过 {MOST_ELEMENTS} 个元素或 {MOST_DEPTH} 层",
                f"it has more than {MOST_ELEMENTS} elements or {MOST_DEPTH} levels",
            )
        found = Element(name)
        self._open[-1].children.append(found)
        self._open.append(found)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _add(self, text: str) -> None:
        self._open[-1].text += text


def _check_declaration(_: str, encoding: str | None, __: int) -> None:
    if encoding is not None and encoding.lower() not in ("utf-8", "utf8"):
        raise _refuse(f"声明了编码 {encoding[:20]}，应为 UTF-8", f"it declares {encoding[:20]} instead of UTF-8")


def _refuse_doctype(*_: object) -> None:
    raise _refuse("带有 DOCTYPE，不接受实体", "it has a DOCTYPE, and entities are not taken")


def _refuse_instruction(*_: object) -> None:
    raise _refuse("带有处理指令", "it has a processing instruction")


def _refuse(zh: str, en: str) -> BadInput:
    return BadInput(
        Words(f"消息的 XML 读不了：{zh}。", f"The XML of the message cannot be read: {en}."),
        mend=Words("微信的推送都是不大的 UTF-8 文档。", "What the vendor sends is a small document in UTF-8."),
    )
