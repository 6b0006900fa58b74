"""Files that people write by hand, read as text: there, not too long, in UTF-8."""

from __future__ import annotations

from pathlib import Path

from canyu.kit.errors import BadInput, NotFound
from canyu.kit.words import Words


def read_written(path: str, *, absent: Words, too_long: Words, most_bytes: int) -> str:
    """Return the text of a file. Raises NotFound saying ``absent``, or BadInput, ``too_long`` as the mend of length."""
    file = Path(path)
    if not file.is_file():
        raise NotFound(absent, mend=Words("请给出一个 YAML 文件的路径。", "Give the path of a YAML file."))
    if file.stat().st_size > most_bytes:
        over = Words(f"{path} 超过 {most_bytes // 2**20} MiB。", f"{path} is over {most_bytes // 2**20} MiB.")
        raise BadInput(over, mend=too_long)
    try:
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(
            Words(f"{path} 不是 UTF-8 编码。", f"{path} is not UTF-8."),
            mend=Words("请另存为 UTF-8。", "Save it as UTF-8."),
        ) from None
