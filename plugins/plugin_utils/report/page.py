# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all HTML pages share: one look (page.css), templates that escape what they are given, and a policy for what may run in them."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

_FOLDER = Path(__file__).parent


@cache
def template(name: str) -> Template:
    """Return a template of this folder."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name)


@cache
def beside(name: str) -> Markup:
    """Return a file of this folder as part of a page."""
    return Markup((_FOLDER / name).read_text(encoding="utf-8"))


@cache
def style(name: str) -> Markup:
    """Return the style of a page: the common look, and what only this page has."""
    return Markup(beside("page.css") + beside(name))


def source(text: str) -> str:
    """The source of a Content-Security-Policy for a text that stands in the page."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
