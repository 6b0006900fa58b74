"""Writes a rehearsal into a folder that is either complete or not there."""

from __future__ import annotations

import errno
import hashlib
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from canyu.kit.errors import BadInput, CanyuError, Conflict, StorageFailure
from canyu.kit.jsonio import dump_json, parse_json
from canyu.kit.words import Words
from canyu.rehearse.kols import build_follows, build_roster, write_roster
from canyu.rehearse.plan import MarketPlan
from canyu.rehearse.rehearsal import play_parts
from canyu.rehearse.scene import World
from canyu.rehearse.tables import LABELS_SCHEMA, ORDERS_SCHEMA
from canyu.rehearse.truth import KIND, build_truth

ROWS_PER_GROUP = 128 * 1024
TRUTH = "truth.json"


@dataclass(frozen=True, slots=True)
class WrittenRehearsal:
    """What was written: where, how many of each, and the event files in order."""

    folder: Path
    truth: dict[str, Any]
    files: list[Path]


def write_market(
    plan: MarketPlan, folder: Path, *, force: bool = False, progress: Callable[[str, int], None] | None = None
) -> WrittenRehearsal:
    """Play a year into ``folder``, one part in memory at a time; equal plans give equal bytes.

    Everything is written beside the folder first and moved into place at the end, ``truth.json`` last, so a killed
    run leaves no folder. With ``force`` an earlier rehearsal is replaced, but nothing else ever is. Raises BadInput,
    Conflict or StorageFailure.
    """
    folder = folder.absolute()
    _check_place(folder, force=force)
    unfinished = folder.parent / f".{folder.name}.unfinished"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(_find_lock(folder), timeout=0):
            shutil.rmtree(unfinished, ignore_errors=True)
            (unfinished / "events").mkdir(parents=True)
            truth = _write_all(World(plan), unfinished, progress)
            _check_place(folder, force=force)
            _move_into_place(unfinished, folder)
    except Timeout as error:
        raise Conflict(
            Words(f"另一次彩排正在写入 {folder}。", f"Another rehearsal is being written to {folder}."),
            mend=Words("请等它完成，或换一个文件夹。", "Wait for it, or choose another."),
        ) from error
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise _explain(error, folder) from error
    return WrittenRehearsal(folder, truth, [folder / name for name in truth["files"] if name.startswith("events/")])


def _write_all(world: World, folder: Path, progress: Callable[[str, int], None] | None) -> dict[str, Any]:
    names = ["labels.parquet", "orders.parquet"]
    with (
        pq.ParquetWriter(folder / names[0], LABELS_SCHEMA, compression="zstd") as labels,
        pq.ParquetWriter(folder / names[1], ORDERS_SCHEMA, compression="zstd") as orders,
    ):
        for part in play_parts(world):
            name = f"events/{part.name}.parquet"
            _write_table(part.events, folder / name)
            labels.write_table(part.labels, row_group_size=ROWS_PER_GROUP)
            orders.write_table(part.orders, row_group_size=ROWS_PER_GROUP)
            names.append(name)
            if progress is not None:
                progress(part.name, part.events.num_rows)
    _write_table(build_follows(world), folder / "follows.parquet", repeated=["src", "dst"])
    files = {
        name: _describe(folder / name, pq.read_metadata(folder / name).num_rows) for name in [*names, "follows.parquet"]
    }
    roster = build_roster(world)
    write_roster(roster, folder / "kols.csv")
    files["kols.csv"] = _describe(folder / "kols.csv", roster.num_rows)
    truth = build_truth(world, dict(sorted(files.items())))
    (folder / TRUTH).write_text(dump_json(truth) + "\n", "utf-8")
    return truth


def _write_table(table: pa.Table, path: Path, *, repeated: list[str] | None = None) -> None:
    """``repeated``: the columns worth a dictionary; all of them where not said."""
    with pq.ParquetWriter(path, table.schema, compression="zstd", use_dictionary=repeated or True) as writer:
        writer.write_table(table, row_group_size=ROWS_PER_GROUP)


def _describe(path: Path, rows: int) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"rows": rows, "bytes": path.stat().st_size, "sha256": digest}


def _check_place(folder: Path, *, force: bool) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise BadInput(
            Words(f"{folder} 不是文件夹。", f"{folder} is not a folder."),
            mend=Words("请指定一个尚不存在的文件夹。", "Name a folder that does not exist yet."),
        )
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not force:
        raise Conflict(
            Words(f"{folder} 不是空的。", f"{folder} is not empty."),
            mend=Words(
                "请换一个文件夹，或加 --force 替换已有的彩排。",
                "Name another folder, or pass --force to replace a rehearsal.",
            ),
        )
    if not _is_rehearsal(folder):
        raise Conflict(
            Words(f"{folder} 中有不是彩排写下的内容。", f"{folder} holds something that no rehearsal wrote."),
            mend=Words("那里的内容原样未动；请换一个文件夹。", "It is left alone; name another folder."),
        )


def _is_rehearsal(folder: Path) -> bool:
    try:
        found = parse_json((folder / TRUTH).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("kind") == KIND


def _find_lock(folder: Path) -> Path:
    """Return the lock's place: in the machine's folder for temporary files, so that none is left beside the result."""
    name = hashlib.blake2b(str(folder.resolve()).encode(), digest_size=12).hexdigest()
    return Path(tempfile.gettempdir(), f"canyu-rehearsal-{name}.lock")


def _move_into_place(unfinished: Path, folder: Path) -> None:
    """Swap the folders by renaming: at no moment is a half-written folder under the name."""
    replaced = folder.parent / f".{folder.name}.replaced"
    shutil.rmtree(replaced, ignore_errors=True)
    if folder.exists():
        folder.rename(replaced)
    unfinished.rename(folder)
    shutil.rmtree(replaced, ignore_errors=True)


def _explain(error: OSError, folder: Path) -> CanyuError:
    if error.errno == errno.ENOSPC:
        return StorageFailure(
            Words("磁盘已满；什么都没有留下。", "The disk is full; nothing was kept."),
            mend=Words("请腾出空间，或缩小彩排规模。", "Free space, or rehearse a smaller scale."),
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StorageFailure(
            Words(f"无法写入 {folder}。", f"{folder} cannot be written."),
            mend=Words("请指定一个有写入权限的文件夹。", "Name a folder that you may write to."),
        )
    return StorageFailure(
        Words(f"无法写入 {folder}：{error}。", f"{folder} could not be written: {error}."),
        mend=Words("请检查磁盘，然后重新运行。", "Check the disk, then run it again."),
    )
