"""What a sender is told: how many rows were kept, and for every other one where, why and what to do."""

from __future__ import annotations

from ninja import Schema
from pydantic import Field

from canyu.events.sources import Taken
from canyu.kit.words import Words

MOST_TOLD = 1_000
SENDERS_MENDS = {
    "no_zone": Words(
        "时间要带时区，如 2026-08-12T10:00:00+08:00；也可在该来源的映射里写 zone。",
        "Write times with their zone, as 2026-08-12T10:00:00+08:00, or state zone in the source's mapping.",
    ),
    "not_utf8": Words("正文用 UTF-8 编码。", "Send the body in UTF-8."),
}
"""What a sender can do where the importer's mend speaks of files and options."""


class RefusalOut(Schema):
    """One row that was refused."""

    row: int = Field(description="Its place in the delivery, from 1.", examples=[2])
    field: str = Field(examples=["time"])
    reason: str = Field(description="Stable code.", examples=["no_zone"])
    mend: str = Field(
        description="What to do.", examples=["Write times with their zone, as 2026-08-12T10:00:00+08:00."]
    )


class ReceiptOut(Schema):
    """What became of a delivery; sent after the commit. ``rows == kept + refused``."""

    rows: int = Field(examples=[3])
    kept: int = Field(examples=[2])
    added: int = Field(description="Of the kept, those that were not there before.", examples=[2])
    deletions: int = Field(description="Of the kept, those that asked to erase a post, now erased.", examples=[0])
    refused: int = Field(examples=[1])
    version: int = Field(description="Version of the events that holds them; -1 while there is none.", examples=[17])
    refusals: list[RefusalOut] = Field(description=f"The first {MOST_TOLD}; all are in quarantine.")

    @classmethod
    def make(cls, taken: Taken) -> ReceiptOut:
        """Return the receipt of some rows, in the reader's language."""
        refusals = [
            RefusalOut(
                row=each.row, field=each.field, reason=each.reason, mend=str(SENDERS_MENDS.get(each.reason, each.mend))
            )
            for each in taken.refusals[:MOST_TOLD]
        ]
        return cls(**taken.as_counts(), refusals=refusals)
