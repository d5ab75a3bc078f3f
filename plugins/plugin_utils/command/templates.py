# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail templates`: check, test and list templates, those of the collection and those of a user."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from ..errors import UserFileError
from .parser import Commands, complain, show

_EPILOG = """\
exit status of `templates`:
  0  nothing is wrong
  1  a template, the index or a sample is wrong
  2  the command was wrong, or there are no templates
"""
_ACTIONS = {
    "lint": "report what is wrong with templates and their index",
    "test": "run the samples beside the templates: SAMPLES/<template>/<name>.raw with <name>.yml",
    "list": "list which template reads which command, and how well its text is known",
}


def add(commands: Commands) -> None:
    """Add the command to those of `fazmail`."""
    parser = commands.add_parser(
        "templates",
        help="check, test and list TextFSM templates",
        description="Check, test and list TextFSM templates: your own or those of this collection.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    for name, text in _ACTIONS.items():
        action = actions.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.", epilog=_EPILOG)
        action.add_argument(
            "--templates",
            metavar="DIR",
            help="your templates, with an index (default: those of FAZMAIL_TEMPLATES, or of the collection)",
        )
        action.add_argument("--samples", metavar="DIR", help="their samples (default: the folder samples in DIR)")
        if name == "list":
            action.add_argument("--format", choices=["table", "json"], default="table", help="default: table")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Do what is asked and return the exit status."""
    from ..templates import find as templates

    yours = options.templates or os.environ.get(templates.ENVIRONMENT)
    directory = Path(yours) if yours else templates.SHIPPED
    if not directory.is_dir():
        return complain(f"{directory}: no such folder; expected one with *.textfsm and an index")
    if not any(directory.glob("*.textfsm")):
        return complain(f"{directory}: no templates; expected files NAME.textfsm")
    samples = Path(options.samples) if options.samples else templates.samples_beside(directory)
    if options.samples and not Path(options.samples).is_dir():
        return complain(f"{samples}: no such folder; expected <template>/<name>.raw in it")
    if options.templates:
        os.environ[templates.ENVIRONMENT] = str(directory)
    if options.action == "lint":
        return _lint(directory, samples)
    return _test(samples) if options.action == "test" else _list(directory, samples, options.format)


def _lint(directory: Path, samples: Path | None) -> int:
    from ..templates.lint import lint

    found = lint(directory, samples)
    for finding in found:
        show(str(finding))
    show(f"{_counted(len(list(directory.glob('*.textfsm'))), 'template')}, {_counted(len(found), 'fault')}")
    return 1 if found else 0


def _test(samples: Path | None) -> int:
    from ..libraries import textfsm
    from ..templates.sample_check import differences

    raws = sorted(samples.glob("*/*.raw")) if samples else []
    if not raws:
        return complain(
            f"{samples or 'this installation'}: no samples; expected <template>/<name>.raw, or --samples DIR"
        )
    failed = 0
    for raw in raws:
        try:
            words = differences(raw)
        except (OSError, UnicodeDecodeError, textfsm.Error) as error:
            words = [str(error)]
        failed += bool(words)
        for word in words:
            show(f"{raw}: {word}")
    show(f"{_counted(len(raws), 'sample')}, {failed or 'none'} failed")
    return 1 if failed else 0


def _counted(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def _list(directory: Path, samples: Path | None, form: str) -> int:
    rows = _rows(directory, samples)
    if form == "json":
        show(json.dumps(rows, indent=2))
        return 0
    from ..report.table import table
    from .output import shown_width

    show(table(list(rows[0]), [list(row.values()) for row in rows], width=shown_width()))
    return 0


def _rows(directory: Path, samples: Path | None) -> list[dict[str, Any]]:
    """One row for each row of the index, and one for each template that the index does not name."""
    from ..templates.lint import rows_of_index
    from ..templates.sample_check import samples_of

    index = rows_of_index(directory)
    header = [name.lower() for name in index[0][1]] if index else []
    if index and "template" not in header:
        raise UserFileError(f"{directory / 'index'}: expected a header with Template first, and Command")
    named = [dict(zip(header, row, strict=False)) for __, row in index[1:]]
    others = sorted({file.name for file in directory.glob("*.textfsm")} - {row["template"] for row in named})
    found = []
    for row in [*named, *({"template": name} for name in others)]:
        name = row["template"].removesuffix(".textfsm")
        found.append(
            {
                "template": name,
                **{column: row.get(column, "") for column in ("platform", "command", "version")},
                "evidence": _evidence(directory / row["template"]),
                "samples": len(samples_of(samples, name)) if samples else 0,
            }
        )
    return found


def _evidence(file: Path) -> str:
    """The grades that a template claims, as a person reads them."""
    from ..templates.find import grades

    return (", ".join(grades(file)) or "not stated") if file.is_file() else "missing file"
