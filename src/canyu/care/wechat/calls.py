"""A call of the vendor on one of our accounts: whose it is, whether it is genuine, and what it says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from urllib.parse import parse_qsl

from canyu.care.wechat.cipher import MessageCipher
from canyu.care.wechat.errors import CallRefused
from canyu.care.wechat.signatures import WINDOW_S, CallMemory, check_signature, check_time
from canyu.care.wechat.xml import parse_xml
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

MOST_QUERY_BYTES = 4096


class Vendor(StrEnum):
    """Who calls: WeChat for an official account, or WeCom for a company."""

    OFFICIAL_ACCOUNT = "official_account"
    WECOM = "wecom"


@dataclass(frozen=True, slots=True)
class Account:
    """One account as set up at the vendor: its name in our address, Token, app id or corp id, EncodingAESKeys.

    ``keys``: the key in force first, then earlier ones; none for an official account in plain mode. One with keys takes
    nothing that is not sealed. Neither token nor keys are shown by ``repr``.
    """

    name: str
    vendor: Vendor
    token: str = field(repr=False)
    receive_id: str
    keys: tuple[str, ...] = field(default=(), repr=False)
    window_s: int = WINDOW_S

    def __post_init__(self) -> None:
        if not self.token:
            raise BadInput(
                Words(f"账号 {self.name} 没有 Token。", f"The account {self.name} has no Token."),
                mend=Words("没有 Token 就认不出微信。", "Without one nobody can tell the vendor's calls."),
            )
        if self.vendor is Vendor.WECOM and not self.keys:
            raise BadInput(
                Words(f"企业微信账号 {self.name} 没有密钥。", f"The WeCom account {self.name} has no key."),
                mend=Words(
                    "企业微信总是加密：请填 EncodingAESKey。", "WeCom always encrypts: give the EncodingAESKey."
                ),
            )
        if self.keys:
            make_cipher(self)

    @property
    def is_sealed(self) -> bool:
        """Whether its messages are encrypted."""
        return bool(self.keys)


@lru_cache(maxsize=256)
def make_cipher(account: Account) -> MessageCipher:
    """Return the cipher of an account with keys."""
    key, *earlier = account.keys
    return MessageCipher(key, account.receive_id, earlier_keys=earlier)


@dataclass(frozen=True, slots=True)
class Query:
    """What stands in the address of a call."""

    timestamp: str = ""
    nonce: str = ""
    signature: str = ""
    msg_signature: str = ""
    echostr: str = ""


def read_query(query: bytes) -> Query:
    """Return what an address says. Raises CallRefused where a field stands twice, or the address is endless."""
    try:
        told = query.decode("ascii")
        pairs = parse_qsl(told, keep_blank_values=True, max_num_fields=20, errors="strict")
    except ValueError as error:
        raise _tell_bad_query() from error
    found = {name: value for name, value in pairs if name in Query.__dataclass_fields__}
    names = [name for name, _ in pairs if name in found]
    if len(names) != len(found) or len(query) > MOST_QUERY_BYTES:
        raise _tell_bad_query()
    return Query(**found)


def open_echo(account: Account, query: Query, memory: CallMemory, now: datetime) -> str:
    """Return what the vendor wants to read back when an address is set up. Raises CallRefused.

    The signature is remembered as a push's is: in plain mode it would fit any push as well.
    """
    if account.vendor is Vendor.OFFICIAL_ACCOUNT:
        check_signature(query.signature, account.token, query.timestamp, query.nonce)
        check_time(query.timestamp, now, account.window_s)
        _remember(account, query.signature, b"echo:" + query.echostr.encode(), memory, now)
        return query.echostr
    sealed = query.echostr.replace(" ", "+")  # base64 has no blank: somebody on the way read its plus as one
    check_signature(query.msg_signature, account.token, query.timestamp, query.nonce, sealed)
    check_time(query.timestamp, now, account.window_s)
    return make_cipher(account).open(sealed)


def open_push(account: Account, query: Query, body: bytes, memory: CallMemory, now: datetime) -> str:
    """Return the XML of a push, opened. Raises CallRefused where it is not the vendor's, BadInput where it is no XML.

    Checked in this order: signature, time, that no other body came with this signature, encryption and receiver. In
    plain mode the signature does not cover the body, so that only the memory keeps a stranger from using one again.
    """
    if account.is_sealed:
        sealed = parse_xml(body).get_text("Encrypt").strip()
        if not sealed:
            raise CallRefused(
                Words("这个账号只接受加密的消息。", "This account takes encrypted messages only."),
                mend=Words("请在后台选择安全模式。", "Choose the encrypted mode in the vendor's settings."),
            )
        signature, parts = query.msg_signature, (account.token, query.timestamp, query.nonce, sealed)
    else:
        sealed, signature, parts = "", query.signature, (account.token, query.timestamp, query.nonce, "")
    check_signature(signature, *parts)
    check_time(query.timestamp, now, account.window_s)
    _remember(account, signature, sealed.encode() or body, memory, now)
    if sealed:
        return make_cipher(account).open(sealed)
    try:
        return body.decode()
    except UnicodeDecodeError:
        parse_xml(body)  # tells what is wrong with it
        raise


def _remember(account: Account, signature: str, told: bytes, memory: CallMemory, now: datetime) -> None:
    if not memory.remember(f"{account.name}:{signature}", sha256(told).digest(), now):
        raise CallRefused(Words("这个签名已用于另一条消息。", "The signature was used for another message."))


def _tell_bad_query() -> CallRefused:
    return CallRefused(Words("地址里的参数不对。", "The parameters of the address are wrong."))
