# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a cause in Markdown, made from causes.yml and vocabulary.yml: for the manual and for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from ..smtp.knowledge import Cause, causes
from ..smtp.vocabulary import Text, vocabulary
from .explanation import remedy_lines


def cause_page(cause: Cause) -> str:
    """Return what is known of a cause: where it shows, who acts, what to do, and the texts that name it."""
    return "\n".join(
        [f"### {cause.name}", "", cause.explanation, "", *_facts(cause), *_remedies(cause), *_texts(cause)]
    )


def cause_list() -> str:
    """Return all causes as a table: name, stage, owner and the first sentence of the explanation."""
    rows = [
        f"| [{cause.name}](#{cause.name}) | {cause.stage} | {cause.owner} | {cause.explanation.partition('. ')[0].rstrip('.')} |"
        for cause in causes().values()
    ]
    return "\n".join(["| cause | stage | who | what happened |", "| --- | --- | --- | --- |", *rows])


def _facts(cause: Cause) -> Iterator[str]:
    owner = cause.owner + (f", with {' and '.join(cause.also)}" if cause.also else "")
    wait = {True: "usually temporary", False: "permanent", None: "temporary or permanent"}[cause.temporary]
    yield f"- In plain words: {cause.plain}"
    yield f"- Stage: {cause.stage}"
    yield f"- Who acts: {owner}"
    yield f"- Standard code: {cause.standard or 'none'}"
    if cause.name not in ("accepted", "unknown"):
        yield f"- Without a reply code: {wait}"
    yield ""


def _remedies(cause: Cause) -> Iterator[str]:
    yield "What to do:"
    yield ""
    for number, remedy in enumerate(cause.remedy, 1):
        parts = dict(remedy_lines(dict(remedy)))
        yield f"{number}. {parts['advice'][0] if 'advice' in parts else 'On the device, or with a task:'}"
        for kind, language in (("cli", "text"), ("task", "yaml")):
            if kind in parts:
                yield ""
                yield f"   ```{language}"
                yield from (f"   {line}" for line in parts[kind])
                yield "   ```"
        yield ""


def _texts(cause: Cause) -> Iterator[str]:
    rows = [row for row in vocabulary().rows if row.cause == cause.name]
    if not rows:
        yield "No text names it; the course of the dialogue does."
        return
    yield "| such texts | from | evidence |"
    yield "| --- | --- | --- |"
    yield from (f"| `{_sample(row)}` | {row.library} | {row.evidence} |" for row in rows)


def _sample(row: Text) -> str:
    return row.sample.replace("|", "\\|").replace("`", "'")
