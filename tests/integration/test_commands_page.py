# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What docs/commands.md shows is what happens, with a host of an inventory and with an address."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.read_only import read_only
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.limits import Limits
from ansible_collections.fortiops.mail.simulator.inventory import inventory
from ansible_collections.fortiops.mail.simulator.running import RunningFleet

from ..pages import blocks, write
from .sessions import SECRET, closed_on_device

# What a page shows is the same in each Python.
pytestmark = pytest.mark.once

PAGE = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
DEVICE = {
    "name": "faz-hq",
    "hostname": "FAZ-HQ",
    "password": SECRET,
    "mail": {
        "relay": {"server": "mail.example.com", "auth": "enable", "user": "alerts", "passwd": "canary-Relay-passw0rd"}
    },
}


def run(command: str, directory: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        command,
        check=False,
        shell=True,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "PATH": path, "FORTIOPS_MAIL_STATE_DIR": str(directory / "state"), **environment},
    )


def write_inventory(fleet: RunningFleet, directory: Path) -> None:
    hosts = inventory([device.server for device in fleet.devices.values()])
    (directory / "inventory.yml").write_text(yaml.safe_dump(hosts), encoding="utf-8")


def test_the_page_does_what_it_says(start: Callable[..., RunningFleet], tmp_path: Path) -> None:
    write_inventory(start(DEVICE), tmp_path)
    printed, steps = "", 0
    for block in blocks(PAGE):
        if block.title:
            write(block, tmp_path)
        elif block.language == "console":
            done = run(block.text, tmp_path)
            assert done.returncode in (0, 1, 3), done.stderr
            printed, steps = done.stdout, steps + 1
        elif block.language == "text":
            assert [line for line in block.text.splitlines() if line not in printed] == [], printed
    kept = (tmp_path / "backups" / "faz-hq.conf").read_text(encoding="utf-8")

    assert steps == 7
    assert 'fortiops_mail_device_state{device="faz-hq"} 0' in (tmp_path / "faz-hq.prom").read_text(encoding="utf-8")
    assert "set passwd ENC <redacted>" in kept and "canary" not in kept


def test_the_page_names_every_kind_of_command_that_only_reads_and_the_limit() -> None:
    assert [each.name for each in read_only() if f"`{each.name}`" not in PAGE.replace("\\|", "|")] == []
    assert f"at most {Limits().command_bytes // 2**20} MB" in PAGE


def test_a_device_is_an_address_or_one_host_of_an_inventory(start: Callable[..., RunningFleet], tmp_path: Path) -> None:
    fleet = start(DEVICE)
    write_inventory(fleet, tmp_path)
    device = fleet.devices["faz-hq"]
    address = f"{device.address} --port {device.port} --fingerprint {device.fingerprint}"

    direct = run(f"fazmail run {address} 'show system mail'", tmp_path, FAZMAIL_PASSWORD=SECRET)
    assert (direct.returncode, direct.stderr) == (0, "")
    assert direct.stdout.startswith("config system mail\n") and "canary" not in direct.stdout
    written = run(
        f"printf 'config system route\\nedit 1\\nset device port1\\nend\\n' | fazmail run {address} -f - --allow-write",
        tmp_path,
        FAZMAIL_PASSWORD=SECRET,
    )
    assert written.returncode == 0 and list(device.server.appliance.device.route.entries) == ["1"]
    assert closed_on_device(fleet)

    for arguments, status, said in (
        ("faz-hq -i inventory.yml 'get system nonsense'", 1, "the device refused 'get system nonsense'"),
        ("faz-hq -i inventory.yml get system status", 2, "write each command in quotation marks"),
        ("fortianalyzer -i inventory.yml show", 2, "no host is named fortianalyzer; expected one of this inventory"),
        ("nobody -i inventory.yml show", 2, "no host is named nobody; expected one of this inventory"),
        ("faz-hq -i inventory.yml", 2, "there is no command"),
        (f"{address} 'execute reboot'", 2, "is not known to change nothing"),
    ):
        done = run(f"fazmail run {arguments}", tmp_path, FAZMAIL_PASSWORD=SECRET)
        assert (done.returncode, done.stdout.count("Traceback")) == (status, 0), done.stderr
        assert re.fullmatch(rf"fazmail: run: .*{re.escape(said)}.*\n", done.stderr), done.stderr


def test_neither_the_settings_of_ansible_nor_the_name_of_a_host_matter(
    start: Callable[..., RunningFleet], tmp_path: Path
) -> None:
    names = ["Zürich HQ: 1", "-n", "{x} $(id)"]
    fleet = start(DEVICE)
    [device] = inventory([fleet.devices["faz-hq"].server])["all"]["children"]["fortianalyzer"]["hosts"].values()
    hosts = {"all": {"hosts": dict.fromkeys(names, device), "vars": {"ansible_connection": "fortiops.mail.cli"}}}
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump(hosts), encoding="utf-8")
    (tmp_path / "ansible.cfg").write_text("[defaults]\ncallback_result_format = yaml\nforce_color = true\n", "utf-8")
    for name in names:
        done = run(
            f"fazmail run -i inventory.yml -- {shlex.quote(name)} 'get system status'", tmp_path, ANSIBLE_DEBUG="1"
        )
        assert (done.returncode, done.stdout[:13]) == (0, "Platform Type"), done.stderr
    done = run("fazmail run -i inventory.yml -- -n 'get system status'", tmp_path, LC_ALL="C")
    assert (done.returncode, "ansible ran no task on -n: ERROR: Ansible requires the locale" in done.stderr) == (
        2,
        True,
    )


def test_a_check_tells_what_is_wrong_by_its_exit_status(start: Callable[..., RunningFleet], tmp_path: Path) -> None:
    fleet = start(DEVICE)
    device = fleet.devices["faz-hq"]
    check = f"fazmail monitor {device.address} --port {device.port} --fingerprint {device.fingerprint}"

    def checked(arguments: str = "", password: str = SECRET) -> tuple[int, str]:
        done = run(f"{check} {arguments}", tmp_path, FAZMAIL_PASSWORD=password)
        assert (done.stdout + done.stderr).count("\n") == 1 or "usage" in done.stderr
        return done.returncode, done.stdout

    daemon = device.server.appliance.device.daemon
    assert checked()[0] == 0
    daemon.failed += 3
    assert checked()[0] == 1
    status, line = checked("--test-mail relay")
    assert status == 2 and "test mail failed: auth_not_offered at auth" in line
    daemon.paused = True
    assert checked()[0] == 2
    assert checked(password="wrong")[0] == 3
    assert checked("--queue many")[0] == 3
    assert checked("--nonsense")[0] == 3
    assert closed_on_device(fleet)


def test_the_doctor_names_the_step_at_which_a_login_ends(start: Callable[..., RunningFleet], tmp_path: Path) -> None:
    fleet = start(DEVICE)
    device = fleet.devices["faz-hq"]
    device.server.appliance.device.debug.fazmaild = 8

    def diagnosed(arguments: str, password: str = SECRET) -> tuple[int, str]:
        done = run(f"fazmail doctor {device.address} {arguments}", tmp_path, FAZMAIL_PASSWORD=password, COLUMNS="300")
        assert done.stderr == ""
        return done.returncode, re.sub(" +", " ", done.stdout.partition(f"\n\n{device.address}\n")[2])

    reached = f"--port {device.port} --fingerprint"
    status, text = diagnosed(f"{reached} {device.fingerprint}")
    assert status == 0
    assert " ok firmware FortiAnalyzer " in text
    assert " warning debug " in text
    status, text = diagnosed(f"{reached} SHA256:{'A' * 43}")
    assert (status, text.splitlines()[0].split()[:2]) == (1, ["ok", "reachable"])
    assert " failed host key " in text
    status, text = diagnosed(f"{reached} {device.fingerprint}", password="wrong")
    assert status == 1
    assert " ok host key yes\n failed login " in text
    assert diagnosed("--port 1")[1].startswith(" failed reachable ")


def test_the_options_of_the_command_have_the_defaults_of_the_module(tmp_path: Path) -> None:
    from ansible_collections.fortiops.mail.plugins.action._task import argument_spec
    from ansible_collections.fortiops.mail.plugins.plugin_utils.command import run as command
    from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import command_parser

    given: dict[str, Any] = vars(command_parser().parse_args(["run", "faz-hq", "show"]))
    spec = argument_spec("faz_command")
    assert {name: given[name] for name in spec.keys() - command._FIXED} == {
        name: row.get("default") for name, row in spec.items() if name not in command._FIXED
    } | {"commands": ["show"]}
