"""What a disk says is told in words, with the place and the mend, in the reader's language."""

from __future__ import annotations

import errno
import re

import pytest

from canyu.events.failures import Doing, tell_failure
from canyu.kit.errors import NotFound, StorageFailure
from canyu.kit.words import speak


def fail(number: int, doing: Doing = Doing.WRITE_TO) -> StorageFailure:
    with pytest.raises(StorageFailure) as caught, tell_failure(doing, "my.lake/{x}"):
        raise OSError(number, "the disk's own words")
    return caught.value


@pytest.mark.parametrize(
    ("number", "zh", "en"),
    [
        (errno.ENOSPC, "磁盘已满，无法写入 my.lake/{x}。", "The disk is full: could not write to my.lake/{x}."),
        (errno.EACCES, "没有权限写入 my.lake/{x}。", "Not allowed to write to my.lake/{x}."),
        (errno.EIO, "无法写入 my.lake/{x}：", "Could not write to my.lake/{x}: "),
    ],
)
def test_a_failure_is_told_in_both_languages(number: int, zh: str, en: str) -> None:
    error = fail(number)
    assert error.message.startswith(en)
    with speak("zh-hans"):
        assert error.message.startswith(zh)


@pytest.mark.parametrize("doing", Doing)
def test_whatever_was_being_done_names_its_place_once(doing: Doing) -> None:
    words = doing.name_place("a{b")
    assert (words.zh.count("a{b"), words.en.count("a{b")) == (1, 1)
    assert re.search("[\u4e00-\u9fff]", words.zh)
    assert not re.search("[\u4e00-\u9fff]", words.en)


def test_an_error_that_has_its_words_passes() -> None:
    with pytest.raises(NotFound, match="mine"), tell_failure(Doing.READ, "x"):
        raise NotFound("mine")
