# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who says what in a record: a client, a server, or a program about itself."""

from __future__ import annotations

from typing import TypeAlias

from ..regex.digits import Unproven, first_match
from ..smtp.speech import CLIENT, REMARK, SERVER
from ..templates.find import template
from ..templates.records import run

# Who speaks, by which mark, and what is said; None for what smtp_dialogue knows and leaves out, such as a second form of a reply.
Said: TypeAlias = tuple[str, str, str] | None
# Who speaks, by which mark, and where in a text what is said begins and ends.
Slice: TypeAlias = tuple[str, str, int, int]


def prove_said(text: str, folded: str) -> Slice | None:
    """Return who says what in a text, as a slice of it; the same for all texts that fold to the same one.

    None when the text is left out. Raises Unproven.
    """
    marks = template("smtp_dialogue")
    if not marks.line_local:
        raise Unproven
    found = first_match([rule.regex_obj.regex for rule in marks.compiled.states["Start"]], folded)
    (said,) = read_said([text])
    if said is None:
        return None
    speaker, mark, words = said
    begin, end = (
        (0, len(text)) if found is None else found[1].span("TEXT") if "TEXT" in found[1].re.groupindex else (0, 0)
    )
    begin, end = max(begin, 0), max(end, 0)
    if text[begin:end] != words:
        raise Unproven
    return speaker, mark, begin, end


def read_said(texts: list[str]) -> list[Said]:
    """Return who says what in each of some texts. A text says the same wherever it is."""
    spoken = run("smtp_dialogue", texts) if texts else None
    if spoken is None:
        return []
    rows = dict(zip(spoken.positions, spoken.rows, strict=True))
    result: list[Said] = []
    for position, text in enumerate(texts):
        row = rows.get(position)
        if row is None:
            result.append(None if spoken.matched[position] else (REMARK, "", text))
            continue
        speaker = CLIENT if "client" in row else SERVER if "server" in row or "info" not in row else REMARK
        mark = str(row.get("client") or row.get("server") or row.get("info") or "")
        result.append((speaker, mark, row.get("text", "")))
    return result
