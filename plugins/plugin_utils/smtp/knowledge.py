# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of causes, of texts and of reply codes, read from the YAML files beside this one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

ENVIRONMENT = "FAZMAIL_VOCABULARY"

_OPENSSL_CODE = re.compile(r"\berror:([0-9A-Fa-f]{8})\b")


@dataclass(frozen=True)
class Cause:
    """One row of causes.yml."""

    name: str
    stage: str
    owner: str
    temporary: bool | None
    explanation: str
    remedy: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class Text:
    """One row of vocabulary.yml: a text some library or server prints, and what it means."""

    text: str
    pattern: re.Pattern[str] | None
    library: str
    stage: str
    cause: str
    evidence: str
    codes: tuple[str, ...]
    enhanced: tuple[str, ...]

    def matches(self, text: str, lowered: str, code: str, enhanced: str) -> bool:
        if (self.codes and code not in self.codes) or (self.enhanced and enhanced not in self.enhanced):
            return False
        return self.text in lowered if self.pattern is None else self.pattern.search(text) is not None


@dataclass(frozen=True)
class Meaning:
    """What a text was taken for: a cause, the stage the text itself points to ("" if none), and what decided it."""

    cause: str
    stage: str
    decided_by: str


@cache
def causes() -> dict[str, Cause]:
    """Return all causes by name."""
    return {
        row["cause"]: Cause(
            name=row["cause"],
            stage=row["stage"],
            owner=row["owner"],
            temporary=row.get("temporary"),
            explanation=row["explanation"],
            remedy=tuple(row.get("remedy", ())),
        )
        for row in _load("causes.yml")["causes"]
    }


@cache
def stages() -> list[str]:
    """Return the stages in the order of a mail's way."""
    names: list[str] = _load("causes.yml")["stages"]
    return names


def preload() -> None:
    """Read causes and texts now, so that processes forked later have them."""
    causes()
    _vocabulary()
    _numbers()


# Logs repeat themselves, and so do lists of errors.
@lru_cache(maxsize=8192)
def recognise(text: str, code: str = "", enhanced: str = "") -> Meaning | None:
    """Return what a text means by its words or by a number in it that a library prints; None when nothing knows it."""
    lowered = text.lower()
    for row in _vocabulary():
        if row.matches(text, lowered, code, enhanced):
            return Meaning(row.cause, row.stage if row.stage != "any" else "", f"{row.library}: {row.text}")
    for number, spelled in _spelled_numbers(text):
        if meaning := recognise(spelled):
            return Meaning(meaning.cause, meaning.stage, f"number {number}: {spelled}")
    return None


def classify_reply(code: str, enhanced: str, text: str, stage: str) -> Meaning:
    """Return what a negative reply means: by its words, its enhanced code, its code, or its class and stage."""
    if meaning := recognise(text, code, enhanced):
        return Meaning(meaning.cause, meaning.stage, meaning.decided_by)
    table = _load("replies.yml")
    if enhanced and (cause := table["enhanced"].get("X" + enhanced[1:])):
        return Meaning(cause, "", f"enhanced status code {enhanced}")
    if cause := table["basic"].get(code):
        return Meaning(cause, "", f"reply code {code}")
    if by_class := table["stage"].get(stage):
        return Meaning(by_class[0 if code.startswith("4") else 1], "", f"reply code {code} at stage {stage}")
    return Meaning("unknown", "", "")


@cache
def _vocabulary() -> list[Text]:
    files = [Path(__file__).with_name("vocabulary.yml")]
    if extra := os.environ.get(ENVIRONMENT):
        files.insert(0, Path(extra))
    return [_text(row) for file in files for row in _read(file)["texts"]]


def _text(row: Mapping[str, Any]) -> Text:
    return Text(
        text=str(row.get("text", row.get("regex"))).lower() if "text" in row else str(row["regex"]),
        pattern=None if "text" in row else re.compile(str(row["regex"]), re.IGNORECASE),
        library=row["library"],
        stage=row["stage"],
        cause=row["cause"],
        evidence=row["evidence"],
        codes=_several(row.get("code")),
        enhanced=_several(row.get("enhanced")),
    )


def _several(value: Any) -> tuple[str, ...]:
    return () if value is None else tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def _spelled_numbers(text: str) -> Iterator[tuple[str, str]]:
    """The numbers in a text that stand for an error of some library, with the words the library has for them."""
    for pattern, table in _numbers():
        if (match := pattern.search(text)) and (spelled := table.get(int(match[1]))):
            yield match[1], spelled
    if match := _OPENSSL_CODE.search(text):
        packed = int(match[1], 16)
        # The library's number stands in the high bits: 20 is SSL. OpenSSL 3 keeps 23 bits for the reason, 1.1 twelve.
        reason = packed & 0x7FFFFF if packed >> 23 == 20 else packed & 0xFFF if packed >> 24 == 20 else 0
        if spelled := _load("numbers.yml")["openssl_reason"].get(reason):
            yield match[1], spelled


@cache
def _numbers() -> list[tuple[re.Pattern[str], dict[int, str]]]:
    tables = _load("numbers.yml")
    return [
        (re.compile(r"\berrno\W{0,3}(\d{1,3})\b", re.I), tables["errno"]),
        (re.compile(r"\bcurl\W{0,3}(?:(?:error|code|rc|result)\W{0,3})?(\d{1,2})\b", re.I), tables["curl"]),
        (re.compile(r"\b(?:EAI|gai|getaddrinfo)\w*\W{0,3}?(-\d{1,2})\b", re.I), tables["gai"]),
    ]


@cache
def _load(name: str) -> dict[str, Any]:
    return _read(Path(__file__).with_name(name))


def _read(file: Path) -> dict[str, Any]:
    # The loader of libyaml is as safe and much faster; PyYAML has it wherever libyaml is.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)
    return data
