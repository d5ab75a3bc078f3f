# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the pages that are made from data: `make docs`. Nobody edits them; a test fails when one is stale."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import command_parser
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.manual import manual
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.rules import collection_rules
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.cause_page import cause_list, cause_page
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.rule_page import rule_page
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.meanings import LoginMeaning, meanings
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.knowledge import causes, reasons
from ansible_collections.fortiops.mail.simulator.evidence.assumptions import Assumption, assumptions

_WORDS = {
    "steps": "What decided (`why.decided`)",
    "lost": "Why something else lost (`why.lost[].because`)",
    "missing": "What would prove more (`why.missing`)",
    "warnings": "Warnings (`warnings`)",
}
_CAUSES = """\
# Causes

The words of a verdict, and every cause: where it shows, who acts, what to do, and the texts that name it. Made from `causes.yml`,
`vocabulary.yml` and `reasons.yml` in `plugins/plugin_utils/smtp` by `make docs`. [diagnosis.md](diagnosis.md) says how a cause is found.

*Evidence* is the grade of a text: `reproduced` (the program, or the condition behind the text, was seen in a test), `documented` (a source or
a manual has it), or `assumed`."""
_RULES = """\
# Rules

What the playbook `fortiops.mail.compliance`, the module `compliance_report` and the filter `mail_findings` check on each device. Made from
`plugins/plugin_utils/policy/rules.yml` by `make docs`; the head of that file says how a rule is written.
An organisation adds and changes rules in a policy file of the same form; `fazmail rules lint FILE` checks it, `fazmail rules explain RULE`
shows one of these sections."""

_ASSUMPTIONS = """\
# What is assumed

No device was at hand when this collection was written, and little of what the mail daemon prints is public. Each text has a grade of evidence;
this page lists those that are assumed, who relies on each, and the command that settles it. Made from the data by `make docs`.

`fazmail evidence HOST` types these commands on a device of yours, compares, and writes what it found into a folder, together with corrections
for this installation."""
_KINDS = {
    "text": ("Texts of the device", "What the simulator prints, and what is looked for where a word of it decides."),
    "dialect": (
        "Debug of the mail daemon",
        "How a send is printed. Four dialects are tested; the diagnosis depends on the dialogue with the mail server in them, on none of the "
        "words around it.",
    ),
    "template": ("Templates", "The rules that read such a text. A line that fits none is reported as not recognised."),
    "login": ("Login", "What a device says instead of giving a session."),
    "phrase": (
        "Phrases",
        "Texts of mail programs and servers that were believed, not seen. A real one of other words is classed by its grammar.",
    ),
}


def causes_page() -> str:
    """Return docs/causes.md: the words of a verdict and a section for each cause."""
    words = (_word_table(kind, title) for kind, title in _WORDS.items())
    pages = (cause_page(cause) for cause in causes().values())
    return "\n\n".join([_CAUSES, "## Words of a verdict", *words, "## All causes", cause_list(), *pages]) + "\n"


def rules_page() -> str:
    """Return docs/rules.md: all rules as a table and a section for each."""
    head = "| rule | severity | what it asks for |\n| --- | --- | --- |"
    rows = (
        f"| [{rule['id']}](#{rule['id'].lower()}) | {rule['severity']} | {rule['title']} |"
        for rule in collection_rules()
    )
    return "\n\n".join([_RULES, "\n".join([head, *rows]), *map(rule_page, collection_rules())]) + "\n"


def assumptions_page() -> str:
    """Return docs/assumptions.md: every assumed text, who relies on it, and the command that settles it."""
    sections = []
    for kind, (title, words) in _KINDS.items():
        found = [each for each in assumptions() if each.kind == kind]
        if kind == "phrase":
            rows = [f"| `{_cell(each.wording)}` | {each.source} | `{each.relies[0]}` |" for each in found]
            head = "| phrase | said by | cause |\n| --- | --- | --- |"
        else:
            rows = [_assumption(each) for each in found]
            head = "| name | wording | settled by | relied on by | source |\n| --- | --- | --- | --- | --- |"
        sections += [f"## {title}", words, "\n".join([head, *rows])]
    return "\n\n".join([_ASSUMPTIONS, *sections]) + "\n"


def _assumption(each: Assumption) -> str:
    wording = "<br>".join(f"`{_cell(line)}`" for line in each.wording.splitlines() if line)
    command = f"`{_cell(each.command)}`" if each.command else "shows by itself, or after a change"
    relies = ", ".join(f"`{name}`" for name in each.relies) or "the simulator"
    return f"| {each.name} | {wording} | {command} | {relies} | {_cell(each.source)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _word_table(kind: str, title: str) -> str:
    rows = (f"| `{name}` | {words} |" for name, words in reasons()[kind].items())
    return "\n".join([f"{title}:", "", "| word | means |", "| --- | --- |", *rows])


def man_page() -> str:
    """Return docs/fazmail.1: the manual page, which says what the help of the command says."""
    return manual(command_parser())


def login_page() -> str:
    """Return docs/login.md as it is, with the table of what devices say made again."""
    page = Path(__file__).with_name("login.md").read_text(encoding="utf-8")
    before, begin, rest = page.partition("<!-- made from the table by `make docs` -->\n")
    __, end, after = rest.partition("<!-- end -->\n")
    rows = "".join(
        f"| {_said(meaning)} | {meaning.means}{'; tried again' if meaning.again else ''} | `{cause}` | {meaning.advice} |\n"
        for cause, meaning in meanings().items()
    )
    head = "| what the device says | what it means | cause | what to do |\n| --- | --- | --- | --- |\n"
    return f"{before}{begin}\n{head}{rows}\n{end}{after}"


def _said(meaning: LoginMeaning) -> str:
    """The texts of a meaning, each with its evidence."""
    return "<br>".join(
        f'"{" / ".join(each.text.splitlines())}" ({", ".join(filter(None, (each.evidence, each.source)))})'
        for each in meaning.texts
    )


PAGES: dict[str, Callable[[], str]] = {
    "login.md": login_page,
    "causes.md": causes_page,
    "rules.md": rules_page,
    "assumptions.md": assumptions_page,
    "fazmail.1": man_page,
}

if __name__ == "__main__":
    for name, made in PAGES.items():
        Path(__file__).with_name(name).write_text(made(), encoding="utf-8")
