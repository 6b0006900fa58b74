"""What goes wrong between the vendor and us: a call that is not the vendor's, or a service that does not answer."""

from __future__ import annotations

from typing import ClassVar

from canyu.kit.errors import CanyuError


class CallRefused(CanyuError):
    """A call is not the vendor's, or no longer: wrong signature, stale or taken from another call. Nothing was kept."""

    code: ClassVar[str] = "call_refused"
    status: ClassVar[int] = 403


class VendorFailure(CanyuError):
    """The vendor refused, failed or answered what cannot be used; ``errcode`` is the vendor's, 0 where it gave none."""

    code: ClassVar[str] = "vendor_failure"
    status: ClassVar[int] = 502
    errcode: int = 0
