"""What an import did, in numbers that add up: every row of a file is kept or refused."""

from __future__ import annotations

from dataclasses import dataclass, field

from canyu.kit.words import Text, say


@dataclass(frozen=True, slots=True)
class Reason:
    """Why rows were refused: the column, the reason's code, and the mend."""

    field: str
    reason: str
    mend: Text


@dataclass(slots=True)
class FileReport:
    """One file: ``rows == kept + refused``; ``added`` of the kept were not in the lake before.

    ``deletions`` of the kept asked to erase a post, which then is erased for good.
    """

    file: str
    rows: int = 0
    kept: int = 0
    refused: int = 0
    added: int = 0
    deletions: int = 0
    reasons: dict[Reason, int] = field(default_factory=dict)
    notes: dict[Text, int] = field(default_factory=dict)
    error: str = ""

    @property
    def repeated(self) -> int:
        """Rows kept that were in the lake already, or stand in the file more than once."""
        return self.kept - self.added - self.deletions


@dataclass(slots=True)
class ImportReport:
    """All files of one import, and the version of the events it ended with (-1: no events were ever written)."""

    files: list[FileReport] = field(default_factory=list)
    version: int = -1

    def as_counts(self) -> dict[str, int]:
        """Return the totals: rows, kept, refused, added, deletions, version."""
        names = ("rows", "kept", "refused", "added", "deletions")
        return {name: sum(getattr(file, name) for file in self.files) for name in names} | {"version": self.version}

    @property
    def is_success(self) -> bool:
        """Say whether every file could be read and something was kept."""
        return any(file.kept for file in self.files) and not any(file.error for file in self.files)


def render_table(report: ImportReport) -> str:
    """Return the counts of every file as a page in Markdown."""
    lines = [
        say("# 公开数据的湖", "# The lake of public data"),
        "",
        *_list_preface(),
        "",
        say(
            "| 文件 | 行数 | 保留 | 拒收 | 新增 | 拒收原因 |",
            "| file | rows | kept | refused | added | refused because |",
        ),
        "| --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for file in report.files:
        why = ", ".join(f"{reason.reason} {times:,}" for reason, times in sorted(file.reasons.items(), key=str))
        lines.append(
            f"| {file.file} | {file.rows:,} | {file.kept:,} | {file.refused:,} | {file.added:,} | {why or '–'} |"
        )
    total = report.as_counts()
    every = say("合计", "all")
    lines.append(
        f"| **{every}** | {total['rows']:,} | {total['kept']:,} | {total['refused']:,} | {total['added']:,} | |"
    )
    return "\n".join(lines) + "\n"


def _list_preface() -> list[str]:
    """Return the lines that say what the table counts."""
    chinese = [
        "由 `make real`（`canyu import --preset-folder`）写成；有一项测试拿它与各数据集自己的数目核对。",
        "文件的一行要么成为一个事件，要么进隔离区：行数 = 保留 + 拒收。保留而未新增的行，与另一行的键相同。",
    ]
    english = [
        "Written by `make real` (`canyu import --preset-folder`); a test compares it with the data sets' own counts.",
        "One row of a file is one event or one row in quarantine: rows = kept + refused. Rows kept and not added",
        "repeat the key of another row.",
    ]
    return say("\n".join(chinese), "\n".join(english)).split("\n")
