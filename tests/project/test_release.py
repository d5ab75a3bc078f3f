# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make release` refuses what is not a release, and ends by naming what to publish. The tools it calls are stand-ins here."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

# What the project promises to those who work on it does not depend on the Python that runs it.
pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
STAND_IN = """#!/bin/sh
echo "$(basename "$0") $*" >> {calls}
case "$*" in
  "-m build "*) mkdir -p dist/pypi && touch dist/pypi/fortiops_mail-1.0.0.tar.gz ;;
  "collection build "*) mkdir -p dist/galaxy && touch dist/galaxy/fortiops-mail-1.0.0.tar.gz ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A project whose changelog has its version, everything committed, with a stand-in for each tool of the Makefile."""
    tools, project = tmp_path / "venv" / "bin", tmp_path / "project"
    tools.mkdir(parents=True)
    for name in set(re.findall(r"\$\(BIN\)/([\w-]+)", MAKEFILE)):
        (tools / name).write_text(STAND_IN.format(calls=tmp_path / "calls"), encoding="utf-8")
        (tools / name).chmod(0o755)
    (project / "changelogs").mkdir(parents=True)
    (project / "changelogs" / "changelog.yaml").write_text("releases:\n  1.0.0:\n    changes: {}\n", encoding="utf-8")
    (project / "galaxy.yml").write_text("version: 1.0.0\n", encoding="utf-8")
    (project / ".gitignore").write_text("dist/\n", encoding="utf-8")
    (project / "pyproject.toml").touch()
    shutil.copy2(ROOT / "Makefile", project)
    # Nothing has to be installed.
    (tools.parent / ".installed").touch()
    commit(project)
    return project


def commit(project: Path) -> None:
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com"]
    for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "All"]):
        subprocess.run([*git, *arguments], cwd=project, check=True)


def release(project: Path, *arguments: str) -> tuple[int, str]:
    """Run `make release`; return its status and what it printed."""
    command = ["make", "release", f"VENV={project.parent / 'venv'}", *arguments]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_release_is_checked_and_built_and_what_to_publish_is_named(checkout: Path) -> None:
    status, printed = release(checkout, "TAG=v1.0.0")

    assert status == 0, printed
    calls = (checkout.parent / "calls").read_text(encoding="utf-8").splitlines()
    order = [
        next(place for place, call in enumerate(calls) if call.startswith(begin))
        for begin in (
            *("ruff check", "antsibull-changelog lint", "python docs/published.py build/release"),
            *("python -m build", "ansible-galaxy collection build", "twine check --strict dist/pypi/"),
        )
    ]
    assert order == sorted(order)
    assert all(call.endswith(" build/release") for call in calls if " build " in call)
    assert any("sanity.run bandit" in call and "pip_audit" in call for call in calls)
    for artifact in ("pypi/fortiops_mail-1.0.0.tar.gz", "galaxy/fortiops-mail-1.0.0.tar.gz"):
        assert re.search(rf"^[0-9a-f]{{64}}  {artifact}$", printed, re.MULTILINE)
    for command in ("git tag v1.0.0", "twine upload dist/pypi/*", "ansible-galaxy collection publish dist/galaxy/*"):
        assert command in printed


def test_a_tag_of_another_version_is_no_release(checkout: Path) -> None:
    status, printed = release(checkout, "TAG=v1.0.1")

    assert status and "the tag is v1.0.1, but the version in galaxy.yml is 1.0.0" in printed


def test_a_version_without_a_changelog_is_no_release(checkout: Path) -> None:
    (checkout / "changelogs" / "changelog.yaml").write_text("releases: {}\n", encoding="utf-8")
    commit(checkout)
    status, printed = release(checkout)

    assert status and "changelogs/changelog.yaml does not have 1.0.0; run: make changelog" in printed


def test_what_is_not_committed_is_no_release(checkout: Path) -> None:
    (checkout / "new.txt").touch()
    status, printed = release(checkout)

    assert status and "git status shows files that are not committed" in printed
    assert not (checkout / "dist").exists()
