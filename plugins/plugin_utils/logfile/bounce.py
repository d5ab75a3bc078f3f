# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mail server says in a report to the sender, a bounce: RFC 3464 in RFC 6522. Its fields, one line each, as a template reads them."""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email.message import EmailMessage, Message

REPORT = "multipart/report"
STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
# The mail that the report is about, or its headers: what is in it was sent, and tells nothing of what became of it.
_RETURNED = frozenset({"message/rfc822", "message/global", "message/global-headers", "text/rfc822-headers"})
# A reason, in words or in a code that has a meaning.
_TELLING = re.compile(rb"^(?:diagnostic-code:[ \t]*\S|status:[ \t]*[245]\.(?!0\.0\b))", re.IGNORECASE | re.MULTILINE)
_FOLD = re.compile(r"\r?\n[ \t]+")


def told_by(parts: Sequence[EmailMessage]) -> list[EmailMessage]:
    """Return the parts of a report that are to be read: those for programs, where they tell a reason, else the words for people."""
    kept = [part for part in parts if part.get_content_type() not in _RETURNED]
    statuses = [part for part in kept if part.get_content_type() in STATUS]
    others = [part for part in kept[1:] if part not in statuses]
    telling = any(_TELLING.search(status_of(part)) for part in statuses)
    return [*statuses, *others] if telling else [part for part in kept if part not in statuses] or statuses


def status_of(part: Message) -> bytes:
    """Return the fields of such a part, unfolded, in UTF-8, also where they are encoded, which they should not be."""
    blocks = part.get_payload()
    text = "\n\n".join(map(_block, blocks)) if isinstance(blocks, list) else str(blocks)
    encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
    data = text.encode("utf-8", "surrogateescape")
    if encoding == "base64":
        with suppress(binascii.Error):  # where it was not encoded after all
            data = binascii.a2b_base64(data)
    elif encoding == "quoted-printable":
        data = quopri.decodestring(data)
    return _FOLD.sub(" ", data.decode("utf-8", "replace")).encode("utf-8", "replace")


def _block(block: Message) -> str:
    """Return a group of fields as it was: Python reads it as the headers of a mail, and what is no header as its text."""
    fields: Iterable[tuple[str, str]] = block.raw_items()
    body = block.get_payload()
    return "\n".join([*(f"{name}: {value}" for name, value in fields), body if isinstance(body, str) else ""])
