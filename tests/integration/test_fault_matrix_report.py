# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows 30 and 31 of the fault matrix: hostile names, broken devices, full disks and killed writers, from playbook to report."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import io
import json
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.formats import FORMATS
from ansible_collections.fortiops.mail.simulator.running import RunningFleet
from jsonschema import Draft202012Validator
from junitparser import JUnitXml

# What is written into reports and recordings is the same in each Python.
pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
FAZMAIL = str(Path(sys.executable).with_name("fazmail"))
SCHEMA = json.loads((ROOT / "plugins" / "plugin_utils" / "schemas" / "compliance.json").read_text(encoding="utf-8"))
GOOD = {
    "mail": {
        "relay": {
            "server": "mail.example.com",
            "port": "587",
            "secure-option": "starttls",
            "auth": "enable",
            "user": "alerts",
            "passwd": "x1y2z3w4",
        }
    },
    "alert_event": {"disk full": {"1": {"to": "noc@example.com", "smtp-name": "relay"}}},
}
HOSTILE = [
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x.example")',
    "@SUM(A1:A9)",
    "\x1b]0;owned\x07",
    "a\u202egpj.exe",
    "{{ 7 * 7 }}",
]


def report(document: Path, folder: Path, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    files = [argument for name in FORMATS for argument in (f"--{name}", str(folder / name))]
    command = [FAZMAIL, "report", str(document), *files, *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60, **options)


@pytest.fixture
def compliance(playbook: Any, tmp_path: Path) -> Callable[..., Any]:
    """Run the playbook against a fleet; return the run and the document."""

    def run(fleet: RunningFleet, output: str = "compliance.json", **variables: Any) -> Any:
        groups = {"target": "all", "reports": {"json": output}, **variables}
        done = playbook("fortiops.mail.compliance", fleet, *(f"-e{json.dumps(groups)}",))
        file = tmp_path / output
        document = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None
        return done, document

    return run


def test_row_30_hostile_names_and_values_stay_text_in_every_report(start: Any, compliance: Any, tmp_path: Path) -> None:
    # What a device can hold, by way of the device; what an inventory can hold, by way of the document.
    fleet = start(
        *(
            {"name": f"faz-{number}", "mail": {"relay": {"server": value, "user": value}}}
            for number, value in enumerate(HOSTILE[:3])
        )
    )
    run, document = compliance(fleet, fail_on="medium")
    assert run.status == 2, run.output
    Draft202012Validator(SCHEMA).validate(document)
    assert [device["status"] for device in document["devices"]] == ["assessed"] * 3
    lost = {"name": "", "status": "error", "firmware": "", "findings": []}
    for value in HOSTILE:
        named = {**document["devices"][0], "name": value}
        named["findings"] = [{**each, "entry": value, "detail": value, "fix": value} for each in named["findings"]]
        document["devices"] += [named, {**lost, "name": f"{value} lost", "error": {"cause": value, "message": value}}]
    (tmp_path / "hostile.json").write_text(json.dumps(document), encoding="utf-8")
    done = report(tmp_path / "hostile.json", tmp_path)
    assert done.returncode == 3, done.stderr
    written = {name: (tmp_path / name).read_text(encoding="utf-8") for name in FORMATS}
    for text in (done.stdout, *written.values()):
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text)
    assert not re.search(r"<script", written["markdown"], re.IGNORECASE)
    # The page has one script, and the policy in its head lets no other run.
    (script,) = re.findall(r"<script[^>]*>(.*?)</script", written["html"], re.IGNORECASE | re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in html.unescape(written["html"])
    assert "default-src &#39;none&#39;" in written["html"] or "default-src 'none'" in written["html"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in written["html"]
    assert "{{ 7 * 7 }}" in written["html"]
    for row in csv.reader(io.StringIO(written["csv"])):
        assert not any(cell[:1] in ("=", "+", "-", "@", "\t", "\r") for cell in row)
    assert len(list(JUnitXml.fromstring(written["junit"].encode()))) == 15
    assert r"\x1b]0;owned\x07" in written["junit"]
    assert r"a\u202egpj.exe" in done.stdout


def test_row_31_devices_that_hang_are_named_and_the_others_finish(start: Any, compliance: Any, tmp_path: Path) -> None:
    rows = [{"name": f"good-{number}", **GOOD} for number in range(4)]
    rows += [{"name": f"hangs-{number}", "faults": {"silent_after": "get system status"}} for number in range(2)]
    rows += [
        {"name": "cut", "faults": {"disconnect_after": "show system mail"}},
        {"name": "refuses", "vars": {"ansible_password": "wrong"}},
    ]
    fleet = start(*rows)
    run, document = compliance(fleet, ansible_fortiops_mail_command_idle_limit=2)
    assert run.status == 2, run.output
    Draft202012Validator(SCHEMA).validate(document)
    statuses = {device["name"]: device["status"] for device in document["devices"]}
    assert statuses == {row["name"]: "assessed" if row["name"].startswith("good") else "error" for row in rows}
    assert all(device["error"]["message"] for device in document["devices"] if device["error"])
    for row in rows:
        said = run.of(row["name"], "The device keeps the rules")[0]["msg"]
        assert said.startswith("Not assessed: ") is ("good" not in row["name"])
    done = report(tmp_path / "compliance.json", tmp_path)
    assert done.returncode == 3
    assert "Incomplete: 4 of 8 devices could not be assessed; none of 4 devices breaks a rule" in done.stdout
    good = {**document, "devices": [each for each in document["devices"] if each["status"] == "assessed"]}
    (tmp_path / "good.json").write_text(json.dumps(good), encoding="utf-8")
    assert report(tmp_path / "good.json", tmp_path).returncode == 0


def test_row_31_a_full_disk_under_the_playbook_leaves_the_old_document(
    start: Any, compliance: Any, tmp_path: Path
) -> None:
    fleet = start({"name": "faz", **GOOD})
    disk = tmp_path / "disk"
    disk.mkdir()
    run, document = compliance(fleet, output=str(disk / "compliance.json"))
    assert (run.status, document["devices"][0]["status"]) == (0, "assessed"), run.output
    # Again, on a disk of its own in a name space of its own, which holds the old document and has no room for another.
    script = """
        cp "$1/compliance.json" "$1.old" && mount -t tmpfs -o size=64k none "$1" && cp "$1.old" "$1/compliance.json"
        cat /dev/zero > "$1/filler" 2>/dev/null
        "$2" -m ansible playbook -i inventory.yml fortiops.mail.compliance -e target=all \\
          -e "{'reports': {'json': '$1/compliance.json'}}"
        echo "exit status $?"
        cmp "$1/compliance.json" "$1.old" && echo "the same"
    """
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", str(disk), sys.executable],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
    )
    assert "exit status 2" in done.stdout, done.stdout + done.stderr
    assert "No space left on device" in done.stdout
    assert done.stdout.endswith("the same\n")


def document_of(tmp_path: Path, devices: int = 1) -> Path:
    finding = {
        "rule": "R-1",
        "title": "t",
        "severity": "high",
        "entry": "",
        "status": "pass",
        "detail": "d" * 2000,
        "fix": "",
        "refs": [],
    }
    rule = {"id": "R-1", "title": "t", "severity": "high", "why": "w", "fix": "f", "refs": []}
    rows = [
        {"name": f"faz-{number}", "status": "assessed", "firmware": "", "error": None, "findings": [finding]}
        for number in range(devices)
    ]
    data = {
        "schema": "fortiops.mail/compliance/2",
        "created": "2026-01-01T00:00:00+00:00",
        "tool": {"name": "fortiops.mail", "version": "1"},
        "rules": [rule],
        "devices": rows,
        "waivers": [],
    }
    (tmp_path / "document.json").write_text(json.dumps(data), encoding="utf-8")
    return tmp_path / "document.json"


@pytest.fixture
def old_reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    for name in FORMATS:
        (folder / name).write_text(f"old {name}", encoding="utf-8")
    return folder


def intact(folder: Path) -> bool:
    return all((folder / name).read_text(encoding="utf-8") == f"old {name}" for name in FORMATS)


def test_row_31_a_disk_that_fills_up_leaves_the_old_reports(old_reports: Path, tmp_path: Path) -> None:
    # A file may not grow over 100 kB; the document of 100 devices does.
    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = report(document_of(tmp_path, 100), old_reports, preexec_fn=small)
    assert done.returncode == 2
    assert re.search(r"^fazmail: \S+/json: cannot be written: File too large; it is left as it was", done.stderr)
    assert done.stderr.count("\n") == 1
    assert intact(old_reports)
    assert {file.name for file in old_reports.iterdir()} == set(FORMATS)
    done = subprocess.run(
        [FAZMAIL, "report", str(document_of(tmp_path)), "--html", "/dev/full"],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, "No space left on device" in done.stderr) == (2, True)


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_row_31_a_report_that_is_killed_leaves_whole_files(moment: str, old_reports: Path, tmp_path: Path) -> None:
    # The third call of it kills the process, as a power cut would in the middle of the work.
    place = {"fsync": "os", "replace": "pathlib.Path"}[moment]
    killer = f"""
import itertools, os, pathlib, signal, sys
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main

real, calls = {place}.{moment}, itertools.count(1)
{place}.{moment} = lambda *given: os.kill(os.getpid(), signal.SIGKILL) if next(calls) == 3 else real(*given)
main(sys.argv[1:])
"""
    files = [argument for name in FORMATS for argument in (f"--{name}", str(old_reports / name))]
    command = [sys.executable, "-c", killer, "report", str(document_of(tmp_path)), *files]
    assert subprocess.run(command, check=False, capture_output=True, timeout=60).returncode == -signal.SIGKILL
    texts = {name: (old_reports / name).read_text(encoding="utf-8") for name in FORMATS}
    changed = [name for name, text in texts.items() if text != f"old {name}"]
    assert changed == ([] if moment == "fsync" else ["json", "html"])
    assert moment == "fsync" or (texts["json"].endswith("}\n") and texts["html"].endswith("</html>\n"))
    assert report(document_of(tmp_path), old_reports).returncode == 0
    assert not any(
        text.startswith("old ") for text in ((old_reports / name).read_text(encoding="utf-8") for name in FORMATS)
    )


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        ("{}", [], "schema is None, expected 'fortiops.mail/compliance/2'"),
        ("\xff", [], "not JSON"),
        (None, [], "cannot be read: No such file"),
        ("document", ["--html", "given.json"], "given.json: cannot be written: it is an input file; expected the name"),
        ("document", ["--html", "same", "--csv", "same"], "two reports have the same file"),
        ("document", ["--html", "missing/page.html"], "missing/page.html: cannot be written: No such file"),
    ],
)
def test_a_wrong_command_is_told_in_one_line(text: str | None, arguments: list[str], said: str, tmp_path: Path) -> None:
    file = tmp_path / "given.json"
    if text is not None:
        file.write_text(
            document_of(tmp_path).read_text(encoding="utf-8") if text == "document" else text, encoding="utf-8"
        )
    command = [FAZMAIL, "report", str(file), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert said in done.stderr
    assert not (tmp_path / "same").exists()
