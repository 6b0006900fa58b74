"""How a file of a statement is sent: as a download, by its own name and kind, alone, and only where it is whole."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpResponse

from canyu.care.crisis.statement import Attachment
from canyu.ops.crisis.statements.shelf import read_file
from canyu.ops.pictures import ALONE


def answer_file(entry: Attachment) -> HttpResponse:
    """Return a file that a browser saves and runs nothing of; raises StorageFailure where its bytes changed."""
    answer = HttpResponse(read_file(entry.sha256), content_type=entry.media_type, headers=ALONE)
    # the plain name for old programs, the whole one after it (RFC 6266, 4.3)
    ending = entry.name.rpartition(".")[2]
    plain = f"{entry.sha256[:16]}.{ending}"
    answer["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(entry.name)}"
    return answer
