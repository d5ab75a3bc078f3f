# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `fazmail`."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from . import record

# Heavy imports stay inside the functions that need them: `fazmail --help` answers at once.

_EPILOG = """\
exit status of `parse`:
  0  each line was understood and each mail was accepted
  1  a mail failed
  2  a file could not be read, or the command was wrong
  3  some lines were not recognised, a verdict is unknown, the mail daemon did something that no send was recognised in, or
     there was nothing to read
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (default: those of the process) and return its exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    # A file name need not be text; showing it must not be what fails.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough, as `head` does; Python would complain about it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fazmail",
        description="Read logs of the mail daemon of FortiAnalyzer and FortiManager, and simulate such devices.",
    )
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    parse = commands.add_parser(
        "parse",
        help="records and verdicts from saved text",
        description="Read captures, terminal logs and saved debug output: what was sent, and why it did not arrive.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parse.add_argument("files", nargs="+", metavar="FILE", help="a saved log; - is standard input")
    parse.add_argument("--format", choices=["table", "json", "jsonl"], default="table", help="default: table")
    parse.add_argument("--templates", metavar="DIR", help="directory of TextFSM templates with an index, asked first")
    parse.add_argument("--vocabulary", metavar="FILE", help="YAML file of texts and their causes, asked first")
    parse.set_defaults(run=_parse)
    classify = commands.add_parser(
        "classify",
        help="the cause behind an error message",
        description="Name the cause, the stage and who must act for each text: one line of JSON for each, in order.",
    )
    classify.add_argument(
        "texts", nargs="*", metavar="TEXT", help="an error message; without any, lines of standard input"
    )
    classify.add_argument("-f", "--file", metavar="FILE", help="file with one text per line; - is standard input")
    classify.set_defaults(run=_classify)
    simulate = commands.add_parser(
        "simulate",
        help="simulated devices that keep configuration and really send mail",
        description="Serve simulated FortiAnalyzer and FortiManager devices over SSH on loopback addresses.",
    )
    _add_simulate(simulate)
    recorder = commands.add_parser(
        "record",
        help="what a device prints, byte by byte, to replay it later",
        description="Log in to a device, run commands that only read, and write what it printed to a YAML file in the form "
        "of Oxidized's simulation files. The password is taken from FAZMAIL_PASSWORD, or asked for.",
    )
    record.add_arguments(recorder)
    recorder.set_defaults(run=record.run)
    return parser


def _classify(options: argparse.Namespace) -> int:
    from .smtp.classify import classify
    from .text.normalise import decode, lines
    from .text.redact import Redactor

    texts = options.texts
    if not texts or options.file:
        try:
            data = Path(options.file).read_bytes() if options.file not in (None, "-") else sys.stdin.buffer.read()
        except OSError as error:
            return _complain(
                f"{options.file}: cannot be read: {error.strerror}; expected a file with one text per line"
            )
        texts = [*texts, *lines(decode(data))]
    redactor = Redactor()
    import json

    for text in texts:
        print(json.dumps(classify(redactor.text(text))))
    return 0


def _parse(options: argparse.Namespace) -> int:
    if options.templates:
        if not (Path(options.templates) / "index").is_file():
            return _complain(f"--templates {options.templates}: expected a directory with a file `index`")
        os.environ["FAZMAIL_TEMPLATES"] = options.templates
    if options.vocabulary:
        if not Path(options.vocabulary).is_file():
            return _complain(f"--vocabulary {options.vocabulary}: expected a YAML file with a list `texts`")
        os.environ["FAZMAIL_VOCABULARY"] = options.vocabulary
    from .analysis import analyse_bytes, document

    files = []
    for name in options.files:
        try:
            data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        except OSError as error:
            return _complain(f"{name}: cannot be read: {error.strerror}; expected a saved log, or - for standard input")
        files.append(analyse_bytes(data, name))
    result = document(files)
    print(_rendered(result, options.format))
    return _status(files)


def _rendered(result: dict[str, Any], form: str) -> str:
    import json

    if form == "table":
        from .report.log import log_report

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


def _add_simulate(parser: argparse.ArgumentParser) -> None:
    try:
        from ...simulator.command import add_arguments, run
    except ModuleNotFoundError as error:
        if "simulator" not in str(error.name):
            raise
        parser.set_defaults(run=lambda _: _complain("simulate: this installation comes without the simulator folder"))
        return
    add_arguments(parser)
    parser.set_defaults(run=run)


def _complain(message: str) -> int:
    print(f"fazmail: {message}", file=sys.stderr)
    return 2


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"fazmail {version('fortiops-mail')}"
    except PackageNotFoundError:
        return "fazmail (not installed with pip)"
