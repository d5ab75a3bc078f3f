# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that hold no text, such as pictures and programs: why they are not read, and what to ask for in their place."""

from __future__ import annotations

from ..terminal.encoding import detect
from .mail import is_letter

_PICTURE = "it is a picture; a log has to be text"
_PACKETS = "it holds packets; follow the TCP stream in Wireshark, and save that as text"
_PROGRAM = "it is a program"
_MAGIC = {
    # No module of Python's library reads these.
    b"7z\xbc\xaf\x27\x1c": "7z is not supported; unpack it first, or have it sent as zip",
    b"Rar!\x1a\x07": "RAR is not supported; unpack it first, or have it sent as zip",
    b"%PDF-": "it is a PDF; copy its text, and save that as text",
    **dict.fromkeys((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a"), _PICTURE),
    **dict.fromkeys((b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\x0a\x0d\x0d\x0a"), _PACKETS),
    **dict.fromkeys((b"\x7fELF", b"MZ\x90\x00"), _PROGRAM),
}
# Control characters that no terminal is sent, out of which a tenth of random bytes are. A log that quotes the bytes of TLS has few.
_CONTROLS = bytes([*range(1, 7), *range(14, 27), *range(28, 32), 127])
_MOST_CONTROLS = 0.04
# What shows nearly always that a file is text; what is behind it is only looked at where it does not.
_HEAD = 8192


def why_no_text(beginning: bytes) -> str:
    """Return why a file that begins so is not read, and what to do instead; "" for a text.

    A log may begin with noise, as of a serial console or of a disk that was full. It is read where most of what is behind
    the first bytes is text, and something in that is of a log.
    """
    for magic, reason in _MAGIC.items():
        if beginning.startswith(magic):
            return reason
    head, behind = beginning[:_HEAD], beginning[_HEAD:]
    if not _is_noise(head) or detect(head).unit > 1 or not is_letter(head):
        return ""
    if behind and not _is_noise(behind) and not is_letter(behind):
        return ""
    return "it holds no text; if a log begins further on in it, cut off what is before the log"


def _is_noise(data: bytes) -> bool:
    shown = len(data) - data.count(0)
    controls = shown - len(data.translate(None, _CONTROLS + b"\0"))
    return controls > shown * _MOST_CONTROLS
