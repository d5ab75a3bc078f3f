# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nearly a thousand templates that others wrote give what TextFSM gives on text made from their rules.

FAZMAIL_FUZZ=50 makes fifty texts for each template, other ones at each run.
"""

from __future__ import annotations

import io
import os
import random
from pathlib import Path
from typing import Any

import ntc_templates
import pytest
import textfsm
from ansible_collections.fortiops.mail.plugins.plugin_utils.regex.limit import TooSlow, within
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates.template import Template

from .patterns import rows_of, texts_for

_TIMES = int(os.environ.get("FAZMAIL_FUZZ", "1"))
FILES = sorted(Path(ntc_templates.__file__).parent.glob("templates/*.textfsm"))
# The templates in portions, so that a failure does not hide those behind it.
PORTIONS = 20


def outcome(work: Any, text: str) -> Any:
    try:
        return work(text)
    except TooSlow:
        raise
    except Exception as error:
        return type(error), str(error)


def without_errors(template: str) -> str:
    """Most templates refuse text at the first line they do not know; without that, all of a text is read."""
    return "\n".join(line for line in template.splitlines() if "-> Error" not in line) + "\n"


@pytest.mark.parametrize("portion", range(PORTIONS))
def test_templates_of_others_give_the_rows_of_textfsm(portion: int) -> None:
    assert len(FILES) > 500
    slow = 0
    for file in FILES[portion::PORTIONS]:
        source = file.read_text(encoding="utf-8")
        chance = random.Random(f"{file.name} {os.urandom(8).hex() if _TIMES > 1 else ''}")
        for template in (source, without_errors(source)):
            plain, ours = textfsm.TextFSM(io.StringIO(template)), Template(io.StringIO(template))
            for __ in range(_TIMES):
                text = texts_for(plain, chance, 20)
                plain.Reset()
                try:
                    expected = outcome(lambda text, plain=plain: within(0.5, lambda: plain.ParseText(text)), text)
                except TooSlow:
                    # Some expressions of others take hours for a line of unlucky text, in TextFSM itself.
                    slow += 1
                    continue

                assert outcome(lambda text, ours=ours: rows_of(ours, text), text) == expected, (file.name, text)
    assert slow <= _TIMES * len(FILES) // PORTIONS // 10
