# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the pages that are made from data: `make docs`. Nobody edits them; a test fails when one is stale."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.rules import Rule, collection_rules
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.cause_page import cause_list, cause_page
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.knowledge import causes, reasons

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
An organisation adds and changes rules in a policy file of the same form."""
_ABOUT = {
    "mail": "entries of `config system mail`",
    "alert_destination": "destinations of alert events",
    "approval_matrix": "approval notices of ADOMs",
    "alertemail": "the old object `config system alertemail`",
    "global": "`config system global`",
    "dns": "`config system dns`",
    "daemon": "the mail daemon",
    "debug": "debug switches of the mail daemon",
    "firmware": "the firmware",
    "ha": "high availability",
    "proof": "the last test mail",
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
    return "\n\n".join([_RULES, "\n".join([head, *rows]), *map(_rule_section, collection_rules())]) + "\n"


def _word_table(kind: str, title: str) -> str:
    rows = (f"| `{name}` | {words} |" for name, words in reasons()[kind].items())
    return "\n".join([f"{title}:", "", "| word | means |", "| --- | --- |", *rows])


def _rule_section(rule: Rule) -> str:
    lines = [
        f"- Severity: {rule['severity']}",
        f"- Checked on: {_ABOUT[rule.get('about', 'mail')]}",
        *_conditions(rule),
    ]
    lines += [f"- Fix: `{rule['fix']}`", f"- References: {', '.join(rule['refs']) or 'none, good practice'}"]
    return "\n".join([f"### {rule['id']}", "", f"{rule['title']}. {rule['why']}", "", *lines])


def _conditions(rule: Rule) -> Iterator[str]:
    if rule.get("firmware"):
        yield f"- Firmware: {' or '.join(f'`{each}`' for each in rule['firmware'])}"
    for key, sentence in (("when", "Only where"), ("require", "Required"), ("forbid", "Forbidden")):
        for option, values in rule.get(key, {}).items():
            yield f"- {sentence}: `{option}` is {' or '.join(_value(value) for value in values)}"
    for key, sentence in (
        ("exists", "names an entry of `config system mail`"),
        ("approved", "is empty or one of the `approved_relays`, where the policy names some"),
        ("known_server", "is empty or the server of an entry, where the policy names no `approved_relays`"),
    ):
        for option in rule.get(key, []):
            yield f"- Required: `{option}` {sentence}"
    if "minimum" in rule:
        yield f"- At least {rule['minimum']}: {rule['counted']}"


def _value(value: object) -> str:
    return "set" if value == "any" else f"`{str(value).lower()}`"


PAGES: dict[str, Callable[[], str]] = {"causes.md": causes_page, "rules.md": rules_page}

if __name__ == "__main__":
    for name, made in PAGES.items():
        Path(__file__).with_name(name).write_text(made(), encoding="utf-8")
