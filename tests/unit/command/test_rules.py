# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail rules`: what applies, what it means, and everything that is wrong with a policy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.rules import collection_rules

OWN = "{id: ACME-001, title: t, severity: low, why: w, require: {from: ['glob:*@acme.example']}, fix: f}"


def test_list_shows_the_rules_that_apply(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = tmp_path / "policy.yml"
    policy.write_text(f"rules: [{OWN}]", encoding="utf-8")
    assert main(["rules", "list", "--policy", str(policy), "--format", "json"]) == 0
    listed = [rule["id"] for rule in json.loads(capsys.readouterr().out)]
    assert listed == [*(rule["id"] for rule in collection_rules()), "ACME-001"]
    assert main(["rules", "list"]) == 0
    assert "FMAIL-014  high      daemon" in capsys.readouterr().out


def test_explain_says_what_is_required_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "explain", "FMAIL-007"]) == 0
    out = capsys.readouterr().out
    assert "- Required: `lowest_tls` is `tlsv1.2` or `tlsv1.3`" in out
    assert "By default, an entry follows the global setting" in out
    assert main(["rules", "explain", "fmail-07"]) == 2
    assert "did you mean" in capsys.readouterr().err


def test_lint_reports_every_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = tmp_path / "policy.yml"
    policy.write_text(
        f"approved_relays: ['*.acme.example']\nrules: [{OWN}, {{id: FMAIL-001, severity: x}}, {{}}]\n"
        "waivers:\n- {rule: ACME-001, device: a, reason: r, by: b, until: 2027-01-01}\n- {rule: ACME-001, device: a}\n",
        encoding="utf-8",
    )
    assert main(["rules", "lint", str(policy)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.removeprefix(f"{policy}: ").split(";")[0] for line in lines] == [
        "approved_relays has '*.acme.example', which is compared as it is",
        "rule FMAIL-001: severity is 'x', expected one of low, medium, high, critical",
        "rule 3 has no id",
        "waiver 2 has no reason",
        "4 faults",
    ]
    policy.write_text(f"rules: [{OWN}]", encoding="utf-8")
    assert main(["rules", "lint", str(policy)]) == 0
    policy.write_text("- x", encoding="utf-8")
    assert main(["rules", "lint", str(policy)]) == 2
    assert main(["rules", "lint", str(tmp_path / "missing.yml")]) == 2
