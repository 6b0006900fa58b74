"""Which reader fits a file: told by its first bytes, then by its name; a wrong extension does not mislead."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from canyu.events.importers.block import Reader
from canyu.events.importers.columnar import ColumnarReader
from canyu.events.importers.delimited import DelimitedReader
from canyu.events.importers.jsonlines import JsonLinesReader
from canyu.events.importers.refusals import refuse_empty_table
from canyu.events.importers.sources import detect_encoding
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.words import Words

OTHER_FORMATS = {
    b"\x1f\x8b": Words("gzip", "gzip"),
    b"%PDF": Words("PDF", "PDF"),
    b"\xd0\xcf\x11\xe0": Words("旧版 Excel（.xls）", "old Excel (.xls)"),
    b"SQLite format 3": Words("SQLite", "SQLite"),
    b"7z\xbc\xaf": Words("7z", "7z"),
    b"Rar!": Words("RAR", "RAR"),
}


@dataclass(frozen=True, slots=True)
class FileFormat:
    """What a person states about a file's form; what is empty is found out."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    arrange: str = ""


def open_reader(path: Path, stated: FileFormat | None = None) -> Reader:
    """Return the reader for a file. Raises NotFound, or BadInput where the form is none we read."""
    stated = stated or FileFormat()
    if not path.is_file():
        raise NotFound(
            Words(f"没有 {path} 这个文件。", f"There is no file {path}."),
            mend=Words("检查路径；要给文件，不要给文件夹。", "Check the path; give files, not folders."),
        )
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\r\n\t "):
        raise refuse_empty_table(path)
    if head.startswith(b"PAR1"):
        return ColumnarReader(path, arrange=stated.arrange)
    if head.startswith(b"PK\x03\x04"):
        from canyu.events.importers.workbook import WorkbookReader  # a tenth of a second to load: only where used

        return WorkbookReader(path, sheet=stated.sheet)
    for mark, name in OTHER_FORMATS.items():
        if head.startswith(mark):
            raise BadInput(
                Words(f"{path.name} 的格式读不了：{name.zh}。", f"{path.name} is a {name.en} file."),
                mend=Words("请解压，或另存为 CSV、XLSX 或 Parquet。", "Unpack it, or save it as CSV, XLSX or Parquet."),
            )
    if path.suffix.lower() in (".xlsx", ".parquet"):
        raise BadInput(
            Words(
                f"{path.name} 已损坏：开头不像 {path.suffix} 文件。",
                f"{path.name} is damaged: it does not begin as {path.suffix} files do.",
            ),
            mend=Words("请重新复制或导出。", "Copy or export it again."),
        )
    return _open_text(path, stated)


def _open_text(path: Path, stated: FileFormat) -> Reader:
    encoding = stated.encoding or detect_encoding(path)
    with path.open("rb") as file:
        start = file.read(64).decode(encoding, "ignore").lstrip("\ufeff \r\n\t")
    if start[:1] in ("{", "["):
        return JsonLinesReader(path, encoding=encoding)
    return DelimitedReader(path, encoding=encoding, delimiter=stated.delimiter)
