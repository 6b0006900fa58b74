"""What a disk or an object store says, told to people: what could not be done, to which place, and the mend."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

import pyarrow as pa
from deltalake.exceptions import DeltaError

from canyu.kit.errors import CanyuError, Conflict, StorageFailure
from canyu.kit.words import Words


class Doing(Enum):
    """What was being done to a place when it failed; the place stands at ``{}``."""

    READ = Words("读取 {}", "read {}")
    WRITE = Words("写出 {}", "write {}")
    WRITE_TO = Words("写入 {}", "write to {}")
    COMMIT = Words("提交到 {}", "commit to {}")
    CREATE = Words("创建 {}", "create {}")
    WIDEN = Words("给 {} 加列", "add columns to {}")
    LIST = Words("列出 {} 中的文件", "list {}")
    REMOVE = Words("删除 {}", "remove {}")
    VACUUM = Words("清理 {}", "vacuum {}")
    CHECKPOINT = Words("写出 {} 的检查点", "write a checkpoint of {}")

    def name_place(self, place: object) -> Words:
        """Return what was being done, with the place: "read my.lake/events"."""
        return Words(self.value.zh.format(place), self.value.en.format(place))


@contextmanager
def tell_failure(doing: Doing, place: object) -> Iterator[None]:
    """Turn what a disk or store says into StorageFailure, in words and with the mend."""
    try:
        yield
    except CanyuError:
        raise
    except (OSError, DeltaError, pa.ArrowException) as error:
        raise describe_failure(doing.name_place(place), error) from error


def describe_failure(doing: Words, error: Exception) -> StorageFailure:
    """Return the failure for people: a full disk and a read-only folder have mends of their own."""
    number, text = getattr(error, "errno", None), str(error)
    if number == errno.ENOSPC or "No space left" in text or "os error 28" in text:
        return StorageFailure(
            Words(f"磁盘已满，无法{doing.zh}。", f"The disk is full: could not {doing.en}."),
            mend=Words(
                "腾出空间后重试：已确认写入的数据都在，也不会重复。",
                "Free some space and repeat: what was acknowledged is safe, and nothing is added twice.",
            ),
        )
    denied = number in {errno.EROFS, errno.EACCES, errno.EPERM}
    if denied or "Read-only file system" in text or "Permission denied" in text:
        return StorageFailure(
            Words(f"没有权限{doing.zh}。", f"Not allowed to {doing.en}."),
            mend=Words(
                "给当前用户写权限，或把数据湖复制到别处。",
                "Give this user the right to write there, or copy the lake elsewhere.",
            ),
        )
    said = text.splitlines()[0] if text else type(error).__name__
    return StorageFailure(Words(f"无法{doing.zh}：{said}", f"Could not {doing.en}: {said}"))


def tell_overtaken(name: str) -> Conflict:
    """Return the conflict of two that compute the same table."""
    return Conflict(
        Words(f"表 {name} 同时被别的程序重写了。", f"{name} was rewritten at the same time."),
        mend=Words("请重新计算。", "Compute it again."),
    )
