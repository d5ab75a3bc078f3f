# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the parts of docs/diagnosis.md that are made from data: `make docs`. Everything outside the marks stays."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.fortiops.mail.plugins.plugin_utils.report.cause_page import cause_list, cause_page
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.files import own
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.knowledge import causes

PAGE = Path(__file__).with_name("diagnosis.md")
_TITLES = {
    "steps": "What decided (`why.decided`)",
    "lost": "Why something else lost (`why.lost[].because`)",
    "missing": "What would prove more (`why.missing`)",
    "warnings": "Warnings (`warnings`)",
}


def generated(page: str) -> str:
    """Return the page with its generated parts made anew. Raises ValueError if a mark is missing."""
    for name, content in (("words", _words()), ("causes", _causes())):
        pattern = re.compile(rf"(<!-- generated: {name} -->\n).*?(?=<!-- end of generated -->)", re.DOTALL)
        page, replaced = pattern.subn(lambda mark, text=content: f"{mark[1]}{text}\n", page)
        if replaced != 1:
            raise ValueError(f"{PAGE.name}: expected one mark <!-- generated: {name} --> with its end")
    return page


def _words() -> str:
    parts = []
    for kind, title in _TITLES.items():
        rows = [f"| `{name}` | {words} |" for name, words in own("reasons.yml")[kind].items()]
        parts.append("\n".join([f"{title}:", "", "| word | means |", "| --- | --- |", *rows]))
    return "\n\n".join(parts)


def _causes() -> str:
    return "\n\n".join([cause_list(), *(cause_page(cause) for cause in causes().values())])


if __name__ == "__main__":
    PAGE.write_text(generated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
