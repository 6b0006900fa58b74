"""Compiled array code of the events room: hashing columns of ids at the speed of the memory."""

from canyu.events.kernels.blake import hash_rows_hex
from canyu.events.kernels.sip import hash_rows_keyed

__all__ = ["hash_rows_hex", "hash_rows_keyed"]
