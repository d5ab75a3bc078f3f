# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail check`: the rules on saved configuration, without Ansible and without a device."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from .parser import Commands, complain
from .report import add_reports, exit_status_help, report

if TYPE_CHECKING:
    from ..report.document import Document

_GIT = "git:"
_EPILOG = """\
A rule that a saved configuration can never answer, such as that the mail
daemon runs, is not applicable. A table that is cut off, or a file that cannot
be read, is not assessed.

"""


def add(commands: Commands) -> None:
    """Add the command to those of `fazmail`."""
    parser = commands.add_parser(
        "check",
        help="check saved configuration against the rules",
        description="Check saved configuration of FortiAnalyzer and FortiManager against the rules: backups, output of "
        "`show`, logs of sessions; one device in a file, as Oxidized and RANCID keep them.",
        epilog=_EPILOG + exit_status_help("check", "file", "the policy"),
    )
    parser.add_later = lambda: _add_arguments(parser)
    parser.set_defaults(run=run)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a file, packed or not, or a folder with all files below it but hidden ones; - is standard input",
    )
    parser.add_argument(
        "--policy", metavar="FILE", help="YAML file with rules, approved_relays and waivers of your own"
    )
    parser.add_argument(
        "--since",
        metavar="OLD",
        help="compare with an earlier document, with those in a folder, or with a state of the same files in their git "
        "repository, such as git:HEAD~1",
    )
    parser.add_argument(
        "--firmware",
        default="",
        metavar="RELEASE",
        help="such as 7.4.6: of devices of that branch whose file does not tell the release, as the header of a backup does not",
    )
    parser.add_argument(
        "--name-by",
        choices=["file", "hostname"],
        default="file",
        help="name a device by its file or by the host name in it (default: file)",
    )
    parser.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="PATTERN",
        help="leave out files, such as *.md; may be given several times",
    )
    add_reports(parser)


def run(options: argparse.Namespace) -> int:
    """Check the files, write the reports that are asked for, print the verdict and return the exit status."""
    from ..policy.policy import read_policy
    from ..report.files import earlier_documents
    from ..report.history import compared
    from ..report.saved import contents, saved, saved_files

    if options.firmware and not re.fullmatch(r"\d+\.\d+\.\d+", options.firmware):
        return complain(f"--firmware {options.firmware}: expected a release such as 7.4.6")
    policy = read_policy(Path(options.policy) if options.policy else None)
    names = saved_files(options.paths, options.exclude)

    def documented(texts: Iterator[tuple[str, bytes | str]], now: datetime | None = None) -> tuple[Document, list[str]]:
        return saved(texts, policy, options.paths, options.name_by == "hostname", options.firmware, now)

    document, others = documented(contents(names))
    if others:
        complain(
            f"{len(others)} files are of other products and were left out, such as {others[0]}; --exclude leaves files out"
        )
    if options.since:
        if options.since.startswith(_GIT):
            from .git import files_at, time_of

            revision = options.since.removeprefix(_GIT)
            earlier = [
                documented(files_at(revision, options.paths, options.exclude), time_of(revision, options.paths[0]))[0]
            ]
        else:
            earlier = earlier_documents(Path(options.since))
        document = compared(document, earlier, options.fail_on)
    return report(document, options, names)
