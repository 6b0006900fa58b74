"""Files for people that are whole or not there at all."""

from __future__ import annotations

import os
from pathlib import Path

from canyu.kit.errors import StorageFailure
from canyu.kit.words import Words


def write_whole_file(out: Path, content: bytes) -> None:
    """Write a file beside its place and move it there when it is whole. Raises StorageFailure where it cannot be."""
    part = out.with_name(f".{out.name}.part")
    try:
        part.write_bytes(content)
        os.replace(part, out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StorageFailure(
            Words(f"无法写入 {out}：{error.strerror}。", f"{out} could not be written: {error.strerror}."),
            mend=Words("请换一个文件夹。", "Choose another folder."),
        ) from error
