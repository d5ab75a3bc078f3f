# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages made from data say what the data say."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.fortiops.mail.plugins.connection import cli
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import COMMANDS
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.rules import collection_rules
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.knowledge import causes

pytestmark = pytest.mark.once

DOCS = Path(__file__).parents[2] / "docs"
PROSE = [
    *DOCS.parent.glob("*.md"),
    *DOCS.glob("*.md"),
    *(page for name in ("examples", "extensions", "roles", "simulator") for page in (DOCS.parent / name).rglob("*.md")),
]


PAGES = runpy.run_path(str(DOCS / "generate.py"))["PAGES"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_made_from_data_is_not_stale(name: str) -> None:
    assert PAGES[name]() == (DOCS / name).read_text(encoding="utf-8"), "run `make docs`"


@pytest.mark.parametrize("cause", causes())
def test_each_cause_has_its_section(cause: str) -> None:
    page = (DOCS / "causes.md").read_text(encoding="utf-8")

    assert page.count(f"\n### {cause}\n") == 1
    assert causes()[cause].explanation in page


def test_the_page_on_logins_names_variables_and_causes_that_there_are() -> None:
    page = (DOCS / "login.md").read_text(encoding="utf-8")
    documentation = yaml.safe_load(cli.DOCUMENTATION)
    options = documentation["options"].values()
    variables = {variable["name"] for option in options for variable in option.get("vars", ())}
    named = set(re.findall(r"\b(ansible_[a-z_]+)\b", page)) - {"ansible_connection"}
    assert len(named) > 10 and named <= variables
    notes = " ".join(note for note in documentation["notes"] if note.startswith(("No connection:", "No login:")))
    causes_of_a_login = set(re.findall(r"V\((\w+)\)", notes))
    assert len(causes_of_a_login) > 10
    tables = [line for line in page.splitlines() if line.startswith("| ")]
    assert causes_of_a_login == {cause for cause in causes_of_a_login if any(f"`{cause}`" in line for line in tables)}
    for block in re.findall(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        assert yaml.safe_load(block)


def test_each_rule_has_its_section() -> None:
    page = (DOCS / "rules.md").read_text(encoding="utf-8")

    assert re.findall(r"^### (.+)$", page, re.MULTILINE) == [rule["id"] for rule in collection_rules()]


def test_the_tests_that_the_comparison_names_are_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", (DOCS / "comparison.md").read_text(encoding="utf-8")))
    tests = DOCS.parent / "tests"
    there = {
        name for file in tests.rglob("test_*.py") for name in re.findall(r"def (test_\w+)", file.read_text("utf-8"))
    }

    assert named and named <= there


@pytest.mark.parametrize("page", PROSE, ids=lambda page: str(page.relative_to(DOCS.parent)))
def test_what_a_page_links_to_exists(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    files = [(page.parent / link.partition("#")[0]) for link in links if not link.startswith(("#", "http"))]

    assert [str(file) for file in files if not file.exists()] == []


def test_the_site_has_every_page_once() -> None:
    site = runpy.run_path(str(DOCS / "site.py"))["PAGES"]

    assert sorted(site) == sorted([*(str(page.relative_to(DOCS.parent)) for page in PROSE), "reference/index"])


@pytest.mark.parametrize("role", sorted((DOCS.parent / "roles").iterdir()), ids=lambda role: role.name)
def test_a_role_says_the_same_in_its_specification_its_defaults_and_its_page(role: Path) -> None:
    (specification,) = _yaml(role / "meta" / "argument_specs.yml")["argument_specs"].values()
    options = specification["options"]
    page = (role / "README.md").read_text(encoding="utf-8")

    assert {"author", "description", "short_description", "version_added"} < set(specification)
    assert _yaml(role / "defaults" / "main.yml") == {
        name: option["default"] for name, option in options.items() if "default" in option
    }
    assert {
        name for row in re.findall(r"^\| (`.+?) \|", page, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    } == set(options)
    for name, option in options.items():
        assert ("(required)" in page.partition(f"`{name}`")[2].partition("\n")[0]) == option.get("required", False)


def _yaml(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return loaded


FORMS = sorted((DOCS.parent / ".github").rglob("*.yml"))


@pytest.mark.parametrize("page", [*PROSE, *FORMS], ids=lambda page: str(page.relative_to(DOCS.parent)))
def test_a_page_names_subcommands_that_exist(page: Path) -> None:
    named = set(re.findall(r"(?:^|`|bin/)fazmail ([a-z]+)\b(?!\.)", page.read_text(encoding="utf-8"), re.MULTILINE))

    assert named - {"stages"} <= set(COMMANDS)  # docs/extending.md adds `stages`


@pytest.mark.parametrize(
    "form",
    [form for form in FORMS if form.parent.name == "ISSUE_TEMPLATE" and form.stem != "config"],
    ids=lambda form: form.stem,
)
def test_an_issue_form_is_one(form: Path) -> None:
    data = _yaml(form)
    assert {"name", "description", "body"} < set(data)
    fields = [each for each in data["body"] if each["type"] != "markdown"]
    assert fields and all(each["type"] in ("input", "textarea") and each["attributes"]["label"] for each in fields)
    assert len({each["id"] for each in fields}) == len(fields)
