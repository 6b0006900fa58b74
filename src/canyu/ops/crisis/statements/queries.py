"""All reads of statements: what the staff see with every version, and what the public sees of those released."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from canyu.care.crisis.statement import Attachment, digest_statement, read_statement
from canyu.care.crisis.statement import Statement as Said
from canyu.kit.errors import NotFound
from canyu.ops.crisis.models import Statement, StatementVersion
from canyu.ops.people.models import Person


@dataclass(frozen=True, slots=True)
class Version:
    """One version with what it says; ``is_whole``: its digest is still that of what it says."""

    row: StatementVersion
    said: Said

    @property
    def is_whole(self) -> bool:
        """Whether nobody changed what it says behind the house's back."""
        return digest_statement(self.said) == self.row.digest


@dataclass(frozen=True, slots=True)
class Public:
    """What the public sees: one version, and all that were released, the newest first."""

    statement: Statement
    shown: Version
    released: tuple[Version, ...]

    @property
    def is_newest(self) -> bool:
        """Whether the version that is shown is the one in force."""
        return self.shown.row.pk == self.released[0].row.pk

    @property
    def first_released_at(self) -> datetime | None:
        """When the first version was released."""
        return self.released[-1].row.released_at


def get_statement(viewer: Person, statement_id: int) -> Statement:  # noqa: ARG001 - reads take the viewer first
    """Return a statement; raises NotFound."""
    found = Statement.objects.select_related("run", "run__case").filter(pk=statement_id).first()
    if found is None:
        raise NotFound(_("There is no such statement."), mend=_("Open it from its run."))
    return found


def list_versions(viewer: Person, statement: Statement) -> list[Version]:  # noqa: ARG001 - reads take the viewer first
    """Return every version, the newest first."""
    return [Version(row, read_statement(row.body)) for row in statement.versions.order_by("-number")]


def list_files(statement: Statement) -> list[Attachment]:
    """Return every file that was kept for a statement, the oldest first."""
    rows = statement.files.order_by("kept_at", "pk")
    return [Attachment(row.name, row.media_type, row.bytes, row.sha256) for row in rows]


def find_public(slug: str, release: int | None = None) -> Public | None:
    """Return a statement as the public sees it, in the version in force or an earlier one; None for what is not out."""
    found = Statement.objects.filter(slug=slug).first()
    if found is None:
        return None
    rows = found.versions.filter(release__isnull=False).order_by("-release")
    released = tuple(Version(row, read_statement(row.body)) for row in rows)
    shown = next((each for each in released if release in {None, each.row.release}), None)
    return None if shown is None else Public(found, shown, released)


def find_public_file(slug: str, sha256: str) -> Attachment | None:
    """Return a file that a released version carries; one of a draft is nobody's to read."""
    rows = StatementVersion.objects.filter(statement__slug=slug, release__isnull=False)
    files = (each for row in rows for each in read_statement(row.body).attachments)
    return next((each for each in files if each.sha256 == sha256), None)
