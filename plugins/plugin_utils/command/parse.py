# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail parse`: records and verdicts from saved text."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .parser import Commands, complain

_EPILOG = """\
exit status of `parse`:
  0  each line was understood and each mail was accepted
  1  a mail failed
  2  a file could not be read, or the command was wrong
  3  some lines were not recognised, a verdict is unknown, the mail daemon did something that no send was recognised in, or
     there was nothing to read
"""


def add(commands: Commands) -> None:
    """Add the command to those of `fazmail`."""
    parser = commands.add_parser(
        "parse",
        help="records and verdicts from saved text",
        description="Read captures, terminal logs and saved debug output: what was sent, and why it did not arrive.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a saved log; - is standard input")
    parser.add_argument("--format", choices=["table", "json", "jsonl"], default="table", help="default: table")
    parser.add_argument("--templates", metavar="DIR", help="directory of TextFSM templates with an index, asked first")
    parser.add_argument("--vocabulary", metavar="FILE", help="YAML file of texts and their causes, asked first")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Parse the files, print the result and return the exit status."""
    if options.templates:
        if not (Path(options.templates) / "index").is_file():
            return complain(f"--templates {options.templates}: expected a directory with a file `index`")
        os.environ["FAZMAIL_TEMPLATES"] = options.templates
    if options.vocabulary:
        if not Path(options.vocabulary).is_file():
            return complain(f"--vocabulary {options.vocabulary}: expected a YAML file with a list `texts`")
        os.environ["FAZMAIL_VOCABULARY"] = options.vocabulary
    from ..analysis import analyse_bytes, document

    files = []
    for name in options.files:
        try:
            data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        except OSError as error:
            return complain(f"{name}: cannot be read: {error.strerror}; expected a saved log, or - for standard input")
        files.append(analyse_bytes(data, name))
    result = document(files)
    print(_rendered(result, options.format))
    return _status(files)


def _rendered(result: dict[str, Any], form: str) -> str:
    import json

    if form == "table":
        from ..report.log import log_report

        return log_report(result)
    if form == "json":
        return json.dumps(result, indent=2)
    return "\n".join(json.dumps(row) for file in result["files"] for row in _rows(file))


def _rows(file: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """A file as lines of JSON: its records, its unmatched lines, its verdicts, and a summary that closes it."""
    path = file["path"]
    yield from ({"path": path, "kind": "record", **record} for record in file["records"])
    yield from ({"path": path, "kind": "unmatched", **line} for line in file["unmatched"])
    yield from ({"path": path, "kind": "verdict", **verdict} for verdict in file["verdicts"])
    yield {"path": path, "kind": "summary", "status": file["status"], "lines": file["lines"]}


def _status(files: list[dict[str, Any]]) -> int:
    outcomes = [verdict["outcome"] for file in files for verdict in file["verdicts"]]
    if "failed" in outcomes:
        return 1
    if not outcomes and any(_more_than_idle(record) for file in files for record in file["records"]):
        return 3
    return 3 if "unknown" in outcomes or any(file["status"] != "complete" for file in files) else 0


def _more_than_idle(record: dict[str, Any]) -> bool:
    """Say whether a record is debug output of something other than the daemon's idle loop."""
    return record["template"] == "fazmaild_debug" and not {"pending_tasks", "last_sent_time"} & set(record)
