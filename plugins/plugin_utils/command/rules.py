# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail rules`: the rules of compliance, those of the collection and those of a policy."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from .parser import CommandParser, Commands, complain, show

if TYPE_CHECKING:
    from ..policy.rules import Rule

_EPILOG = """\
exit status of `rules`:
  0  nothing is wrong
  1  something in the policy is wrong
  2  the command was wrong, or the policy cannot be read
"""


def add(commands: Commands) -> None:
    """Add the command to those of `fazmail`."""
    parser = commands.add_parser(
        "rules",
        help="list, check and explain the rules",
        description="List, check and explain the rules: those of this collection and those of your policy.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    listing = _action(actions, "list", "list all rules")
    listing.add_argument("--format", choices=["table", "json"], default="table", help="default: table")
    explaining = _action(actions, "explain", "show what a rule requires, why, and how to correct it")
    explaining.add_argument("rule", metavar="RULE", help="such as FMAIL-007")
    for action in (listing, explaining):
        action.add_argument("--policy", metavar="FILE", help="YAML file with rules and approved_relays of your own")
    lint = _action(actions, "lint", "report everything that is wrong with a policy")
    lint.add_argument("policy", metavar="FILE", help="YAML file with rules, approved_relays and waivers")
    parser.set_defaults(run=run)


def _action(actions: Commands, name: str, text: str) -> CommandParser:
    return actions.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".", epilog=_EPILOG)


def run(options: argparse.Namespace) -> int:
    """Do what is asked and return the exit status."""
    from ..policy.policy import read_policy

    if options.action == "lint":
        return _lint(Path(options.policy))
    rules = read_policy(Path(options.policy) if options.policy else None).rules
    if options.action == "explain":
        return _explain({rule["id"]: rule for rule in rules}, options.rule)
    if options.format == "json":
        show(json.dumps([dict(rule) for rule in rules], indent=2))
        return 0
    from ..report.table import table
    from .output import shown_width

    rows = [[rule["id"], rule["severity"], rule.get("about", "mail"), rule["title"]] for rule in rules]
    show(table(["rule", "severity", "about", "what it asks for"], rows, width=shown_width()))
    return 0


def _explain(rules: Mapping[str, Rule], name: str) -> int:
    from ..report.rule_page import rule_page

    if name not in rules:
        from difflib import get_close_matches

        near = get_close_matches(name.upper(), rules, 3, 0.6)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        return complain(f"{name}: no such rule; {hint}`fazmail rules list` shows all")
    show(rule_page(rules[name]))
    return 0


def _lint(file: Path) -> int:
    from ..policy.policy import problems

    found = problems(file)
    for each in found:
        show(f"{file}: {each}")
    show(f"{file}: {f'{len(found)} faults' if len(found) > 1 else '1 fault' if found else 'no fault'}")
    return 1 if found else 0
