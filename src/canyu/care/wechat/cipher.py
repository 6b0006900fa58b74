"""The vendor's encryption of messages: AES-256 in CBC, padded to 32 bytes, with the receiver's id inside.

A sealed text is the base64 of ``16 random bytes | length (4 bytes, big endian) | text | receiver's id``, padded as
PKCS#7 does with blocks of 32. The key is also where the initial vector comes from: its first 16 bytes.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from canyu.care.wechat.errors import CallRefused
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

BLOCK = 32
SALT_BYTES = 16
HEAD_BYTES = SALT_BYTES + 4
KEY = re.compile(r"[A-Za-z0-9+/]{43}")


def read_key(key: str) -> bytes:
    """Return the 32 bytes of an EncodingAESKey. Raises BadInput where it is none."""
    if not KEY.fullmatch(key):
        raise BadInput(
            Words("EncodingAESKey 不对：应是 43 个字母和数字。", "The EncodingAESKey is none: it has 43 characters."),
            mend=Words("请从公众号或企业微信后台重新复制。", "Copy it again from the vendor's settings."),
        )
    return base64.b64decode(key + "=")


class MessageCipher:
    """Seals and opens messages of one account.

    ``receive_id`` is the app id of an official account, the corp id of WeCom, empty for a WeCom robot. After a change
    of the key the vendor goes on using the last one for a while: ``earlier_keys`` still open messages.
    """

    def __init__(self, key: str, receive_id: str, *, earlier_keys: Sequence[str] = ()) -> None:
        self._keys = [read_key(each) for each in (key, *earlier_keys)]
        self._receive_id = receive_id.encode()

    def seal(self, text: str, *, salt: bytes = b"") -> str:
        """Return a text sealed for this account; ``salt`` (16 bytes) is for tests, else random."""
        told = text.encode()
        salt = salt or secrets.token_bytes(SALT_BYTES)
        plain = salt + len(told).to_bytes(4, "big") + told + self._receive_id
        extra = BLOCK - len(plain) % BLOCK
        key = self._keys[0]
        encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([extra]) * extra) + encryptor.finalize()).decode()

    def open(self, sealed: str) -> str:
        """Return the text of a sealed message. Raises CallRefused where it is not for this account, or no such text.

        Check the signature first: what differs between the refusals here is then told to nobody else.
        """
        try:
            secret = base64.b64decode(sealed, validate=True)
        except (binascii.Error, ValueError) as error:
            raise _tell_unreadable() from error
        if not secret or len(secret) % BLOCK:
            raise _tell_unreadable()
        for key in self._keys:
            found = _unseal(key, secret)
            if found is not None:
                return self._read(*found)
        raise _tell_unreadable()

    def _read(self, told: bytes, receive_id: bytes) -> str:
        if not hmac.compare_digest(receive_id, self._receive_id):
            raise CallRefused(
                Words("这条消息不是发给这个账号的。", "The message is not for this account."),
                mend=Words(
                    "请核对 AppID 或 CorpID：它写在消息里。", "Check the app id or corp id: it stands in the message."
                ),
            )
        try:
            return told.decode()
        except UnicodeDecodeError as error:
            raise _tell_unreadable() from error


def _unseal(key: bytes, secret: bytes) -> tuple[bytes, bytes] | None:
    """Return text and receiver's id under one key; None where padding or length are not those of the scheme."""
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    plain = decryptor.update(secret) + decryptor.finalize()
    extra = plain[-1]
    if not 1 <= extra <= BLOCK or plain[-extra:] != bytes([extra]) * extra:
        return None
    plain = plain[:-extra]
    if len(plain) < HEAD_BYTES:
        return None
    end = HEAD_BYTES + int.from_bytes(plain[SALT_BYTES:HEAD_BYTES], "big")
    return None if end > len(plain) else (plain[HEAD_BYTES:end], plain[end:])


def _tell_unreadable() -> CallRefused:
    return CallRefused(
        Words("消息解不开。", "The message cannot be opened."),
        mend=Words(
            "请核对 EncodingAESKey；刚换过密钥时，把旧的也留着。",
            "Check the EncodingAESKey; keep the last one too, just after a change.",
        ),
    )
