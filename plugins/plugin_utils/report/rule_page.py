# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a rule in Markdown, made from its data: for the manual and for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..policy.rules import Rule

ABOUT: Mapping[str, str] = {
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


def rule_page(rule: Rule) -> str:
    """Return what a rule requires, of what, why, and how to correct it."""
    lines = [
        f"- Severity: {rule['severity']}",
        f"- Checked on: {ABOUT[rule.get('about', 'mail')]}",
        *_conditions(rule),
        f"- Fix: `{rule['fix']}`",
        f"- References: {', '.join(rule['refs']) or 'none, good practice'}",
    ]
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
    return "set" if value == "any" else "empty" if value == "" else f"`{str(value).lower()}`"
