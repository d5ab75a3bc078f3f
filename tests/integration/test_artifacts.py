# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wheel, the sdist it is built from, the Galaxy artifact and the editable install are one collection: each runs the same playbook."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path, PurePath
from typing import Any

import pytest
import yaml
from ansible_collections.fortiops.mail.docs.published import copied
from ansible_collections.fortiops.mail.simulator.inventory import inventory

from .conftest import ENTRY

ROOT = Path(__file__).parents[2]
COLLECTION = "ansible_collections.fortiops.mail"
RUNTIME = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
GROUPS, VERSION = RUNTIME["action_groups"], GALAXY["version"]
MODULES = sorted(file.stem for file in (ROOT / "plugins" / "modules").glob("*.py"))


def command(*arguments: str | Path, **options: Any) -> str:
    done = subprocess.run(
        [str(each) for each in arguments], check=False, capture_output=True, text=True, timeout=300, **options
    )
    assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def bare_environment(directory: Path) -> Path:
    """An environment with everything this one has but the collection. Returns its Python."""
    command(sys.executable, "-m", "venv", "--without-pip", directory)
    python = directory / "bin" / "python"
    packages = command(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    # A path file of a path file is not followed, so the editable install of this environment stays out of sight.
    (Path(packages) / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder from which `make release` builds."""
    directory = tmp_path_factory.mktemp("published")
    copied(directory)
    return directory


@pytest.fixture(scope="module")
def wheel_python(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("wheel")
    # First the sdist, then from the unpacked sdist the wheel.
    command(sys.executable, "-m", "build", "--no-isolation", "--outdir", directory, published)
    python = bare_environment(directory / "environment")
    (wheel,) = directory.glob("*.whl")
    command(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--quiet", wheel)
    return python


@pytest.fixture(scope="module")
def galaxy_path(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of collections in which ansible-galaxy has installed the artifact."""
    directory = tmp_path_factory.mktemp("galaxy")
    galaxy = (sys.executable, "-m", "ansible", "galaxy", "collection")
    command(*galaxy, "build", "--output-path", directory, published)
    (artifact,) = directory.glob("*.tar.gz")
    command(*galaxy, "install", "--offline", "--force", "-p", directory / "collections", artifact)
    return directory / "collections"


# From the checkout, test_readme.py runs it.
@pytest.mark.parametrize("kind", ["wheel", "galaxy"])
def test_the_demo_playbook_runs(kind: str, start: Any, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    entry = {name: value for name, value in ENTRY.items() if name != "passwd"} | {"passwd": "wrong password"}
    fleet = start({"name": "faz", "vars": {"mail_servers": [entry], "expected_cause": "auth_credentials_invalid"}})
    hosts = tmp_path / "inventory.yml"
    hosts.write_text(yaml.safe_dump(inventory(device.server for device in fleet.devices.values())), encoding="utf-8")
    environment = {**os.environ, "FORTIOPS_MAIL_STATE_DIR": str(tmp_path / "state")}
    if kind == "wheel":
        python = request.getfixturevalue("wheel_python")
    else:
        python = bare_environment(tmp_path / "environment")
        environment["ANSIBLE_COLLECTIONS_PATH"] = str(request.getfixturevalue("galaxy_path"))
    output = command(
        python, "-m", "ansible", "playbook", "-i", hosts, "fortiops.mail.demo", "-vv", "-e", f"output_dir={tmp_path}",
        env=environment, cwd=tmp_path,
    )  # fmt: skip
    origin = {
        "wheel": "site-packages/ansible_collections/",
        "galaxy": "/collections/ansible_collections/",
    }
    assert origin[kind] + "fortiops/mail" in output
    assert "auth_credentials_invalid  device admin" in (tmp_path / "report.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(("kind", "names"), [
    ("module", MODULES), ("connection", ["cli"]), ("filter", ["parse_log", "verdict_table", "mail_findings"]), ("test", ["delivered"]),
])  # fmt: skip
def test_documentation_is_shown_after_pip_install(
    wheel_python: Path, tmp_path: Path, kind: str, names: list[str]
) -> None:
    full = [f"fortiops.mail.{name}" for name in names]
    documents = json.loads(command(wheel_python, "-m", "ansible", "doc", "--json", "-t", kind, *full, cwd=tmp_path))
    assert set(documents) == set(full)
    for name, document in documents.items():
        assert document["doc"]["short_description"], name
        assert document["doc"].get("options") or name.endswith(("_info", "_facts")), name
        assert document["examples"], name
        assert document["return"] or kind == "connection", name
        if kind == "module":
            attributes = document["doc"]["attributes"]
            assert {"check_mode", "diff_mode", "idempotent", "platform"} < set(attributes), name
            assert all(each["description"] and each["support"] for each in attributes.values()), name
            groups = [group for group, modules in GROUPS.items() if name.rpartition(".")[2] in modules]
            assert attributes["action_group"]["membership"] == [f"fortiops.mail.{group}" for group in groups], name
    shown = command(wheel_python, "-m", "ansible", "doc", "-t", kind, full[0], cwd=tmp_path)
    assert "EXAMPLES" in shown


def test_the_command_is_installed_and_reads_a_log(wheel_python: Path, tmp_path: Path) -> None:
    log = tmp_path / "debug.log"
    log.write_bytes(b"FAZ # sendmail_loop:1143: total pending tasks: 0.\r\n")
    fazmail = wheel_python.with_name("fazmail")
    result = json.loads(command(fazmail, "parse", "--format", "json", log, cwd=tmp_path))
    assert result["files"][0]["records"][0]["pending_tasks"] == 0
    assert command(fazmail, "--version") == f"fazmail {VERSION}\n"


def test_galaxy_installs_the_command_as_a_module(galaxy_path: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(galaxy_path)}
    fazmail = (bare_environment(tmp_path / "environment"), "-m", f"{COLLECTION}.plugins.plugin_utils.command.main")

    def status(*arguments: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [*fazmail, *arguments], check=False, capture_output=True, text=True, env=environment, cwd=tmp_path
        )
        return done.returncode, done.stdout, done.stderr

    assert status("--version") == (0, f"fazmail {VERSION}\n", "")
    assert f"-m {COLLECTION}.plugins.plugin_utils.command.main --help\n" in (ROOT / "README.md").read_text(
        encoding="utf-8"
    )
    assert status("--help")[1].startswith("usage: fazmail ")
    assert status("classify", "535 5.7.8 Authentication failed")[0] == 0
    assert status("parse", "missing.log")[0] == 2
    assert status("nonsense")[0] == 2


def test_the_wheel_has_what_runs_and_nothing_else(wheel_python: Path) -> None:
    (wheel,) = wheel_python.parents[2].glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        paths = [PurePath(name) for name in packed.namelist()]
    folder = PurePath(*COLLECTION.split("."))
    inner = {path.relative_to(folder).parts[0] for path in paths if path.is_relative_to(folder)}
    assert inner == {"LICENSE", "README.md", "galaxy.yml", "meta", "playbooks", "plugins", "roles", "simulator"}
    others = {path.parts[0] for path in paths if not path.is_relative_to(folder)}
    assert others == {f"fortiops_mail-{VERSION}.dist-info"}
    assert not [path for path in paths if path.suffix in (".pyc", ".png")]


def test_galaxy_and_pypi_say_the_same_of_the_project() -> None:
    urls = PROJECT["urls"]
    assert [urls["Homepage"], urls["Documentation"], urls["Issues"]] == [
        GALAXY[name] for name in ("homepage", "documentation", "issues")
    ]
    assert PROJECT["description"] == GALAXY["description"].removesuffix(".")
    assert [each["name"] for each in PROJECT["authors"]] == GALAXY["authors"]
    assert f"ansible-core{RUNTIME['requires_ansible'].removesuffix('.0')}" in PROJECT["dependencies"]


def test_the_galaxy_artifact_has_what_runs_and_nothing_else(galaxy_path: Path) -> None:
    folder = galaxy_path.joinpath(*COLLECTION.split("."))
    top = {
        "CHANGELOG.rst", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "FILES.json", "LICENSE", "LICENSES", "MANIFEST.json", "README.md",
        "SECURITY.md", "changelogs", "docs", "examples", "extensions", "meta", "playbooks", "plugins", "requirements.txt", "roles",
        "simulator", "templates", "tests",
    }  # fmt: skip
    listed = json.loads((folder / "FILES.json").read_text(encoding="utf-8"))["files"]
    paths = [PurePath(each["name"]) for each in listed if each["ftype"] == "file"]
    assert {path.parts[0] for path in paths} <= top
    assert {path.parts[1] for path in paths if path.parts[0] == "tests"} <= {"sanity"}
    assert not [path for path in paths if path.suffix in (".pyc", ".whl", ".gz", ".png")]


@pytest.mark.parametrize("kind", ["wheel", "galaxy"])
def test_the_readme_that_is_shown_elsewhere_leads_to_the_repository(kind: str, request: pytest.FixtureRequest) -> None:
    if kind == "wheel":
        python = request.getfixturevalue("wheel_python")
        text = command(
            python, "-c", "from importlib import metadata as m; print(m.metadata('fortiops-mail')['Description'])"
        )
    else:
        folder = request.getfixturevalue("galaxy_path").joinpath(*COLLECTION.split("."))
        text = (folder / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    links.remove(GALAXY["repository"])
    raw, blob = (f"{GALAXY['repository']}/{each}/v{VERSION}/" for each in ("raw", "blob"))
    assert [link for link in links if not link.startswith((raw, blob))] == []
    places = {link.removeprefix(raw).removeprefix(blob): link.startswith(raw) for link in links}
    assert [place for place in places if not (ROOT / place).exists()] == []
    pictures = {place for place, shown in places.items() if shown}
    assert pictures == {f"docs/{file.name}" for file in (ROOT / "docs").glob("*.png")}


@pytest.mark.once
def test_galaxy_shows_the_readme_as_it_is_meant(published: Path) -> None:
    from galaxy_importer.utils.markup import get_html, get_readme_doc_file

    # Its Markdown knows no fenced text within a list.
    shown = re.sub(r"<pre>.*?</pre>", "", get_html(get_readme_doc_file(published)), flags=re.DOTALL)
    assert shown.count("<img ") == 4
    assert re.findall(r"^(?:[-|#] .*|.*```.*|.*\]\(.*)$", shown, re.MULTILINE) == []


def test_ansible_test_ignores_only_what_the_artifact_has(galaxy_path: Path) -> None:
    folder = galaxy_path.joinpath(*COLLECTION.split("."))
    files = sorted(folder.glob("tests/sanity/ignore-*.txt"))
    named = {line.split()[0] for file in files for line in file.read_text(encoding="utf-8").splitlines()}
    assert len(files) == 3
    assert [name for name in named if not (folder / name).exists()] == []


def test_what_the_product_imports_is_what_it_requires() -> None:
    extras = PROJECT["optional-dependencies"]
    required = [*PROJECT["dependencies"], *extras["demo"], *extras["completion"]]
    names = {re.split(r"[<>=]", each)[0].lower() for each in required}
    imported = {
        name.split(".")[0]
        for folder in ("plugins", "simulator")
        for file in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for name in (
            [each.name for each in node.names] if isinstance(node, ast.Import)
            else [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
        )
    }  # fmt: skip
    # Two come with others.
    called = {"ansible": "ansible-core", "packaging": "ansible-core", "yaml": "pyyaml", "markupsafe": "jinja2"}
    others = imported - sys.stdlib_module_names - {"ansible_collections", "_typeshed"}
    assert {called.get(name, name) for name in others} == names
    plain = (ROOT / "requirements.txt").read_text(encoding="utf-8").split()
    assert sorted(plain) == sorted(each for each in PROJECT["dependencies"] if not each.startswith("ansible-core"))
