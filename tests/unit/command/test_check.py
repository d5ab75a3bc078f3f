# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail check`: what it reads, how it names devices, and its exit status."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main
from ansible_collections.fortiops.mail.tests.backup import KEEPS_THE_RULES

CLEAR = KEEPS_THE_RULES.replace("starttls", "none")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(**files: str) -> None:
    for name, text in files.items():
        file = Path(f"{name.replace('__', '/')}.cfg")
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")


def check(*arguments: str) -> tuple[int, dict[str, Any]]:
    status = main(["check", *arguments, "--json", "out.document"])
    return status, json.loads(Path("out.document").read_text(encoding="utf-8"))


def test_exit_statuses(capsys: pytest.CaptureFixture[str]) -> None:
    write(good=KEEPS_THE_RULES, bad=CLEAR, empty="", cut=KEEPS_THE_RULES[: KEEPS_THE_RULES.index("set auth")])
    assert check("good.cfg")[0] == 0
    assert check("bad.cfg")[0] == 1
    assert check("bad.cfg", "--fail-on", "critical")[0] == 1  # a password in clear text
    assert check("empty.cfg")[0] == 3
    assert check("good.cfg", "cut.cfg")[0] == 3
    capsys.readouterr()
    assert main(["check", "missing.cfg"]) == 2
    assert capsys.readouterr().err == "fazmail: missing.cfg: no such file or folder; expected saved configuration\n"


def test_a_folder_is_a_fleet_and_folders_in_it_are_groups() -> None:
    write(fleet__hq=KEEPS_THE_RULES, fleet__branch=KEEPS_THE_RULES)
    Path("fleet/north").mkdir()
    Path("fleet/north/lab.conf").write_text(CLEAR, encoding="utf-8")
    Path("fleet/.hidden").write_text("x", encoding="utf-8")
    Path("fleet/README.md").write_text("# Backups", encoding="utf-8")
    status, document = check("fleet", "--exclude", "*.md")
    assert status == 1
    assert [(each["name"], each["groups"], each["file"]) for each in document["devices"]] == [
        ("branch", [], "fleet/branch.cfg"), ("hq", [], "fleet/hq.cfg"), ("lab", ["north"], "fleet/north/lab.conf"),
    ]  # fmt: skip
    status, document = check("fleet")
    assert status == 3
    assert [each["error"]["cause"] for each in document["devices"] if each["error"]] == ["no_configuration"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_a_backup_may_be_saved_in_any_encoding(encoding: str) -> None:
    text = CLEAR.replace('"relay"', '"B\u00fcro"')
    assert "B\u00fcro" in text
    Path("faz.cfg").write_bytes(text.encode(encoding))
    findings = check("faz.cfg")[1]["devices"][0]["findings"]
    assert "B\u00fcro" in {each["entry"] for each in findings}


def test_a_device_is_named_by_its_file_or_its_host_name_and_never_twice_the_same() -> None:
    write(a__same=KEEPS_THE_RULES, b__same=KEEPS_THE_RULES, other=KEEPS_THE_RULES.replace("FAZ-HQ", "FAZ-DR"))
    names = [each["name"] for each in check(".")[1]["devices"]]
    assert names == ["a/same.cfg", "b/same.cfg", "other"]
    names = [each["name"] for each in check("a/same.cfg", "other.cfg", "--name-by", "hostname")[1]["devices"]]
    assert names == ["FAZ-DR", "FAZ-HQ"]


def test_other_products_are_left_out_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    write(faz=KEEPS_THE_RULES, fgt="#config-version=FGT60F-7.4.4-FW-build1:\nconfig system global\nend\n")
    assert [each["name"] for each in check("faz.cfg", "fgt.cfg")[1]["devices"]] == ["faz"]
    assert "1 files are of other products and were left out, such as fgt.cfg" in capsys.readouterr().err


def test_a_policy_file_brings_rules_relays_and_waivers(capsys: pytest.CaptureFixture[str]) -> None:
    write(lab=CLEAR)
    waiver = "{{rule: {}, device: lab, reason: r, by: b, until: 2099-12-31}}"
    Path("policy.yml").write_text(
        "approved_relays: [glob:*.acme.example]\nrules: [{id: FMAIL-025, severity: low}]\nwaivers:\n"
        + "".join(f"  - {waiver.format(rule)}\n" for rule in ("FMAIL-002", "FMAIL-004")),
        encoding="utf-8",
    )
    status, document = check("lab.cfg", "--policy", "policy.yml")
    states = {each["rule"]: each["status"] for each in document["devices"][0]["findings"]}
    assert (status, states["FMAIL-002"], states["FMAIL-010"]) == (1, "waived", "fail")
    assert [each["state"] for each in document["waivers"]] == ["active", "active"]
    Path("policy.yml").write_text("rule: []", encoding="utf-8")
    capsys.readouterr()
    assert main(["check", "lab.cfg", "--policy", "policy.yml"]) == 2
    assert capsys.readouterr().err == "fazmail: policy.yml: has rule; expected rules, approved_relays, waivers\n"
    Path("policy.yml").write_text("rules: [{id: FMAIL-001, severity: x}]", encoding="utf-8")
    assert main(["check", "lab.cfg", "--policy", "policy.yml"]) == 2
    assert "policy.yml: rule FMAIL-001: severity is 'x'" in capsys.readouterr().err


def test_two_states_of_a_git_repository_are_compared() -> None:
    def git(*arguments: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        dates = {**os.environ, "GIT_COMMITTER_DATE": "2026-11-24T10:00:00+00:00"}
        subprocess.run(["git", *who, *arguments], check=True, capture_output=True, env=dates)

    write(fleet__hq=KEEPS_THE_RULES, fleet__lab=CLEAR, fleet__old=KEEPS_THE_RULES)
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    write(fleet__hq=CLEAR, fleet__lab=KEEPS_THE_RULES)
    Path("fleet/old.cfg").unlink()
    status, document = check("fleet", "--since", "git:HEAD")
    assert status == 1
    changes = document["changes"]
    assert changes["since"] == "2026-11-24T10:00:00+00:00"
    assert {each["device"] for each in changes["fixed"]} == {"lab"}
    assert changes["gone"] == [{"device": "old", "failed": 0}]
    assert {each["change"] for each in document["devices"][0]["findings"] if each["status"] == "fail"} == {"new"}
    assert main(["check", "fleet", "--since", "git:nothing"]) == 2


def test_no_secret_of_a_backup_is_in_the_document() -> None:
    write(faz=KEEPS_THE_RULES.replace("ENC x", '"Canary-7f3a"'))
    check("faz.cfg")
    assert "Canary" not in Path("out.document").read_text(encoding="utf-8")


def test_the_release_of_files_that_do_not_tell_it(capsys: pytest.CaptureFixture[str]) -> None:
    write(faz=KEEPS_THE_RULES.replace("-7.4.2-FW", "-7.4-FW"))
    status, document = check("faz.cfg")
    assert (status, document["devices"][0]["firmware"]) == (3, "FortiAnalyzer 7.4")
    status, document = check("faz.cfg", "--firmware", "7.4.2")
    assert (status, document["devices"][0]["firmware"]) == (0, "FortiAnalyzer 7.4.2")
    capsys.readouterr()
    assert main(["check", "faz.cfg", "--firmware", "7.4"]) == 2
    assert capsys.readouterr().err == "fazmail: --firmware 7.4: expected a release such as 7.4.6\n"
