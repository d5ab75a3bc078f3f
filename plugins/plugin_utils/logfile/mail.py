# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts and attachments of mails that were saved as files: one mail (.eml) or many (mbox). RFC 5322, 2045, 3676, 4155."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, cast

from .bounce import REPORT, STATUS, status_of, told_by
from .web_page import text_of
from .zipped import DamagedError

if TYPE_CHECKING:
    from email.message import EmailMessage

# A mail is held in memory; mail servers take less.
MOST = 200 * 1000 * 1000
_HEADER = re.compile(rb"(?:[!-9;-~]{1,76}:[ \t]?[^\r\n]*|[ \t][^\r\n]*)\r?\n?")
# Headers of which a mail has several, and hardly any other text has one at the beginning of its first lines.
_OF_MAIL = re.compile(
    rb"^(?:from|to|subject|date|message-id|mime-version|received|return-path|content-type|delivered-to):", re.I | re.M
)
_ENOUGH = 3
_OF_BOX = re.compile(rb"From \S+ [^\r\n]*\d{4}\r?\n")
# Pictures are no logs, and every signature has one.
_NOT_READ = frozenset({"image", "audio", "video"})
TEXT = "text"
# What no letter has, and every log: a prompt, a time stamp, the place in a source file, a reply code, a configuration.
_OF_LOG = re.compile(
    r"^[> ]*(?:\S{1,64} (?:\([^()]{1,64}\) ?)?[#$] |\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|\w+:\d+:|config \w|[<>*=~-]{0,3} ?[2-5]\d\d[ -])"
    r"|\b(?:EHLO|STARTTLS|RCPT TO|MAIL FROM)\b|\b[45]\d\d[ -][45]\.\d+\.\d+\b",
    re.MULTILINE,
)
_QUOTES = re.compile(r"(?:>\s?)*")


class MailBytes(Protocol):
    """Bytes that are read by size or by line."""

    def read(self, size: int, /) -> bytes: ...

    def readline(self, size: int, /) -> bytes: ...


def is_mail(head: bytes) -> bool:
    """Return whether a file that begins so is a mail: it begins with headers, and with several that every mail has."""
    block = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    lines = block.splitlines(keepends=True)
    # The last line may go on behind what is known of the file.
    whole = lines if len(block) < len(head) else lines[:-1]
    return (
        bool(whole)
        and not whole[0][:1].isspace()
        and all(_HEADER.fullmatch(line) for line in whole)
        and len({match.lower() for match in _OF_MAIL.findall(b"".join(whole))}) >= _ENOUGH
    )


def is_mailbox(head: bytes) -> bool:
    """Return whether a file that begins so is an mbox: a line on the sender and the time, and behind it a mail."""
    first = _OF_BOX.match(head)
    return first is not None and is_mail(head[first.end() :])


def is_letter(text: bytes) -> bool:
    """Return whether a text is a letter only, and nothing in it may be of a log."""
    return _OF_LOG.search(text.decode("utf-8", "replace")) is None


def without_letter(parts: Iterator[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Yield the parts of a mail, but no letter that only says that something is attached."""
    held = list(parts)
    for name, content in held:
        if name.rpartition("!")[2].split(" ")[0] != TEXT or len(held) == 1 or not is_letter(content):
            yield name, content


def mail_parts(file: MailBytes) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of what is in a mail: its text, and each attachment. Raises DamagedError for one that is too large."""
    data = file.read(MOST + 1)
    if len(data) > MOST:
        raise DamagedError(f"it is a mail of more than {MOST // 10**6} MB; save its attachments and read them")
    yield from without_letter(_parts(data))


def mailbox_parts(file: MailBytes) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of what is in the mails of an mbox, which is read one mail at a time."""
    for number, data in enumerate(_mails(file), 1):
        for name, content in without_letter(_parts(data)):
            yield f"{number}!{name}", content


def _mails(file: MailBytes) -> Iterator[bytes]:
    held: list[bytes] = []
    size, blank = 0, True
    for line in iter(lambda: file.readline(1 << 20), b""):
        if blank and line.startswith(b"From "):
            if held:
                yield b"".join(held)
            held, size = [], 0
            continue
        blank = not line.strip()
        size += len(line)
        if size <= MOST:
            held.append(line[1:] if line.startswith(b">From ") else line)
    if held:
        yield b"".join(held)


def _parts(data: bytes) -> Iterator[tuple[str, bytes]]:
    # Slow to load, and hardly ever needed.
    import email.policy
    from email.message import EmailMessage
    from email.parser import BytesParser

    try:
        message = BytesParser(EmailMessage, policy=email.policy.default).parsebytes(data)
        parts = list(_leaves(message))
    except RecursionError as error:
        raise DamagedError("its parts are in one another too many times; save its attachments and read them") from error
    number = 0
    alternatives: list[str] = []
    for part in parts:
        if part.get_content_type() in STATUS:
            yield "delivery-status", status_of(part)
            continue
        kind = part.get_content_maintype()
        if kind in _NOT_READ:
            continue
        name = _file_name(part)
        content = part.get_payload(decode=True)
        content = content if isinstance(content, bytes) else b""
        if name is None and kind == "text":
            html = part.get_content_subtype() == "html"
            if html and TEXT in alternatives:
                continue  # the same as the plain text before it
            alternatives.append(TEXT)
            content = _text(part, content, html)
        number += 1
        yield name or (TEXT if number == 1 else f"{TEXT} {number}"), content


def _leaves(part: EmailMessage) -> Iterator[EmailMessage]:
    """Yield what a mail consists of, down to the parts that have no others, in the order in which it has them."""
    if part.get_content_type() in STATUS or not part.is_multipart():
        yield part
        return
    inner = cast("list[EmailMessage]", part.get_payload())
    for each in told_by(inner) if part.get_content_type() == REPORT else inner:
        yield from _leaves(each)


def _file_name(part: EmailMessage) -> str | None:
    try:
        name = part.get_filename()
    except (ValueError, LookupError, IndexError, AttributeError, TypeError):
        name = "attachment"  # a damaged header
    return name.replace("/", "_") if name else None


def _text(part: EmailMessage, content: bytes, html: bool) -> bytes:
    """Return a text in UTF-8, in the lines that its writer meant."""
    try:
        text = content.decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, ValueError):
        text = content.decode("utf-8", "replace")
    if html:
        text = text_of(text)
    elif str(part.get_param("format", "")).lower() == "flowed":
        text = "\n".join(_unflowed(text.splitlines()))
    return text.encode("utf-8", "replace")


def _unflowed(lines: list[str]) -> Iterator[str]:
    """Yield the lines of a text in which a blank at the end of a line says that it goes on in the next one (RFC 3676)."""
    held = ""
    for line in lines:
        depth = _depth(line)
        if held and depth == _depth(held):
            line = held + line[len(_quotes(line)) :]
        elif held:
            yield held
        held = line if line.endswith(" ") and line != "-- " else ""
        if not held:
            yield line
    if held:
        yield held


def _quotes(line: str) -> str:
    found = _QUOTES.match(line)
    return found[0] if found else ""


def _depth(line: str) -> int:
    return _quotes(line).count(">")
