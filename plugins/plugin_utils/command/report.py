# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail report`: the findings of a fleet for people and for machines."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..whole_file import STANDARD_STREAM
from .input import opened
from .output import check_place, output, shown_width
from .parser import Commands, complain, show

if TYPE_CHECKING:
    from ..report.document import Document

# A report that takes the place of what is printed otherwise.
_PRINTED = Path(STANDARD_STREAM)
_EXIT_STATUS = {"compliant": 0, "findings": 1, "incomplete": 3}
_EXIT_STATUS_HELP = """\
exit status of `{command}`:
  0  every {subject} was assessed and keeps the rules of at least the severity
     of --fail-on
  1  a device breaks one of them
  2  the command was wrong, {input} cannot be used, or a file could not be
     written
  3  incomplete: a {subject}, or a rule of that severity on a device, was not
     assessed, or there is no {subject}; this wins over 1
"""


def add(commands: Commands) -> None:
    """Add the command to those of `fazmail`."""
    parser = commands.add_parser(
        "report",
        help="turn the documents of checks and rollouts into reports",
        description="Turn documents of playbooks/compliance.yml and `fazmail check` into reports, and report whether the "
        "fleet keeps the rules. Several documents, such as those of several controllers, are merged. Documents of runs, as "
        "playbooks/rollout.yml leaves them, become a table, and with --html a page; the exit status is then 1 where a device "
        "ended neither proved nor unchanged.",
        epilog=exit_status_help("report", "device", "a document"),
    )
    parser.add_later = lambda: _add_arguments(parser)
    parser.set_defaults(run=run)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("documents", nargs="+", metavar="DOCUMENT", help="a document, in JSON; - is standard input")
    parser.add_argument(
        "--since", type=Path, metavar="OLD", help="compare with an earlier document, or with those in a folder"
    )
    add_reports(parser)


def exit_status_help(command: str, subject: str, given: str) -> str:
    """Return what the help of a command that ends with a verdict tells of its exit status."""
    return _EXIT_STATUS_HELP.format(command=command, subject=subject, input=given)


def add_reports(parser: argparse.ArgumentParser) -> None:
    """Add the options for reports and the severity that counts."""
    from ..policy.rules import SEVERITIES
    from ..report.formats import FORMATS

    reports = parser.add_argument_group(
        "reports", "FILE is written atomically; - is standard output, in place of the verdict"
    )
    for name, text in FORMATS.items():
        reports.add_argument(f"--{name}", type=Path, metavar="FILE", help=text)
    parser.add_argument(
        "--sarif-path",
        default="host_vars/{device}.yml",
        metavar="PATH",
        help="where SARIF places a device that was not read from a file (default: host_vars/{device}.yml)",
    )
    parser.add_argument(
        "--fail-on", choices=SEVERITIES, default="high", help="the lowest severity that counts (default: high)"
    )


def run(options: argparse.Namespace) -> int:
    """Write the reports that are asked for, print the verdict and return the exit status."""
    from ..report.files import earlier_documents, is_run_file, read_document
    from ..report.history import compared, merged

    texts = {}
    for name in options.documents:
        with opened(name, "a compliance document, or the document of a run") as file:
            texts[name] = file.read()
    if any(is_run_file(text) for text in texts.values()):
        return _runs(texts, options)
    whole = merged([read_document(text, name) for name, text in texts.items()])
    if options.since:
        whole = compared(whole, earlier_documents(options.since), options.fail_on)
    return report(whole, options, options.documents)


def _runs(texts: Mapping[str, bytes], options: argparse.Namespace) -> int:
    """Show documents of runs, write the page if it is asked for, and return the exit status."""
    from ..report.files import read_run_file
    from ..report.formats import FORMATS
    from ..report.run import all_good, run_text
    from ..report.run_page import run_page
    from ..whole_file import write_whole

    runs = [read_run_file(text, name) for name, text in texts.items()]
    if wrong := [name for name in FORMATS if name != "html" and getattr(options, name)]:
        return complain(f"--{wrong[0]}: the document of a run becomes --html only; it is JSON already")
    if options.since:
        return complain("--since: expected compliance documents to compare, not documents of runs")
    if options.html == _PRINTED:
        with output(None) as out:
            out.write(run_page(runs))
        return 0 if all_good(runs) else 1
    if options.html:
        check_place(options.html, list(texts))
        write_whole({options.html: run_page(runs)})
    show(run_text(runs, shown_width()))
    return 0 if all_good(runs) else 1


def report(document: Document, options: argparse.Namespace, inputs: Sequence[str]) -> int:
    """Write the reports of a document that are asked for, print the verdict and return the exit status."""
    from ..report.as_text import as_text
    from ..report.assessment import Assessment
    from ..report.files import write_reports
    from ..report.formats import FORMATS, converted

    try:
        options.sarif_path.format(device="")
    except (LookupError, ValueError):
        return complain(
            f"--sarif-path {options.sarif_path}: expected a path with {{device}}, such as host_vars/{{device}}.yml"
        )
    summary = Assessment(document, options.fail_on, options.sarif_path)
    reports = {name: getattr(options, name) for name in FORMATS if getattr(options, name)}
    printed = [name for name in reports if reports[name] == _PRINTED]
    if len(printed) > 1:
        return complain(f"--{printed[1]} -: --{printed[0]} is on standard output already; expected a file")
    reports = {name: file for name, file in reports.items() if name not in printed}
    for file in reports.values():
        check_place(file, inputs)
    write_reports(summary, reports)
    if printed:
        with output(None) as out:
            out.write(converted(printed[0], summary))
    else:
        show(as_text(summary, shown_width()))
    return _EXIT_STATUS[summary.status]
