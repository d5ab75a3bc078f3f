# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An installation without one of the Python packages: one sentence says what to install, where it is needed."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.libraries import REQUIREMENTS

from .conftest import play, task

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


# Modules that a command imports: the package they are in, and a command that needs it.
NEEDED_BY = {
    "paramiko": ("paramiko", "record 192.0.2.1 -o out"),
    "textfsm": ("textfsm", "classify 550"),
    "yaml": ("pyyaml", "classify 550"),
    "jinja2": ("jinja2", f"parse --format html -o page.html {ROOT / 'tests/samples/logs/debug_three_sends.log'}"),
    "markupsafe": ("jinja2", f"parse --format html -o page.html {ROOT / 'tests/samples/logs/debug_three_sends.log'}"),
    "cryptography": ("cryptography", "probe 127.0.0.1 --port 1"),
}


@pytest.fixture
def hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Hide a module from new processes."""

    def hide(module: str) -> None:
        (tmp_path / "hidden" / module).mkdir(parents=True)
        text = f"raise ModuleNotFoundError('No module named {module}', name={module!r})\n"
        (tmp_path / "hidden" / module / "__init__.py").write_text(text, encoding="utf-8")
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "hidden"), os.environ.get("PYTHONPATH", "")]))

    return hide


@pytest.fixture(params=["paramiko", "textfsm"])
def missing(request: pytest.FixtureRequest, hidden: Callable[[str], None]) -> str:
    """A package that does not come with ansible-core, and that new processes do not find."""
    package: str = request.param
    hidden(package)
    return package


def sentence(package: str) -> str:
    return (
        f"fortiops.mail needs the Python package {package} on {socket.gethostname()}; "
        f"run: {sys.executable} -m pip install '{REQUIREMENTS[package]}'"
    )


def test_a_task_fails_and_the_run_goes_on(missing: str, start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz"})
    mail = {"mail_from": "faz@example.com", "mail_to": "noc@example.com"}
    tasks = [
        {**task("mail_test", id="relay", **mail), "ignore_errors": True},
        {**task("mail_path", id="relay", **mail), "ignore_errors": True},
        {"name": "after", "ansible.builtin.debug": {"msg": "goes on"}},
    ]
    run = playbook(play(*tasks), fleet)
    assert run.status == 0, run.output
    for name in ("mail_test", "mail_path"):
        (result,) = run.of("faz", name)
        assert (result["cause"], result["msg"]) == ("missing_library", sentence(missing))
    assert run.of("faz", "after")
    assert "Traceback" not in run.output


@pytest.mark.parametrize("module", NEEDED_BY)
def test_the_command_says_it_too(module: str, hidden: Callable[[str], None], tmp_path: Path) -> None:
    hidden(module)
    package, arguments = NEEDED_BY[module]
    done = subprocess.run(
        [sys.executable, BIN / "fazmail", *arguments.split()], cwd=tmp_path,
        check=False, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, env={**os.environ, "FAZMAIL_PASSWORD": "x"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, f"fazmail: {sentence(package)}\n")


def test_the_command_is_tried_without_each_package() -> None:
    assert {package for package, __ in NEEDED_BY.values()} == set(REQUIREMENTS)


@pytest.mark.usefixtures("missing")
def test_every_plugin_can_be_imported() -> None:
    plugins = [
        f"ansible_collections.fortiops.mail.plugins.{file.parent.name}.{file.stem}"
        for kind in ("action", "connection", "filter", "modules", "test")
        for file in sorted((ROOT / "plugins" / kind).glob("*.py"))
    ]
    assert len(plugins) > 25
    done = subprocess.run(
        [sys.executable, "-c", f"import importlib\nfor name in {plugins}: importlib.import_module(name)"],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_the_command_it_names_installs_what_the_project_requires() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = (ROOT / "requirements.txt").read_text(encoding="utf-8").split("\n")
    for package, requirement in REQUIREMENTS.items():
        assert requirement in project["dependencies"]
        assert requirement in required
        assert re.match(rf"{package}\b", requirement)
