# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts in a saved configuration: a backup, the output of `show`, or a log of a session.

Only what the device printed counts: a block that somebody typed is a change, after which an earlier block is out of date. A block
that is not closed was cut off. What is not there is unknown, but in a whole configuration, which leaves out what is empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..device.schema import (
    Table,
    alert_destination,
    approval_matrix,
    system_alertemail,
    system_dns,
    system_global,
    system_mail,
)
from ..device.tables import alert_events_of, destination_key, entries_of, entry_of
from ..device.written import event_rows, mail_rows, named
from ..firmware import Firmware
from ..terminal.configuration import Block, NoBlockError, read_block

_NEVER = "a saved configuration does not hold it"
_TABLES: Mapping[str, Callable[[], Table]] = {
    "mail": system_mail,
    "alert_destinations": alert_destination,
    "approval_matrix": approval_matrix,
}
_OBJECTS: Mapping[str, Callable[[], Table]] = {
    "alertemail": system_alertemail,
    "dns": system_dns,
    "global": system_global,
}
_KEYS: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "mail": lambda key: {"id": key},
    "alert_destinations": destination_key,
    "approval_matrix": lambda key: {"adom": key},
}

# A prompt, and a command typed behind it: `FAZ-HQ # show`, `FAZ-HQ (mail)# set ...`, `(mail)# next`.
_PROMPT = re.compile(
    r"^(?:(?P<name>[\w.~-]{1,64}) ?(?:\([^()\n]{1,64}\) ?)?|\([^()\n]{1,80}\) ?)[#$] ?"
    r"(?P<command>(?:get|show|config|edit|set|unset|delete|purge|next|end|abort|diagnose|diag|execute|exec|exit|quit)\b|$)",
    re.MULTILINE,
)
# The header of a backup is verbatim for FMG; that of FAZ is assumed to have the same form.
_HEADER = re.compile(r"#config-version=(?P<product>[A-Z]+)[\w-]*?-(?P<version>\d{1,4}\.\d{1,4}(?:\.\d{1,4})?)-")
# Expressions begin with a literal, which is found fast in a big text.
_VERSION = re.compile(r"Version\s*:\s*v(?P<value>\d{1,4}\.\d{1,4}\.\d{1,4})\b")
_PLATFORM = re.compile(r"Platform Full Name\s*:\s*(?P<value>Forti\w+)")
_FAMILIES = {"FAZ": "FortiAnalyzer", "FMG": "FortiManager"}
_TOP_LEVEL = re.compile(r"\nconfig [\w .-]+\r?(?=\n)")
# A whole configuration has many blocks; a few may be the output of a few commands.
_FEWEST_BLOCKS = 5
_SLICES = (1 << 14, 1 << 18)


def facts_of(text: str, release: str = "") -> dict[str, Any]:
    """Return the facts in the text of one device, in the form that subjects() takes.

    release: that of the device, where the text does not tell it. `firmware` is None where it is not known; `branch` may be. `product` is the device's family,
    or what the header of a backup has in its place. `unread` and `unreadable` have the reason for each fact that is None.
    """
    firmware, product, branch = _firmware(text, release)
    facts: dict[str, Any] = {
        "hostname": "",
        "product": product,
        "branch": branch,
        "firmware": None if firmware is None else {"family": firmware.family, "version": firmware.version_text},
        "unread": {},
        "unreadable": dict.fromkeys(("fazmaild", "debug", "ha", "proof"), _NEVER),
    }
    if firmware is None:
        known = f"only the branch {branch}" if branch else "no firmware"
        facts["unread"]["firmware"] = (
            f"the text tells {known}; `get system status` in it, or --firmware, tells the release"
        )
    prompts = list(_prompts(text))
    names = {match["name"] for match in prompts if match["name"] and match["command"]}
    if len(names) > 1:
        several = f"the text is of several devices ({', '.join(sorted(names)[:3])}); expected one device in a file"
        facts["unread"].update(dict.fromkeys((*_TABLES, *_OBJECTS), several))
        return {**dict.fromkeys((*_TABLES, *_OBJECTS)), **facts}
    whole = _is_whole(text)
    for name, table in {**_TABLES, **_OBJECTS}.items():
        path = " ".join((table().outer or table()).path)
        try:
            block = _block(text, path, whole, prompts)
        except _NotShown as error:
            facts[name] = None
            facts["unread"][name] = str(error)
            continue
        if key_of := _KEYS.get(name):
            rows = entries_of(block, table()).items()
            facts[name] = [{**key_of(key), **named(table(), entry)} for key, entry in rows]
        else:
            facts[name] = named(table(), entry_of(block.options, table()))
        if name == "global":
            facts["hostname"] = block.options.get("hostname", "")
    facts["hostname"] = facts["hostname"] or next(iter(names), "")
    return facts


def gathered_of(text: str) -> dict[str, Any]:
    """Return `mail_servers` and `alert_events` in the text of one device, as system_mail returns what it gathers, with `source`.

    What the text does not show is None, and `unread` has the reason.
    """
    facts = facts_of(text)
    found: dict[str, Any] = {"mail_servers": None, "alert_events": None, "unread": {}, "hostname": facts["hostname"]}
    known = facts["firmware"]
    found["source"] = (
        f"{known['family']} {known['version']}" if known else f"{facts['product']} {facts['branch']}".strip()
    )
    prompts, whole = list(_prompts(text)), _is_whole(text)
    for name, fact, path in (
        ("mail_servers", "mail", "system mail"),
        ("alert_events", "alert_destinations", "system alert-event"),
    ):
        if fact in facts["unread"]:
            found["unread"][name] = facts["unread"][fact]
            continue
        block = _block(text, path, whole, prompts)
        found[name] = (
            mail_rows(entries_of(block, system_mail()))
            if name == "mail_servers"
            else event_rows(alert_events_of(block))
        )
    return found


def holds_configuration(text: str) -> bool:
    """Return whether there is any block of a configuration in a text."""
    return "config " in text and re.search(r"^[^\n]{0,80}config \w", text, re.MULTILINE) is not None


def _firmware(text: str, release: str) -> tuple[Firmware | None, str, str]:
    """Return the firmware, the product, and the branch, such as 7.4.

    The header of a backup names the branch only (verbatim, FMG); `get system status` names the release.
    """
    header = _HEADER.search(text[:4096])
    platform = _of_status(_PLATFORM, text)
    product = header["product"] if header else ""
    family = platform or _FAMILIES.get(product[:3], product)
    if family not in _FAMILIES.values():
        return None, family, ""
    number = _of_status(_VERSION, text) or (header["version"] if header else "")
    branch = ".".join(number.split(".")[:2])
    if number.count(".") != 2 and release and f"{release}.".startswith(f"{branch}." if branch else ""):
        number = release
    firmware = Firmware.from_text(f"{family} {number}") if number.count(".") == 2 else None
    return firmware, family, branch


def _of_status(line: re.Pattern[str], text: str) -> str:
    """Return the value of a line of `get system status`, which Oxidized and RANCID keep as a comment; "" without one."""
    for match in line.finditer(text):
        if text[text.rfind("\n", 0, match.start()) + 1 : match.start()].strip(" #") == "":
            return match["value"]
    return ""


def _prompts(text: str) -> Iterator[re.Match[str]]:
    """Yield the prompts in a text, each with the command typed behind it."""
    last = -1
    for mark in re.finditer("[#$]", text):
        line = text.rfind("\n", 0, mark.start()) + 1
        if line > last and (match := _PROMPT.match(text, line)):
            last = line
            yield match


def _is_whole(text: str) -> bool:
    """Return whether a text is a whole configuration, up to its end."""
    blocks = {each.strip() for each in _TOP_LEVEL.findall(f"\n{text}")}
    has_global = any(each.split() == ["config", "system", "global"] for each in blocks)
    last = text.rstrip()[-200:].rpartition("\n")[2].strip()
    closed = last == "end" or last.startswith("#") or _PROMPT.match(last) is not None
    return has_global and closed and (_HEADER.search(text[:4096]) is not None or len(blocks) >= _FEWEST_BLOCKS)


class _NotShown(Exception):
    """A table cannot be read from the text; the message is the reason."""


@dataclass(frozen=True)
class _Place:
    """Where `config PATH` is in a text, and whether somebody typed it."""

    start: int
    end: int
    typed: bool


def _block(text: str, path: str, whole: bool, prompts: Sequence[re.Match[str]]) -> Block:
    """Return the last block that the device printed. Raises _NotShown where that is cut off, out of date, or not there."""
    matches = list(re.finditer(rf"config {re.escape(path)}[ \t\r]*$", text, re.MULTILINE))
    places = list(_places(text, matches, prompts))
    shown = [place for place in places if not place.typed]
    if not shown:
        if whole and not matches:
            return Block()
        raise _NotShown(f"config {path} is not in the text")
    last = shown[-1]
    if any(place.typed and place.start > last.start for place in places) or _goes_on(prompts, last):
        raise _NotShown(f"config {path} was changed after it was shown")
    for size in (*_SLICES, last.end - last.start):
        try:
            return read_block(text[last.start : min(last.end, last.start + size)], path)
        except NoBlockError:
            continue
    raise _NotShown(f"config {path} is cut off: its `end` is missing")


def _places(text: str, matches: Sequence[re.Match[str]], prompts: Sequence[re.Match[str]]) -> Iterator[_Place]:
    lines = {match.start() for match in prompts}
    for number, match in enumerate(matches):
        line = text.rfind("\n", 0, match.start()) + 1
        before = text[line : match.start()].strip()
        typed = bool(before) and line in lines
        if (before and not typed) or (not typed and _is_quoted(text, match.start(), prompts)):
            continue
        following = matches[number + 1].start() if number + 1 < len(matches) else len(text)
        end = min((each.start() for each in prompts if match.end() <= each.start()), default=following)
        yield _Place(match.start(), min(end, following), typed)


def _goes_on(prompts: Sequence[re.Match[str]], shown: _Place) -> bool:
    """Return whether changes are typed behind a block that was shown from inside its table."""
    for match in (each for each in prompts if each.start() >= shown.end):
        if match["command"] in ("edit", "set", "unset", "delete", "purge"):
            return True
        if match["command"] in ("config", "end", "abort"):
            return False
    return False


def _is_quoted(text: str, position: int, prompts: Sequence[re.Match[str]]) -> bool:
    """Return whether a position is inside a value in quotation marks, such as a banner that looks like configuration."""
    begin = max((match.end() for match in prompts if match.end() <= position), default=0)
    return (text.count('"', begin, position) - text.count('\\"', begin, position)) % 2 == 1
