# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who says what in a record: a client, a server, or a program about itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from ..memo import Memo
from ..smtp.step import CLIENT, REMARK, SERVER, Step
from ..templates.records import run

# Who speaks, by which mark, and what is said; None for what smtp_dialogue knows and leaves out, such as a second form of a reply.
Said: TypeAlias = tuple[str, str, str] | None


class DialogueMarks:
    """Reads the marks of dialogues in texts. A text says the same wherever it stands."""

    def __init__(self) -> None:
        self._known: Memo[tuple[Said]] = Memo()
        self._fresh: dict[str, Said] = {}

    def learn(self, texts: Iterable[str]) -> None:
        """Read some texts together, which is faster than one by one."""
        unknown = list(dict.fromkeys(text for text in texts if self._known.get(text) is None))
        self._fresh = dict(zip(unknown, _read(unknown), strict=True))
        for text, said in self._fresh.items():
            self._known.put(text, (said,))

    def step(self, line: int, text: str, source: str, entry: str) -> Step | None:
        """Return the step that a line of a log is in a send; `entry`: the entry of the queue that the line names."""
        if (known := self._known.get(text)) is not None:
            (said,) = known
        elif text in self._fresh:
            said = self._fresh[text]
        else:
            (said,) = _read([text])
        if said is None:
            return None
        speaker, mark, words = said
        return Step(line, speaker, words, source, entry, mark)


def _read(texts: list[str]) -> list[Said]:
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
