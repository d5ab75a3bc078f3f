# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compliance document as Markdown, for chats and merge requests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .assessment import Assessment, by_change, day, explained, failures, since_words, unknowns

_SPECIAL = re.compile(r"([\\`*_\[\]|~^$#!])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}
# Where GitHub and GitLab make a link or a picture of a word: `https://`, `mailto:`, `www.`, `:smile:`; a time is none.
_LINKING = re.compile(r"(?<=mailto):|(?<=xmpp):|(?<=www)\.|:(?!\d\d:)(?=//|[\w+\\-]+:)", re.IGNORECASE)
_MOST_ROWS = 200


def as_markdown(summary: Assessment) -> str:
    """Return the text of the file: what changed, what is wrong, and what was not assessed."""
    return "\n".join(_lines(summary)) + "\n"


def _lines(summary: Assessment) -> Iterator[str]:
    yield f"## {markdown_text(summary.verdict)}"
    yield ""
    if summary.of_changes:
        yield f"**{markdown_text(summary.of_changes)}**"
        yield ""
    yield (
        f"{len(summary.assessed)} assessed, {len(summary.not_assessed)} not assessed, "
        f"{len(summary.clean)} without a finding. Made {markdown_text(day(summary.data['created']))} UTC."
    )
    compared = "changes" in summary.data
    rows = [(device, finding) for device in summary.assessed for finding in failures(device)]
    order = {id(finding): number for number, finding in enumerate(by_change([finding for __, finding in rows]))}
    if compared:
        rows.sort(key=lambda row: order[id(row[1])])
    else:
        worst = {name: number for number, name in enumerate(summary.names["broken"])}
        rows.sort(key=lambda row: worst.get(row[0]["name"], len(worst)))
    if rows:
        change = ("change",) if compared else ()
        yield from markdown_table(
            (*change, "device", "severity", "rule", "about", "found", "fix"),
            [
                (
                    *((since_words(finding),) if compared else ()),
                    *(device["name"], finding["severity"], f"{finding['rule']}: {finding['title']}", finding["entry"]),
                    *(explained(finding), finding["fix"]),
                )
                for device, finding in rows
            ],
        )
    if compared and summary.data["changes"]["fixed"]:
        fixed = summary.data["changes"]["fixed"]
        yield from markdown_table(
            ("fixed on", "severity", "rule", "about", "was"),
            [
                (each["device"], each["severity"], f"{each['rule']}: {each['title']}", each["entry"], each["detail"])
                for each in fixed
            ],
        )
    if compared and summary.data["changes"]["gone"]:
        gone = summary.data["changes"]["gone"]
        yield from markdown_table(("gone", "findings it had"), [(each["device"], each["failed"]) for each in gone])
    for sentence in (summary.of_waivers, summary.of_replaced):
        if sentence:
            yield ""
            yield markdown_text(sentence)
    if summary.errors:
        yield from markdown_table(
            ("not assessed", "cause", "why"),
            [(device["name"], error["cause"], error["message"]) for device, error in summary.errors],
        )
    unknown = [
        (each["name"], f"{row['rule']}: {row['title']}", row["detail"])
        for each in summary.assessed
        for row in unknowns(each)
    ]
    if unknown:
        yield from markdown_table(("assessed in part", "rule", "why"), unknown)


def markdown_table(header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Iterator[str]:
    yield ""
    yield f"| {' | '.join(header)} |"
    yield f"|{' --- |' * len(header)}"
    for row in rows[:_MOST_ROWS]:
        yield f"| {' | '.join(map(markdown_text, row))} |"
    if len(rows) > _MOST_ROWS:
        yield f"\n{len(rows) - _MOST_ROWS} more are in the document."


def markdown_text(value: Any) -> str:
    """A value as text that means nothing to Markdown: no markup, no link, nobody mentioned."""
    escaped = _SPECIAL.sub(r"\\\1", str(value))
    safe = "".join(_ENTITIES.get(character, character) for character in escaped)
    return _LINKING.sub(lambda match: f"&#{ord(match[0])};", safe) or " "
