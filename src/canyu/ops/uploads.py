"""Refuses a request with files that is too large for any page before a byte of it is kept."""

from __future__ import annotations

from typing import IO, Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

MOST_BYTES = 32 << 20
"""The largest file that a page takes has 20 MiB; each page has its own limit below this one."""


class LimitHandler(FileUploadHandler):
    """Stands before the handlers that keep files; a request says its length, and no more of it is read."""

    def handle_raw_input(
        self,
        input_data: IO[bytes],  # noqa: ARG002 - Django's signature
        META: dict[str, str],  # noqa: ARG002 - Django's signature
        content_length: int,
        boundary: str,  # noqa: ARG002 - Django's signature
        encoding: str | None = None,  # noqa: ARG002 - Django's signature
    ) -> tuple[QueryDict, MultiValueDict[str, Any]] | None:
        """Let a request of a sound length pass; raises RequestDataTooBig, which is answered with 400."""
        if content_length > MOST_BYTES:
            raise RequestDataTooBig
        return None

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:  # noqa: ARG002 - Django's signature
        """Hand on what came."""
        return raw_data

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002 - Django's signature
        """Leave the file to the next handler."""
        return
