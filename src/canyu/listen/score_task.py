"""What ``canyu score`` is asked to do, and opening its source: apart from the models, which take a second to load."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from canyu.events.importers.readers import FileFormat
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.words import Words
from canyu.listen.sheet_writers import JSON_LINES, check_suffix
from canyu.listen.sheets import Sheet, open_sheet


@dataclass(frozen=True, slots=True)
class ScoreTask:
    """What to score: a file, its column of texts, where to write, how to name, and whether to stop at a bad row."""

    source: Path
    text_column: str
    target: Path
    prefix: str = ""
    is_strict: bool = False


def open_source(task: ScoreTask, stated: FileFormat) -> Sheet:
    """Open what to score; raises BadInput or NotFound where the source or the target will not do."""
    is_json = check_suffix(task.target) in JSON_LINES
    if task.source.resolve() == task.target.resolve():
        raise BadInput(
            Words("--in 和 --out 是同一个文件。", "--in and --out are the same file."),
            mend=Words("请写到另一个文件。", "Write to another one."),
        )
    if not task.target.resolve().parent.is_dir():
        raise NotFound(
            Words(f"没有文件夹 {task.target.parent}。", f"there is no folder {task.target.parent}."),
            mend=Words("请先建好它。", "Make it first."),
        )
    return open_sheet(task.source, stated, keep_json=is_json)
