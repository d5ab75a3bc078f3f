# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each check of `make lint` and `make sanity` that ends in seconds finds a fault that is put before it, and nothing else.

What the gate runs with one Python only leaves nothing out that depends on Ansible.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ..sanity.run import ansible_test, bandit, execution_environment, galaxy_importer, main

# What the project promises to those who work on it does not depend on the Python that runs it.
pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
HEAD = "\n".join((ROOT / "tests" / "pages.py").read_text(encoding="utf-8").splitlines()[:3])
LINT = re.search(r"^lint: install\n((?:\t.+\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
SETTINGS = (
    "pyproject.toml",
    ".yamllint",
    "REUSE.toml",
    "LICENSES",
    "LICENSE",
    "galaxy.yml",
    "changelogs/config.yaml",
    "changelogs/changelog.yaml",
    "meta/runtime.yml",
)
PLAYBOOK = """---
- name: Print the date
  hosts: localhost
  tasks:
    - name: Print it
      ansible.builtin.debug:
        msg: "{{ now() }}"
"""
MODULE = '''DOCUMENTATION = """
module: name
short_description: A module
author: The fortiops.mail maintainers
description:
  - It does nothing.
"""
'''
# A file that is in order, what makes a fault of it, and the tool that says so.
FAULTS = {
    "ruff check": ("plugins/module.py", f'{HEAD}\n"""A module."""\n\n', "import os\n"),
    "ruff format": ("plugins/module.py", f'{HEAD}\n"""A module."""\n', "NAMES = [ ]\n"),
    "codespell": ("docs/page.md", "# A page\n", "Ad" + "ress\n"),
    "yamllint": ("playbooks/play.yml", "---\nname: x\n", "name: y\n"),
    "reuse lint": ("plugins/module.py", f'{HEAD}\n"""A module."""\n', "# SPDX-License-" + "Identifier: MIT\n"),
    "antsibull-changelog lint": ("changelogs/fragments/new.yml", "minor_changes:\n  - It is new.\n", "news:\n  - It is not.\n"),
    "mypy": ("plugins/plugin_utils/module.py", "NAME: str = ''\n", "NUMBER: int = ''\n"),
    "antsibull-docs": ("plugins/modules/name.py", MODULE, MODULE.replace("nothing", "P(nothing)")),
    "ansible-lint": ("playbooks/play.yml", PLAYBOOK, "    - ansible.builtin.command: date\n"),
}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The settings of the checkout, for a project of one file."""
    for name in SETTINGS:
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy2)(ROOT / name, target)
    for name in ("plugins/plugin_utils", "simulator"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "module.py").write_text(f"{HEAD}\n", encoding="utf-8")
    for name in ("playbooks", "roles", "examples"):
        (tmp_path / name).mkdir()
    (tmp_path / "dev" / "ansible_collections" / "fortiops").mkdir(parents=True)
    (tmp_path / "dev" / "ansible_collections" / "fortiops" / "mail").symlink_to("../../..")
    return tmp_path


def run_with_each_ansible() -> str:
    """The code of the integration tests that the gate runs with the newest Python, and so with the newest Ansible, too."""
    left = []
    for file in (ROOT / "tests" / "integration").glob("*.py"):
        text = file.read_text(encoding="utf-8")
        if "\npytestmark = pytest.mark.once\n" not in text:
            parts = re.split(r"\n\n\n(?=@|def |class )", text)
            left += [part for part in parts if not part.startswith("@pytest.mark.once\n")]
    return "\n".join(left)


@pytest.mark.parametrize("kind", ["modules", "playbooks", "roles"])
def test_each_module_playbook_and_role_runs_with_the_newest_ansible_too(kind: str) -> None:
    found = [*(ROOT / "plugins" / "modules").glob("*.py")] if kind == "modules" else [*(ROOT / kind).glob("*.yml")]
    names = {file.stem for file in found} or {file.name for file in (ROOT / kind).iterdir()}
    code = run_with_each_ansible()
    if kind == "modules":  # some are only for playbooks and roles, which are run themselves
        used = (file for folder in ("playbooks", "roles") for file in (ROOT / folder).rglob("*.yml"))
        code += "".join(file.read_text(encoding="utf-8").replace(": ", ' "').replace(":\n", '"\n') for file in used)

    assert names
    assert {name for name in names if not re.search(rf"[\"'./]{name}[\"'\s]", code)} == set()


def test_every_linter_is_shown_to_find_a_fault() -> None:
    assert LINT is not None
    tools = re.findall(r"\$\(BIN\)/([\w-]+)", LINT[1])
    assert set(tools) == {fault.split()[0] for fault in FAULTS}


@pytest.mark.parametrize("tool", FAULTS)
def test_a_linter_finds_a_fault(tool: str, project: Path) -> None:
    assert LINT is not None
    (command,) = (line for line in LINT[1].splitlines() if f"$(BIN)/{tool}" in line)
    command = command.replace("$(BIN)/", f"{BIN}/").replace("$(abspath $(BIN))", str(BIN)).replace("$$", "$")
    name, good, fault = FAULTS[tool]
    (project / name).parent.mkdir(parents=True, exist_ok=True)

    def said(text: str) -> tuple[bool, str]:
        (project / name).write_text(text, encoding="utf-8")
        done = subprocess.run(command, shell=True, cwd=project, capture_output=True, text=True, check=False)
        return done.returncode == 0, done.stdout + done.stderr

    assert said(good)[0], said(good)
    assert not said(good + fault)[0]


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """A collection of one module, as run.py lays it out."""
    copy = tmp_path / "ansible_collections" / "fortiops" / "mail"
    for name in ("plugins/plugin_utils", "simulator", "meta", "examples", "tests/sanity"):
        (copy / name).mkdir(parents=True)
    for name in (
        "galaxy.yml",
        "requirements.txt",
        "meta/execution-environment.yml",
        "examples/execution-environment.yml",
    ):
        shutil.copy2(ROOT / name, copy / name)
    for arguments in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *arguments], cwd=copy, check=True)
    return copy


def test_bandit_finds_code_that_trusts_a_text(collection: Path) -> None:
    file = collection / "plugins" / "plugin_utils" / "module.py"
    file.write_text("import yaml\n\n\ndef read(text):\n    return yaml.safe_load(text)\n", encoding="utf-8")
    assert bandit(collection) == ""
    file.write_text("import yaml\n\n\ndef read(text):\n    return yaml.load(text)\n", encoding="utf-8")
    assert "yaml_load" in bandit(collection)


def test_an_execution_environment_that_lacks_a_package_is_found(collection: Path) -> None:
    assert execution_environment(collection) == ""
    (collection / "meta" / "execution-environment.yml").write_text("version: 3\n", encoding="utf-8")
    assert "paramiko" in execution_environment(collection)


def test_ansible_test_finds_an_assertion(collection: Path) -> None:
    file = collection / "plugins" / "plugin_utils" / "module.py"
    for text, found in (("x = 1\n", False), ("assert True\n", True)):
        file.write_text(text, encoding="utf-8")
        subprocess.run(["git", "add", "--all"], cwd=collection, check=True)
        assert ("module.py" in ansible_test(collection, "--test", "no-assert")) is found


def test_galaxy_importer_finds_a_release_of_ansible_that_is_none(collection: Path) -> None:
    for name in ("README.md", "LICENSE"):
        shutil.copy2(ROOT / name, collection / name)
    (collection / "meta" / "runtime.yml").write_text("requires_ansible: nonsense\n", encoding="utf-8")
    assert "requires_ansible" in galaxy_importer(collection)
    (collection / "galaxy.yml").write_text("namespace: fortiops\n", encoding="utf-8")
    assert "version" in galaxy_importer(collection)


def test_an_audit_without_its_service_is_no_success(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Nobody listens there.
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setattr(sys, "argv", ["run.py", "pip_audit"])
    assert main() == 0
    assert "not checked" in capsys.readouterr().out
