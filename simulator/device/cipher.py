# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the simulated device shows a stored password: `ENC` and a text that differs at every `show`.

Not a protection of anything, only a substitute for the device's: reversible with a key that is public, with a fresh nonce
each time, and with a checksum so that a made-up token is refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from random import Random

_NONCE, _CHECK, _BLOCK = 8, 4, 32


def encrypt(secret: str, random: Random) -> str:
    """Return one token of base64, another one at each call."""
    data = secret.encode("utf-8")
    # Padded, so that the length of the token does not tell the length of the password.
    data += b"\0" * (-len(data) % _BLOCK or (_BLOCK if not data else 0))
    nonce = random.randbytes(_NONCE)
    return base64.b64encode(nonce + _check(nonce + data) + _mix(data, nonce)).decode("ascii")


def decrypt(token: str) -> str:
    """Return the secret of a token. Raises ValueError when the device did not make it."""
    try:
        raw = base64.b64decode(token, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    nonce, check, data = raw[:_NONCE], raw[_NONCE : _NONCE + _CHECK], raw[_NONCE + _CHECK :]
    data = _mix(data, nonce)
    if len(raw) < _NONCE + _CHECK or check != _check(nonce + data):
        raise ValueError("not made by this device")
    return data.rstrip(b"\0").decode("utf-8")


def _mix(data: bytes, nonce: bytes) -> bytes:
    stream = b"".join(
        hashlib.sha256(nonce + number.to_bytes(4, "big")).digest() for number in range(len(data) // _BLOCK + 1)
    )
    return bytes(left ^ right for left, right in zip(data, stream, strict=False))


def _check(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()[:_CHECK]
