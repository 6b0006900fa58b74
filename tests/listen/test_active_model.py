from __future__ import annotations

from pathlib import Path

import pytest

from canyu.kit.errors import BadInput
from canyu.listen.active_model import find_active_model, find_state_folder, list_folders, set_active_model


def test_the_state_lies_beside_the_lake_or_where_it_is_named() -> None:
    assert find_state_folder("my.lake", {}) == Path("my.lake")
    assert find_state_folder("my.lake", {"CANYU_STATE_FOLDER": "state"}) == Path("state")
    assert find_state_folder("s3://bucket/lake", {"CANYU_STATE_FOLDER": "state"}) == Path("state")
    assert find_state_folder("s3://bucket/lake", {"CANYU_STATE_FOLDER": ""}) is None


def test_no_file_means_the_shipped_model(tmp_path: Path) -> None:
    assert (find_active_model(None), find_active_model(tmp_path)) == ("", "")
    assert tmp_path / "models" not in list_folders(tmp_path)


def test_what_is_set_is_found_and_can_be_taken_back(tmp_path: Path) -> None:
    set_active_model(tmp_path, "sentiment-team-1+00000000")
    set_active_model(tmp_path, "sentiment-team-2+11111111")
    assert find_active_model(tmp_path) == "sentiment-team-2+11111111"
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["active.json"]
    assert list_folders(tmp_path)[-1] == tmp_path / "models"
    set_active_model(tmp_path, "")
    set_active_model(tmp_path, "")
    assert find_active_model(tmp_path) == ""


@pytest.mark.parametrize("told", ["", "{", "[]", "{}", '{"version":""}', '{"version":3}'])
def test_a_file_that_says_nothing_is_refused(told: str, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "active.json").write_text(told)
    with pytest.raises(BadInput, match="does not say which model is active"):
        find_active_model(tmp_path)
