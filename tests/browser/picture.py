# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the pictures of pages that the README shows: make picture."""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path

from ansible_collections.fortiops.mail.plugins.plugin_utils.report.as_html import as_html
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.assessment import Assessment

from .conftest import document, headless, look
from .logs import log_page

DOCS = Path(__file__).parents[2] / "docs"


def main() -> None:
    pages = {
        "compliance.png": (as_html(Assessment(document(24, days=12))), 1300),
        "log.png": (log_page(), 900),
    }
    browser = headless()
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name, (html, height) in pages.items():
                page = Path(folder, "page.html")
                page.write_text(html, encoding="utf-8")
                look(browser, 1000)
                browser.get(page.as_uri())
                clip = {"x": 0, "y": 0, "width": 1000, "height": height, "scale": 1}
                shot = browser.execute_cdp_cmd(
                    "Page.captureScreenshot", {"format": "png", "clip": clip, "captureBeyondViewport": True}
                )
                (DOCS / name).write_bytes(base64.b64decode(shot["data"]))
    finally:
        browser.quit()


if __name__ == "__main__":
    main()
