"""Settings: typed, documented, told of when they cannot be used; the key and the database beside the lake."""

from __future__ import annotations

import runpy
import stat
import threading
from pathlib import Path

import pytest

from canyu.kit.errors import BadInput, StorageFailure
from canyu.kit.words import speak
from canyu.ops.config import Config, load_config
from canyu.ops.database import build_sqlite_database, parse_database_url
from canyu.ops.secret import KEY_FILE, get_secret_key

ROOT = Path(__file__).parents[2]


def test_the_page_of_settings_is_up_to_date() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "write_settings_page.py"))
    assert script["PAGE"].read_text("utf-8") == script["write_page"]()


def test_every_setting_has_a_default_and_one_sentence() -> None:
    Config()
    for name, field in Config.model_fields.items():
        assert field.description is not None, name
        assert field.description.endswith("."), name
        assert not field.is_required(), name


def test_a_setting_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANYU_PAGE_ROWS", "many")
    load_config.cache_clear()
    with pytest.raises(BadInput, match="CANYU_PAGE_ROWS"):
        load_config()
    load_config.cache_clear()


def test_hosts_are_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANYU_HOSTS", "a.example, b.example ,")
    assert Config().hosts == ("a.example", "b.example")


def test_a_lake_on_an_object_store_asks_for_a_folder() -> None:
    with pytest.raises(BadInput, match="CANYU_STATE_FOLDER"):
        _ = Config(lake="s3://bucket/my.lake").state_path
    assert Config(lake="s3://bucket/my.lake", state_folder="/var/canyu").state_path == Path("/var/canyu")


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    keys: list[str] = []
    threads = [threading.Thread(target=lambda: keys.append(get_secret_key(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(keys)) == 1
    assert len(keys[0]) == 64
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert get_secret_key(tmp_path / "no") != get_secret_key(tmp_path / "no")
    assert not (tmp_path / "no").exists()


def test_a_key_that_cannot_be_read_is_told_with_the_mend(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).mkdir()
    with pytest.raises(StorageFailure, match="CANYU_SECRET_KEY"):
        get_secret_key(tmp_path)


@pytest.mark.parametrize("url", ["mysql://a/b", "postgresql://host", "sqlite:///x", "nonsense"])
def test_another_database_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match="PostgreSQL"):
        parse_database_url(url)


def test_sqlite_waits_for_its_turn_and_writes_ahead(tmp_path: Path) -> None:
    options = build_sqlite_database(tmp_path)["OPTIONS"]
    assert (options["timeout"], options["transaction_mode"]) == (20, "IMMEDIATE")
    assert "journal_mode=WAL" in options["init_command"]


def test_a_setting_that_cannot_be_used_is_told_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANYU_PAGE_ROWS", "many")
    monkeypatch.setenv("CANYU_WEB_WORKERS", "0")
    load_config.cache_clear()
    with pytest.raises(BadInput) as refused:
        load_config()
    load_config.cache_clear()
    with speak("zh-hans"):
        assert refused.value.message == "有设置不能使用：CANYU_PAGE_ROWS：应为整数；CANYU_WEB_WORKERS：不能小于 1。"
