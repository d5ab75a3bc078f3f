# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of extensions/schedule, each held to its own linter or schema, and to what they call."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.as_prometheus import as_prometheus
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.assessment import Assessment
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.formats import FORMATS
from prometheus_client.parser import text_string_to_metric_families

from ..browser.conftest import document

ROOT = Path(__file__).parents[2]
FILES = ROOT / "extensions" / "schedule"
BIN = Path(sys.executable).parent
METRIC = re.compile(r"fortiops_mail_compliance_[a-z_]+")
BACKUP = """\
#config-version=FAZVM64-7.4.2-FW-build2397-231220
config system global
    set hostname "FAZ-HQ"
end
config system mail
    edit "relay"
        set server "mail.example.com"
    next
end
"""


def run(*command: str, cwd: Path = FILES, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", **environment}
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120, cwd=cwd, env=variables)


def test_every_file_is_in_the_readme() -> None:
    readme = (FILES / "README.md").read_text(encoding="utf-8")
    assert [file.name for file in FILES.iterdir() if file.name != "README.md" and f"`{file.name}`" not in readme] == []


@pytest.mark.parametrize("name", ["fortiops-mail-compliance.service", "fortiops-mail-compliance.timer"])
def test_systemd_units(name: str) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(FILES / name, encoding="utf-8")
    assert {"Unit", "Install"} < set(unit.sections())
    if name.endswith(".service"):
        assert "fortiops.mail.compliance" in unit["Service"]["ExecStart"]
        assert (ROOT / "playbooks" / "compliance.yml").is_file()
    else:
        assert re.fullmatch(r"\*-\*-\* \d\d:\d\d:\d\d", unit["Timer"]["OnCalendar"])
    if verifier := shutil.which("systemd-analyze"):
        done = run(verifier, "verify", name)
        assert "Unknown" not in done.stderr, done.stderr


def test_cron_runs_what_systemd_runs() -> None:
    unit = (FILES / "fortiops-mail-compliance.service").read_text(encoding="utf-8")
    *variables, line = (
        each for each in (FILES / "crontab").read_text(encoding="utf-8").splitlines() if each[:1] != "#"
    )
    assert variables == re.findall(r"^Environment=(.*)$", unit, re.MULTILINE)
    (folder,) = re.findall(r"^WorkingDirectory=(.*)$", unit, re.MULTILINE)
    (command,) = re.findall(r"^ExecStart=/usr/bin/(.*)$", unit, re.MULTILINE)
    assert re.fullmatch(rf"\d+ \d+ \* \* \* ansible cd {folder} && {re.escape(command)} > last-run\.log 2>&1", line)


def test_variables_of_the_playbook() -> None:
    variables = yaml.safe_load((FILES / "reports.yml").read_text(encoding="utf-8"))
    assert set(variables) == {"since", "reports"}
    assert set(variables["reports"]) <= set(FORMATS)
    assert variables["since"] == variables["reports"]["json"]


def test_alerts_are_raised_when_they_should_be() -> None:
    promtool = shutil.which("promtool")
    assert promtool, "this test needs promtool, of the Debian package prometheus: make schedule"
    done = run(promtool, "test", "rules", "prometheus-alerts.test.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_alerts_and_dashboard_ask_for_metrics_that_there_are() -> None:
    families = text_string_to_metric_families(as_prometheus(Assessment(document(24))))
    known = {family.name for family in families}
    for name in ("prometheus-alerts.yml", "grafana.json"):
        asked = set(METRIC.findall((FILES / name).read_text(encoding="utf-8")))
        assert asked
        assert asked <= known, name


def test_the_dashboard_shows_panels_side_by_side() -> None:
    dashboard: dict[str, Any] = json.loads((FILES / "grafana.json").read_text(encoding="utf-8"))
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not taken & cells
        assert place["x"] + place["w"] <= 24
        taken |= cells
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


@pytest.mark.parametrize(
    ("name", "schema"), [("github.yml", "vendor.github-workflows"), ("gitlab-ci.yml", "vendor.gitlab-ci")]
)
def test_jobs_keep_their_schema_and_their_commands_run(name: str, schema: str, tmp_path: Path) -> None:
    done = run("check-jsonschema", "--builtin-schema", schema, name)
    assert done.returncode == 0, done.stdout + done.stderr
    (command,) = re.findall(r"fazmail check .*", (FILES / name).read_text(encoding="utf-8"))
    (tmp_path / "configs").mkdir()
    (tmp_path / "policy.yml").write_text("approved_relays: [mail.example.com]\n", encoding="utf-8")
    for day in ("2026-11-23", "2026-11-24"):
        (tmp_path / "configs" / "faz.cfg").write_text(f"{BACKUP}# {day}\n", encoding="utf-8")
        for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", day]):
            who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
            date = f"{day}T10:00:00+00:00"
            assert run("git", *who, *arguments, cwd=tmp_path, GIT_COMMITTER_DATE=date).returncode == 0
    done = run("sh", "-c", command, cwd=tmp_path)
    assert done.returncode in (1, 3), done.stderr
    for written in re.findall(r"compliance\.\w+", command):
        assert (tmp_path / written).stat().st_size


def test_the_tasks_for_awx_are_clean(tmp_path: Path) -> None:
    modules = re.findall(r"awx\.awx\.\w+(?=:)", (FILES / "awx.yml").read_text(encoding="utf-8"))
    settings = tmp_path / "lint.yml"
    settings.write_text(yaml.safe_dump({"mock_modules": modules, "profile": "production"}), encoding="utf-8")
    shutil.copy(FILES / "awx.yml", tmp_path / "awx.yml")
    done = run("ansible-lint", "--offline", "-q", "-c", str(settings), "awx.yml", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
