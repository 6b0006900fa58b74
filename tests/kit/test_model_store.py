from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from canyu.kit.errors import BadInput, NotFound
from canyu.kit.model_store import find_weights, list_model_folders, read_arrays, write_arrays

ARRAYS = {"table": np.arange(4, dtype=np.int16), "biases": np.array([0.5, -1.0])}


def test_equal_arrays_are_equal_bytes_whatever_their_order(tmp_path: Path) -> None:
    first = write_arrays(tmp_path / "a" / "weights.npz", ARRAYS)
    second = write_arrays(tmp_path / "b" / "weights.npz", dict(reversed(ARRAYS.items())))
    assert first == second == hashlib.sha256((tmp_path / "a" / "weights.npz").read_bytes()).hexdigest()


def test_what_was_written_is_read(tmp_path: Path) -> None:
    sha256 = write_arrays(tmp_path / "weights.npz", ARRAYS)
    arrays, found = read_arrays(tmp_path / "weights.npz")
    assert found == sha256
    assert {name: array.tolist() for name, array in arrays.items()} == {"table": [0, 1, 2, 3], "biases": [0.5, -1.0]}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no more", b"\x80\x04pickled", b"\x93NUMPY\x01\x00"])
def test_a_damaged_file_is_told_with_its_mend(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "weights.npz").write_bytes(content)
    with pytest.raises(BadInput, match="canyu train"):
        read_arrays(tmp_path / "weights.npz")


def test_objects_that_would_run_code_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "weights.npz", table=np.array([{"a": 1}], dtype=object))
    with pytest.raises(BadInput, match="not a weights file"):
        read_arrays(tmp_path / "weights.npz")


def test_the_newest_number_wins_and_an_exact_name_is_kept(tmp_path: Path) -> None:
    for name in ("mood-2", "mood-10", "mood-x", "other-99"):
        write_arrays(tmp_path / name / "weights.npz", ARRAYS)
    (tmp_path / "mood-11").mkdir()
    assert find_weights("mood", [tmp_path]).parent.name == "mood-10"
    assert find_weights("mood-2", [tmp_path]).parent.name == "mood-2"


def test_a_missing_model_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no model called mood is installed"):
        find_weights("mood", [tmp_path])


def test_the_checkout_brings_its_models() -> None:
    assert (list_model_folders()[0] / "sentiment-zh-4" / "weights.npz").is_file()
