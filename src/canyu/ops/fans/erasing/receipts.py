"""The receipt of an erasure: what it says, its digest, its signature and its place in the chain; pure, no database."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from canyu.kit.jsonio import dump_json_bytes
from canyu.kit.words import Words

FORMAT = 1
FIRST = "0" * 64
"""What the first receipt names as the one before."""
SEALED = ("digest", "signature")
LAW = "PIPL art. 47; GDPR art. 17"
KEPT: tuple[tuple[str, Words], ...] = (
    (
        "ledger",
        Words(
            "账本只存随机的凭证号和金额，不指向任何人；会计法规要求保留",
            "random names of vouchers and amounts that lead to nobody; kept as bookkeeping law asks",
        ),
    ),
    (
        "suppression",
        Words(
            "加盐哈希，只为不让同一个人的数据再次写入",
            "a salted hash, so that the person's data does not come in again",
        ),
    ),
    (
        "orders",
        Words(
            "订单的金额与状态；人与订单号已去掉，仍可能退款的留加密散列以便认出退款，到期换成随机名",
            "amounts and states of orders, without person or number; while a refund may follow, a keyed hash by which"
            " it is recognised, then a random name",
        ),
    ),
    (
        "late_payments",
        Words("迟到付款的支付单号，退款要用", "references of payments that came too late, for giving them back"),
    ),
    (
        "backups",
        Words(
            "备份与数据库日志按各自期限到期；恢复后请重做这次删除",
            "they end by their own terms; repeat the erasure after a restore",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Check:
    """What was found of a receipt: whether it is whole, signed by this house, and in the chain that it keeps."""

    is_whole: bool
    is_signed: bool
    is_known: bool

    @property
    def is_valid(self) -> bool:
        """Whether all of it holds."""
        return self.is_whole and self.is_signed and self.is_known


def seal(told: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return the receipt with its digest (SHA-256) and signature (HMAC-SHA256 of the digest)."""
    digest = compute_digest(told)
    return {**told, "digest": digest, "signature": sign_digest(digest, key)}


def compute_digest(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of everything but digest and signature: JSON with sorted keys.

    >>> compute_digest({"b": 1, "a": 2, "digest": "x"}) == compute_digest({"a": 2, "b": 1})
    True
    """
    kept = {name: document[name] for name in sorted(document) if name not in SEALED}
    return hashlib.sha256(dump_json_bytes(_sort(kept))).hexdigest()


def sign_digest(digest: str, key: str) -> str:
    """Return the signature of a digest."""
    return hmac.new(key.encode(), digest.encode(), hashlib.sha256).hexdigest()


def check(document: Mapping[str, Any], key: str, known: Mapping[str, str] | None) -> Check:
    """Check a receipt; ``known``: the digests that the house keeps under its number, None where there is none."""
    digest = compute_digest(document)
    signature = str(document.get("signature", "")).encode()  # as bytes: of texts only ASCII ones are compared
    is_signed = hmac.compare_digest(sign_digest(digest, key).encode(), signature)
    is_known = known is not None and (known["digest"], known["previous"]) == (digest, document.get("previous"))
    return Check(digest == document.get("digest"), is_signed, is_known)


def _sort(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _sort(value[name]) for name in sorted(value)}
    return [_sort(item) for item in value] if isinstance(value, list) else value
