# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet that exists is adopted: what is gathered from it changes nothing when it is applied."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main

RELAY = {
    "server": "mail.example.com",
    "port": "587",
    "auth": "enable",
    "user": "{{ not.a.template }}",
    "passwd": "secret one",
}
EVENT = {
    "disk full": {
        "1": {"to": "noc@example.com", "smtp-name": "relay"},
        "2": {"type": "syslog"},
        "3": {"to": "soc@example.com", "smtp-name": "gone"},
    }
}


def test_what_was_gathered_changes_nothing_when_it_is_applied(
    start: Any, playbook: Any, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    fleet = start(
        {"name": "faz", "mail": {"relay": RELAY, "empty": {}}, "alert_event": EVENT},
        {"name": "fmg", "model": "fmg-7.6.7"},
    )
    variables = tmp_path / "host_vars"
    run = playbook("fortiops.mail.gather", fleet, "-e", f"directory={variables}")
    assert run.status == 0, run.output
    assert sorted(file.name for file in variables.iterdir()) == ["faz.yml", "fmg.yml"]
    text = (variables / "faz.yml").read_text(encoding="utf-8")
    assert "FortiAnalyzer 7.4.2" in text
    assert "secret one" not in text + run.output

    (variables / "fmg.yml").write_text("mail_servers: []\n", encoding="utf-8")
    again = playbook("fortiops.mail.gather", fleet, "-e", f"directory={variables}")
    assert again.status == 2
    assert "fmg.yml is there already; -e force=true replaces it" in again.output
    assert (variables / "fmg.yml").read_text(encoding="utf-8") == "mail_servers: []\n"

    (tmp_path / "others" / "faz").mkdir(parents=True)
    hidden = playbook("fortiops.mail.gather", fleet, "-e", f"directory={tmp_path / 'others'}", "--limit", "faz")
    assert hidden.status == 2
    assert f"expected another directory, such as {tmp_path / 'others' / 'faz'}" in " ".join(hidden.output.split())

    inventory = tmp_path / "inventory.yml"
    adopted = playbook("fortiops.mail.configure", fleet)
    assert adopted.status == 0, adopted.output
    assert adopted.output.count("changed=0") == 2
    assert "destination 3 is left as it is on the device: smtp_name 'gone' is no entry" in " ".join(
        adopted.output.split()
    )

    monkeypatch.chdir(tmp_path)
    assert main(["gather", "-i", str(inventory), "faz", "--directory", "found"]) == 0, capsys.readouterr().err
    assert Path("found/faz.yml").read_text(encoding="utf-8") == text
