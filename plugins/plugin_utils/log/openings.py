# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How text begins that has neither marks nor a command of a device: replies of a mail server, and the tools of a network as
people use them on another computer (tools.yml), tables of mails, and the frames of a traceback.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from ..regex.digits import may_find, may_match
from ..yaml_file import read_beside

# How a greeting begins, and the lines of a reply of which only the first has a mark.
BARE_REPLY = re.compile(r"(?:220|250)(?:[ -]|<CRLF>|$)")
# A dialogue of which the greeting was not copied, or not shown: openssl s_client swallows it behind STARTTLS.
BARE_HELLO = re.compile(r"(?:EHLO|HELO|LHLO) \S+\s*$", re.IGNORECASE)
# `C:\>`, `PS C:\Users\x> `, `[root@jump ~]# `, `admin@mac ~ % `, `user@host:~$ `, `$ `.
_PROMPT = r"(?:(?:PS )?[A-Za-z]:\\[^<>|\"]{0,200}> ?|\[?[\w.-]{1,64}@[^#$%<>]{1,100}[#$%] |[\w.~-]{0,64}[$#%] |Microsoft Telnet> ?)"
# `  File "/opt/alert.py", line 12, in <module>`
PYTHON_FRAME = re.compile(r'(?<!\S)File "[^"]{1,500}", line \d+(?:, in |\s*$)')
_SENDER_ADDRESS = re.compile(r"ender[ _-]?[Aa]ddress")
# The same two in one expression, for the proof that a line has not both: words that only it has could be either. It is not asked
# about lines of more than 500 characters.
_TABLE_HEAD = re.compile(r"ecipient.{0,500}ender[ _-]?[Aa]ddress|ender[ _-]?[Aa]ddress.{0,500}ecipient")
_PROMPT_MARKS = re.compile(r"[>$#%]")


class Opening(NamedTuple):
    """What begins: the template that reads it, and the first line without its prompt. prompted: there was one."""

    template: str
    text: str
    prompted: bool


def opening_of(text: str) -> Opening | None:
    """Return which tool's output may begin with a line, None if none's."""
    if (found := _banner().match(text)) is not None:
        return Opening(_template(found), text, False)
    if _PROMPT_MARKS.search(text) and (found := _prompted().match(text)) is not None:
        return Opening(_template(found), text[found.end("prompt") :], True)
    return None


def tool_templates() -> frozenset[str]:
    """Return the names of the templates that read what the tools print."""
    return frozenset(str(tool["template"]) for tool in _tools())


def is_prompt(text: str) -> bool:
    """Return whether a line is a prompt of another computer and nothing else."""
    return _only_prompt().match(text) is not None


def may_open(text: str) -> bool:
    """Return whether something without marks may begin with a line, or go on with it."""
    return (
        BARE_REPLY.match(text) is not None
        or BARE_HELLO.match(text) is not None
        or may_head_table(text)
        or PYTHON_FRAME.search(text) is not None
        or opening_of(text) is not None
    )


def may_head_table(text: str) -> bool:
    """Return whether a line may be the names of the columns of a table of mails (tables.py)."""
    return "ecipient" in text and _SENDER_ADDRESS.search(text) is not None


def may_open_like(folded: str) -> bool:
    """Return whether something without marks may begin with a line that folds to a text, or go on with it."""
    # One by one: each needs other words, and what may begin with none of them is never folded.
    return (
        any(may_match(pattern, folded) for pattern in (BARE_REPLY, BARE_HELLO, *_banners()))
        or may_find(_TABLE_HEAD, folded)
        or may_find(PYTHON_FRAME, folded)
        or (_PROMPT_MARKS.search(folded) is not None and may_match(_prompted(), folded))
    )


def _template(found: re.Match[str]) -> str:
    return str(_tools()[int(str(found.lastgroup).removeprefix("tool"))]["template"])


@cache
def _banners() -> list[re.Pattern[str]]:
    return [re.compile(_begun(tool)) for tool in _tools()]


@cache
def _banner() -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<tool{number}>{_begun(tool)})" for number, tool in enumerate(_tools())))


@cache
def _prompted() -> re.Pattern[str]:
    commands = "|".join(
        f"(?P<tool{number}>{_typed([*tool['commands'], *tool.get('prompted', [])])})"
        for number, tool in enumerate(_tools())
    )
    return re.compile(f"(?P<prompt>{_PROMPT}(?:sudo )?)(?:{commands})")


@cache
def _only_prompt() -> re.Pattern[str]:
    return re.compile(rf"{_PROMPT}\s*$|\[?[\w.-]{{1,64}}@[^#$%<>]{{1,100}}[#$%]$|[$%]$")


def _begun(tool: dict[str, Any]) -> str:
    return "|".join([_typed(tool["commands"]), *tool["begins"]])


def _typed(commands: list[str]) -> str:
    return rf"(?:{'|'.join(map(re.escape, commands))})(?:\.exe)? \S"


@cache
def _tools() -> list[dict[str, Any]]:
    return list(read_beside(__file__, "tools.yml"))
