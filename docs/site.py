# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the documentation site in build/site: `make docs-site`. A warning of Sphinx is an error.

The site has the pages of the repository as they are, in the order of a reader's questions, and what `ansible-doc` shows of each plugin and role.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from ansible_collections.fortiops.mail.docs.published import GALAXY, ROOT, led

SOURCE = ROOT / "build" / "site-source"
SITE = ROOT / "build" / "site"
BIN = Path(sys.executable).parent
# Every page of the repository has its place here; a test says which one has none.
CHAPTERS = {
    "Start": ("README.md", "examples/README.md", "simulator/README.md"),
    "How to": (
        *(
            "docs/fleet.md",
            "docs/logs.md",
            "docs/login.md",
            "docs/commands.md",
            "docs/reply.md",
            "docs/parsing.md",
            "docs/scale.md",
            "extensions/schedule/README.md",
            "docs/extending.md",
        ),
        *("roles/configure/README.md", "roles/verify/README.md", "roles/troubleshoot/README.md"),
    ),
    "Reference": (
        *(
            "reference/index",
            "docs/causes.md",
            "docs/rules.md",
            "docs/replies.md",
            "docs/assumptions.md",
            "docs/faults.md",
            "docs/matrix.md",
        ),
        *("docs/comparison.md", "docs/benchmarks.md"),
    ),
    "Design": (
        "docs/design.md",
        "docs/diagnosis.md",
        "docs/path.md",
        "CONTRIBUTING.md",
        "CODE_OF_CONDUCT.md",
        "SECURITY.md",
    ),
}
PAGES = [page for pages in CHAPTERS.values() for page in pages]
# The names of pages whose headings name something else.
_ENTRIES = {
    "README.md": "First result in five minutes <self>",
    "reference/index": "Modules, plugins and roles <reference/index>",
}
PICTURES = [f"docs/{file.name}" for file in (ROOT / "docs").glob("*.png")]
_SETTINGS = f"""\
from docutils import nodes

project = "fortiops.mail"
html_theme = "furo"
html_title = "fortiops.mail"
root_doc = "README"
extensions = ["myst_parser", "sphinx_antsibull_ext"]
myst_heading_anchors = 6
# Headings of made pages leave out a level, and not every format of a file has a lexer.
suppress_warnings = ["misc.highlighting_failure", "myst.header"]
html_show_sourcelink = False
html_theme_options = {{"source_repository": "{GALAXY["repository"]}", "source_branch": "main", "source_directory": ""}}
# Where pages of antsibull-docs refer to Ansible's own documentation.
ansible_pages = {{
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}}


def ansible_page(app, env, node, content):
    target = node["reftarget"]
    page = ansible_pages.get(target)
    if target.startswith("ansible_collections.ansible.builtin."):
        page = target.removeprefix("ansible_").replace(".", "/") + ".html"
    if page:
        return nodes.reference("", "", content, refuri="https://docs.ansible.com/ansible/latest/" + page)


def of_no_file(app, page, template, context, tree):
    # These pages are made from something else: there is nothing to edit in the repository.
    if page.startswith("reference/"):
        context["theme_top_of_page_buttons"] = []


def setup(app):
    app.connect("html-page-context", of_no_file)
    app.connect("missing-reference", ansible_page)
"""


def page_source(name: str) -> str:
    """Return a page with its links to files that are no part of the site leading to the repository."""
    return led((ROOT / name).read_text(encoding="utf-8"), name, "main", kept=[*PAGES, *PICTURES])


def contents() -> str:
    """Return a table of contents for each chapter. The first page has them, out of sight: they are beside every page."""
    return "".join(
        f"\n```{{toctree}}\n:caption: {title}\n:hidden:\n\n"
        + "\n".join(_ENTRIES.get(page, page.removesuffix(".md")) for page in pages)
        + "\n```\n"
        for title, pages in CHAPTERS.items()
    )


def main() -> int:
    """Build the site and return the exit status."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    for name in PAGES:
        if name.endswith(".md"):
            (SOURCE / name).parent.mkdir(parents=True, exist_ok=True)
            (SOURCE / name).write_text(page_source(name), encoding="utf-8")
    for picture in PICTURES:
        shutil.copy2(ROOT / picture, SOURCE / picture)
    (SOURCE / "conf.py").write_text(_SETTINGS, encoding="utf-8")
    with (SOURCE / "README.md").open("a", encoding="utf-8") as first:
        first.write(contents())
    (SOURCE / "reference").mkdir()
    variables = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    reference = (
        "collection",
        "--use-current",
        "--fail-on-error",
        "--squash-hierarchy",
        "--no-add-antsibull-docs-version",
    )
    for command in (
        [BIN / "antsibull-docs", *reference, "--dest-dir", SOURCE / "reference", "fortiops.mail"],
        [BIN / "sphinx-build", "-q", "-W", "--keep-going", "-E", "-b", "html", SOURCE, SITE],
    ):
        if status := subprocess.run(command, env=variables, check=False).returncode:
            return status
    shutil.copy2(SITE / "README.html", SITE / "index.html")
    print(SITE / "index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
