# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way from text to verdicts, for live captures and saved logs alike. Pure functions of the text."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from typing import Any

from .smtp import knowledge
from .smtp.circumstances import Circumstances
from .smtp.conversation import CLIENT, REMARK, SERVER, Step
from .smtp.sends import tell_apart
from .smtp.verdict import judge, judge_test
from .text import lines as sorting
from .text import normalise, templates
from .text.lines import Record, Segment, Sorted
from .text.parse import run
from .text.redact import Redactor

SCHEMA = "fortiops.mail/parse/1"

# Templates whose records tell of a send, and those that are answers to commands of their own.
_TELLING = frozenset({"fazmaild_debug", "smtp_dialogue", "test_connection", "vocabulary", "cli_error"})


def preload() -> None:
    """Read templates, causes and texts now, so that processes forked later have them."""
    sorting.preload()
    knowledge.preload()


def document(files: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the result document for some analysed files."""
    return {"schema": SCHEMA, "files": files}


def analyse_bytes(data: bytes, path: str = "-") -> dict[str, Any]:
    """Return the analysis of a file's bytes, in whatever encoding; see analyse()."""
    return analyse(normalise.decode(data), path)


def analyse(text: str, path: str = "-") -> dict[str, Any]:
    """Return status, line counts, records, unmatched lines and verdicts of a log or capture.

    Secrets are removed first, so that none is in the result. `status` is `complete` when each line was understood,
    `partial` when some were not, `empty` when nothing was.
    """
    lines = normalise.lines(text)
    lines = Redactor().text("\n".join(lines)).split("\n") if lines else []
    found = sorting.sort(lines, lambda line: knowledge.recognise(line) is not None)
    counts = found.count()
    return {
        "path": path,
        "status": "empty" if not counts["event"] else "partial" if counts["unmatched"] else "complete",
        "lines": counts,
        "unmatched": [{"line": line.number, "text": line.text} for line in found.unmatched],
        "records": [record.as_dict() for segment in found.segments for record in segment.records],
        "verdicts": list(_verdicts(found)),
    }


def _verdicts(found: Sorted) -> Iterator[dict[str, Any]]:
    """One verdict per send: each test command begins one, and so does what looks like a new beginning in a log."""
    tests = [number for number, segment in enumerate(found.segments) if _is_test(segment)]
    first = tests[0] if tests else len(found.segments)
    yield from _of_log(found.segments[:first])
    for number, start in enumerate(tests):
        end = tests[number + 1] if number + 1 < len(tests) else len(found.segments)
        earlier = tests[number - 1] if number else 0
        around = _circumstances(found.segments, earlier, start, end)
        yield _with_line(judge_test(_steps(found.segments[start:end]), around), found.segments[start].line)


def _of_log(segments: list[Segment]) -> Iterator[dict[str, Any]]:
    for conversation in tell_apart(_steps(segments)):
        if conversation.reached or conversation.failures or conversation.accepted or conversation.mail_begun:
            yield _with_line(judge(conversation, Circumstances()), conversation.steps[0].line)


def _steps(segments: Iterable[Segment]) -> Iterator[Step]:
    records = [record for segment in segments for record in segment.records if record.template in _TELLING]
    records = [record for record in records if not _idle(record)]
    # Records of smtp_dialogue have lost the mark that says who spoke; the line still has it.
    texts = [
        record.text if record.template == "smtp_dialogue" else str(record.fields.get("text", record.text))
        for record in records
    ]
    spoken = run("smtp_dialogue", texts)
    said = dict(zip(spoken.positions, spoken.rows, strict=True))
    for position, (record, text) in enumerate(zip(records, texts, strict=True)):
        row = said.get(position)
        entry = str(record.fields.get("context", ""))
        if row is None:
            # A line smtp_dialogue knows and leaves out, such as smtplib's second form of a reply.
            if not spoken.matched[position]:
                yield Step(record.line, REMARK, text, record.template, entry)
            continue
        speaker = CLIENT if "client" in row else SERVER if "server" in row or "info" not in row else REMARK
        yield Step(record.line, speaker, row.get("text", ""), record.template, entry)


def _idle(record: Record) -> bool:
    return "pending_tasks" in record.fields or "last_sent_time" in record.fields


def _is_test(segment: Segment) -> bool:
    return bool(segment.command) and templates.choose(segment.command) == "test_connection"


def _circumstances(segments: list[Segment], earlier: int, start: int, end: int) -> Circumstances:
    """What is known around the test that begins at segment `start`; `earlier` is where the one before it begins."""
    entry_id, sender, recipient = _asked_for(segments[start].command)
    before = [record for segment in segments[:start] for record in segment.records]
    after = [record for segment in segments[start:end] for record in segment.records]
    entry = next((each.fields for each in reversed(before) if _is_entry(each, entry_id)), None)
    return Circumstances(
        entry_id=entry_id,
        entry=entry,
        sender=sender,
        recipient=recipient,
        # Counters that were read before an earlier test do not tell which of the two tests raised them.
        before=_statistics(record for segment in reversed(segments[earlier:start]) for record in segment.records),
        after=_statistics(after),
        paused=_state(reversed(before + after)) == "paused",
    )


def _is_entry(record: Record, entry_id: str) -> bool:
    return record.template == "show_system_mail" and record.fields.get("id") == entry_id


def _state(records: Iterable[Record]) -> str:
    states = (str(each.fields.get("state", "")) for each in records if each.template == "fazmaild_status")
    return next(filter(None, states), "")


def _statistics(records: Iterable[Record]) -> dict[str, Any]:
    return next((each.as_dict() for each in records if each.template == "fazmaild_statistics"), {})


def _asked_for(command: str) -> tuple[str, str, str]:
    """The entry, the sender and the recipient that a test command names; "" for what it does not."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    entry, sender, recipient, *_ = [*words[4:7], "", "", ""]
    return entry, sender, recipient


def _with_line(verdict: dict[str, Any], line: int) -> dict[str, Any]:
    return {"line": line, **verdict}
