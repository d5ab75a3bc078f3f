# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the pictures that the README shows, of pages and of a terminal: make picture."""

from __future__ import annotations

import base64
import html
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ansible_collections.fortiops.mail.plugins.plugin_utils.report.as_html import as_html
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.assessment import Assessment
from selenium import webdriver

from ..pictures import described
from .conftest import document, headless, look
from .logs import log_page

ROOT = Path(__file__).parents[2]
# What is typed, as the README has it.
TERMINALS = {
    "explain.png": "fazmail explain --send 2 -f tests/samples/logs/debug_three_sends.log",
    "demo.png": "make demo",
}
_TERMINAL = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; width: max-content; background: #f3f4f8 }}
pre {{ margin: 0; padding: 14px 18px; font: 13px/1.4 "DejaVu Sans Mono", monospace; color: #1c2330 }}
b {{ color: #186a3b }}
</style><pre><b>$ </b>{}</pre>"""


def terminal(command: str) -> str:
    """Return what a terminal shows of a command: itself, and what it prints."""
    # Without what make passes on to a make in it.
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    environment = {**own, "PATH": f"{Path(sys.executable).parent}:{own['PATH']}", "COLUMNS": "100"}
    with tempfile.TemporaryDirectory() as folder:
        typed = f"{command} VENV={sys.prefix} DEMO={folder}/demo" if command.startswith("make") else command
        done = subprocess.run(
            typed, shell=True, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
    return f"{command}\n{done.stdout}"


def taken(browser: webdriver.Chrome, page: str, size: tuple[int, int] | None = None, scale: float = 1) -> bytes:
    """Return a PNG of a page: of a size, or all of it."""
    with tempfile.NamedTemporaryFile("w", suffix=".html", encoding="utf-8") as file:
        file.write(page)
        file.flush()
        look(browser, 1000)
        browser.get(Path(file.name).as_uri())
        whole = browser.execute_script("const body = document.body; return [body.offsetWidth, body.offsetHeight]")
        width, height = size or whole
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": scale}
        shot = browser.execute_cdp_cmd(
            "Page.captureScreenshot", {"format": "png", "clip": clip, "captureBeyondViewport": True}
        )
    return base64.b64decode(shot["data"])


def main() -> None:
    shown = {name: terminal(command) for name, command in TERMINALS.items()}
    browser = headless()
    try:
        pictures = {
            "compliance.png": taken(browser, as_html(Assessment(document(24, days=12))), (1000, 1300)),
            "log.png": taken(browser, log_page(), (1000, 900)),
        }
        for name, text in shown.items():
            pictures[name] = described(taken(browser, _TERMINAL.format(html.escape(text)), scale=1.5), text)
    finally:
        browser.quit()
    for name, png in pictures.items():
        (ROOT / "docs" / name).write_bytes(png)


if __name__ == "__main__":
    main()
