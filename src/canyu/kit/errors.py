"""One tree of errors, so that every door (command, page, API) tells a person the same thing and the mend.

The tree::

    CanyuError
    ├── BadInput          what was given cannot be used        (400)
    ├── NotFound          what was asked for is not there      (404)
    ├── Conflict          somebody else was first              (409)
    ├── Unsupported       this build or engine cannot do it    (422)
    └── StorageFailure    the disk or the store refused        (507)
"""

from __future__ import annotations

from typing import ClassVar

from canyu.kit.words import Text, Words


class CanyuError(Exception):
    """Base of every expected error: a stable ``code``, an HTTP ``status``, a message and its ``mend``."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, message: Text, *, mend: Text = "") -> None:
        super().__init__(message)
        self._message = message
        self._mend = mend

    @property
    def message(self) -> str:
        """What happened, in the reader's language."""
        return str(self._message)

    @property
    def words(self) -> Words:
        """What happened, in both languages, for a text that is read later; a page's own string is in its language."""
        return self._message if isinstance(self._message, Words) else Words(self._message, self._message)

    @property
    def mend(self) -> str:
        """What to do about it, in the reader's language."""
        return str(self._mend)

    def __str__(self) -> str:
        return f"{self.message} {self.mend}".strip()


class BadInput(CanyuError):
    """What was given cannot be used as it is."""

    code = "bad_input"
    status = 400


class NotFound(CanyuError):
    """What was asked for is not there."""

    code = "not_found"
    status = 404


class Conflict(CanyuError):
    """Somebody else changed the same thing first."""

    code = "conflict"
    status = 409


class Unsupported(CanyuError):
    """The build, engine or format version at hand cannot do it."""

    code = "unsupported"
    status = 422


class StorageFailure(CanyuError):
    """The disk or the object store refused; what was acknowledged before is safe."""

    code = "storage_failure"
    status = 507
