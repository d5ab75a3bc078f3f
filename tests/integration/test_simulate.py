# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail simulate`: what it starts, writes and prints, how it ends, and what it says to mistakes."""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

# A command that takes longer than this hangs.
PATIENCE = 10.0


MAIN = (
    "import argparse, sys\n"
    "from ansible_collections.fortiops.mail.simulator.command import add_arguments, run\n"
    "parser = argparse.ArgumentParser()\n"
    "add_arguments(parser)\n"
    "sys.exit(run(parser.parse_args()))\n"
)


def simulate(*arguments: object) -> list[str]:
    return [sys.executable, "-c", MAIN, *(str(argument) for argument in arguments)]


@pytest.fixture
def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def test_command_runs_another_one_and_leaves_nothing(tmp_path, environment):
    inventory, trace = tmp_path / "inventory.yml", tmp_path / "trace.jsonl"
    check = f"import sys, yaml; hosts = yaml.safe_load(open({str(inventory)!r})); sys.exit(7 if hosts else 1)"
    done = subprocess.run(
        simulate(
            "--devices", 5, "--inventory", inventory, "--trace", trace, "--exec",
            sys.executable, "-c", check,
        ),
        check=False, env=environment, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (7, "", "")
    groups = yaml.safe_load(inventory.read_text())["all"]["children"]
    assert sorted(groups["fortianalyzer"]["hosts"]) == ["faz-001", "faz-002", "faz-004"]
    assert sorted(groups["fortimanager"]["hosts"]) == ["fmg-003", "fmg-005"]
    assert groups["fortimanager"]["hosts"]["fmg-003"]["ansible_fortiops_mail_host_key_fingerprint"].startswith(
        "SHA256:"
    )
    assert inventory.stat().st_mode & 0o777 == 0o600
    assert trace.read_text() == ""
    assert {path.name for path in tmp_path.iterdir()} == {"inventory.yml", "trace.jsonl"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_command_runs_until_a_signal(environment, number):
    process = subprocess.Popen(simulate("--devices", 2), env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert re.fullmatch(r"faz-001  127\.\d+\.\d+\.\d+:\d+  FortiAnalyzer 7\.0\.11\n", process.stdout.readline())
        assert process.stdout.readline().startswith("faz-002  ")
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.stdout.close()


def test_the_playbooks_it_names_work_on_the_devices_it_made(environment, tmp_path):
    bin_directory = Path(sys.executable).parent
    environment = {
        **environment,
        "PATH": f"{bin_directory}:{environment['PATH']}",
        "FORTIOPS_MAIL_STATE_DIR": str(tmp_path),
    }
    inventory = tmp_path / "my inventory.yml"
    process = subprocess.Popen(
        simulate("--devices", 3, "--inventory", inventory), env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        lines = iter(process.stdout.readline, "")
        commands = list(itertools.islice((line.strip() for line in lines if "ansible-playbook" in line), 3))
        for command in commands:
            done = subprocess.run(
                command,
                check=False,
                shell=True,
                env=environment,
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        assert [re.search(r"mail\.(\w+)", line)[1] for line in commands] == ["configure", "verify", "compliance"]
        assert "faz-001" in (tmp_path / "compliance.html").read_text(encoding="utf-8")
    finally:
        process.kill()
        process.stdout.close()


def test_a_signal_ends_the_other_command_too(environment):
    script = "import time; print('up', flush=True); time.sleep(60)"
    process = subprocess.Popen(
        simulate("--devices", 1, "--exec", sys.executable, "-c", script),
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "up\n"
        process.terminate()
        # The pipe ends when the last process that holds it has ended.
        assert process.stdout.read() == ""
        assert process.wait(PATIENCE) == 128 + signal.SIGTERM
    finally:
        process.kill()
        process.stdout.close()


@pytest.mark.parametrize("package", ["asyncssh", "aiosmtpd"])
def test_missing_packages_are_named(environment, package):
    code = f"import sys; sys.modules[{package!r}] = None\n{MAIN}"
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, env=environment, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 2
    assert done.stderr == (
        f"fazmail: simulate: the simulator needs the package {package}: pip install 'fortiops-mail[demo]'\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nosuch.yml"], "nosuch.yml: cannot be read: No such file or directory; expected a fleet in YAML"),
        (["--devices", "0"], "--devices 0: expected 1 or more"),
        (["--devices", "1", "--address", "10.0.0.1"], "10.0.0.1: 1 addresses from here do not lie within 127.0.0.0/8"),
        (["--devices", "1", "--address", "here"], "here: expected an IPv4 address within 127.0.0.0/8"),
        (["--port", "0"], "--port 0: expected a number from 1 to 65535"),
        (["/dev/null"], "/dev/null: has no device and no mail server, expected some to simulate"),
        (
            ["--inventory", ".", "--exec", "true"],
            ".: cannot be replaced: Is a directory; expected the name of a file",
        ),
        (["--exec"], "--exec: expected a command behind it"),
        (["--trace", "/nosuch/trace"], "/nosuch/trace: No such file or directory"),
        (["--devices", "1", "--exec", "/nosuch/command"], "/nosuch/command: No such file or directory"),
    ],
)
def test_command_mistakes_are_one_line(environment, arguments, message):
    done = subprocess.run(
        simulate(*arguments), check=False, env=environment, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 2
    assert done.stderr == f"fazmail: simulate: {message}\n"


def test_keys_that_are_none_are_named(environment, tmp_path):
    (tmp_path / "faz.key").write_text("rubbish", encoding="utf-8")
    fleet = tmp_path / "fleet.yml"
    device = {"name": "faz", "authorized_keys": "rubbish"}
    fleet.write_text(yaml.safe_dump({"devices": [device]}), encoding="utf-8")
    for arguments, message in (
        ([], "faz: authorized_keys: No valid entries found, expected a public key on each line"),
        (["--keys", tmp_path], f"{tmp_path}: host key of faz: Invalid private key; remove the file to get a new one"),
    ):
        done = subprocess.run(
            simulate(fleet, *arguments), check=False, env=environment, capture_output=True, text=True, timeout=PATIENCE
        )
        assert (done.returncode, done.stderr) == (2, f"fazmail: simulate: {message}\n")


def test_an_inventory_is_written_to_a_pipe_and_replaces_none(environment, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    arguments = ["--devices", "1", "--inventory", pipe, "--exec", "true"]
    done = subprocess.run(
        simulate(*arguments), check=False, env=environment, capture_output=True, text=True, timeout=PATIENCE
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert b"fortianalyzer" in os.read(reader, 65536)
    assert pipe.is_fifo()
    os.close(reader)
