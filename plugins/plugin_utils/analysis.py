# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way from text to verdicts, for live captures and saved logs alike. Pure functions of the text."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from operator import itemgetter
from typing import Any, BinaryIO, cast

from .libraries import MissingLibraryError
from .log import classifier as sorting
from .log.stream import Item, LogOptions, stream
from .logfile.archives import open_log
from .logfile.batch import Batch
from .logfile.reader import read
from .path.saved import SavedPath
from .smtp import knowledge
from .terminal.clean import lines

SCHEMA = "fortiops.mail/parse/1"
# More unmatched lines of one file are counted, by their shapes, and not kept.
MOST_UNMATCHED = 10_000

# What a test of mail brings, with a success and a failure.
_EXAMPLE = """\
FAZ # get system status
Platform Type                   : FAZVM64
Version                         : v7.4.2-build2397 231220 (GA.F)
Hostname                        : FAZ
FAZ # show system mail
config system mail
    edit "1"
        set server "mail.example.com"
    next
end
FAZ # diagnose test application fazmaild 2
total sent mail count:     1
FAZ # diagnose debug info
General
    console debug output:           disable
FAZ # diagnose test connection mailserver "1"
send:1: start to send mail, task 1, server mail.example.com:587.
send:1: mail.example.com resolved to 192.0.2.1.
send:1: connecting to 192.0.2.1 port 587.
send:1: connected to 192.0.2.1 port 587.
send:1: < 220 mail.example.com ESMTP
send:1: > EHLO faz
send:1: < 250-STARTTLS
send:1: < 250 AUTH LOGIN PLAIN
send:1: > STARTTLS
send:1: < 220 Ready to start TLS
send:1: TLS established, TLSv1.3 TLS_AES_256_GCM_SHA384.
send:1: > EHLO faz
send:1: < 250 AUTH LOGIN PLAIN
send:1: > AUTH LOGIN
send:1: < 334 VXNlcm5hbWU6
send:1: < 235 2.7.0 Authentication successful
send:1: > MAIL FROM:<faz@example.com>
send:1: < 250 2.1.0 Ok
send:1: > RCPT TO:<noc@example.com>
send:1: < 250 2.1.5 Ok
send:1: > DATA
send:1: < 354 End data with <CR><LF>.<CR><LF>
send:1: > .
send:1: < 250 2.0.0 Ok: queued as 1
send:1: > QUIT
send:1: < 221 Bye
send:1: send mail done, task 1: 250 2.0.0 Ok: queued as 1
Connecting to mail server "1" (mail.example.com:587).
Test mail was sent to noc@example.com: 250 2.0.0 Ok: queued as 1
FAZ # diagnose test connection mailserver "1"
send:1: < 535 5.7.8 no
output
"""


def preload() -> None:
    """Read templates, causes and texts now, so that processes forked later have them."""
    # What is missing is an error of whoever analyses a text.
    with contextlib.suppress(MissingLibraryError):
        sorting.preload()
        knowledge.preload()
        # What is made ready by the first use of it.
        analyse(_EXAMPLE)


def document(files: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the result document for some analysed files."""
    return {"schema": SCHEMA, "files": files}


def analyse(text: str, path: str = "-", concluded: bool = True) -> dict[str, Any]:
    """Return the analysis of a text as a device prints it, which no mail program has wrapped or quoted; see collect().

    concluded: what the text shows of the path to the mail server corrects the verdicts on its sends.
    """
    texts = lines(text)
    wanted = LogOptions(evidence=SavedPath if concluded else None)
    return collect(stream([Batch(texts, range(1, len(texts) + 1))], wanted), path)


def analyse_file(path: str) -> list[dict[str, Any]]:
    """Return the analysis of a saved log, packed or not: one, or one for each file of an archive. Raises OSError."""
    with open_log(path) as members:
        return [
            collect(stream(read(cast(BinaryIO, member.stream)), LogOptions(evidence=SavedPath)), member.name)
            for member in members
        ]


def collect(items: Iterable[Item], path: str) -> dict[str, Any]:
    """Return status, line counts, records, unmatched lines, sends and verdicts of a log or capture.

    `status` is `complete` when each line was understood, `partial` when some were not, `empty` when nothing was.
    """
    # In the order in which they are in the document.
    rows: dict[str, list[dict[str, Any]]] = {
        kind: [] for kind in ("unmatched", "record", "verdict", "send", "run", "path", "note")
    }
    left_out = 0
    summary: dict[str, Any] = {}
    for kind, data in items:
        if kind == "summary":
            summary = data
        elif kind == "unmatched" and len(rows[kind]) >= MOST_UNMATCHED:
            left_out += 1
        else:
            rows[kind].append(data)
    for each in rows.values():
        each.sort(key=itemgetter("line"))
    unmatched, notes = rows.pop("unmatched"), rows.pop("note")
    return {
        "path": path,
        "status": summary["status"],
        "lines": summary["lines"],
        "unmatched": unmatched,
        **{f"{kind}s": each for kind, each in rows.items()},
        **summary,
        "unmatched_left_out": left_out,
        "notes": notes,
    }
