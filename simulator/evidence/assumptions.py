# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What nobody has shown yet: the texts of a device that this collection assumes, who relies on each, and what would show it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from ...plugins.plugin_utils.device.commands import DeviceCommand, commands
from ...plugins.plugin_utils.shell.meanings import meanings
from ...plugins.plugin_utils.smtp import vocabulary
from ...plugins.plugin_utils.templates.find import SHIPPED
from ...plugins.plugin_utils.yaml_file import read_beside
from ..device.texts import texts
from ..mail.dialects import dialects

# A test mail while the mail daemon is debugged.
TEST = "diagnose test connection mailserver <id>"
_EVIDENCE = re.compile(r"(?m)^# Evidence: (assumed.*(?:\n# .*)*)")


@dataclass(frozen=True)
class Assumption:
    """A text that is assumed.

    kind: `text` of the simulator, `dialect` of the daemon's debug, `template`, `login` (what is said instead of giving a session),
    or `phrase` (what mail programs say).
    wording: the text, with placeholders in braces. command: what shows it, "" where nothing that may be typed does. relies: the
    template that reads the command, and the modules that send it.
    """

    kind: str
    name: str
    wording: str
    source: str
    command: str
    relies: tuple[str, ...] = ()


@cache
def assumptions() -> tuple[Assumption, ...]:
    """Return everything that is assumed, by kinds."""
    return (*_texts(), *_dialects(), *_templates(), *_logins(), *_phrases())


def _texts() -> Iterator[Assumption]:
    for name, text in texts().items():
        if text.evidence == "assumed":
            yield Assumption("text", name, text.text.rstrip(), text.source, text.shown_by, _relies(text.shown_by))


def _dialects() -> Iterator[Assumption]:
    for dialect in dialects().values():
        if dialect.evidence == "assumed":
            lines = "\n".join(line for kind in dialect.templates.values() for line in kind)
            yield Assumption("dialect", dialect.name, lines, "", TEST, _relies(TEST))


def _templates() -> Iterator[Assumption]:
    for file in sorted(SHIPPED.glob("*.textfsm")):
        text = file.read_text(encoding="utf-8")
        if grade := _EVIDENCE.search(text):
            name = file.stem
            command = next((each.name for each in commands() if each.template == name), "")
            words = " ".join(grade[1].replace("\n# ", " ").split())
            yield Assumption(
                "template",
                name,
                f"rules of {file.name}",
                words.removeprefix("assumed").lstrip(".;, "),
                command,
                _relies(command),
            )


def _logins() -> Iterator[Assumption]:
    for cause, meaning in meanings().items():
        for said in meaning.texts:
            if said.evidence == "assumed":
                yield Assumption("login", cause, said.text, said.source, "", ("login",))


def _phrases() -> Iterator[Assumption]:
    for row in read_beside(vocabulary.__file__, "vocabulary.yml")["texts"]:
        if row["evidence"] == "assumed":
            yield Assumption("phrase", row["sample"], row["sample"], row["library"], "", (row["cause"],))


def _relies(name: str) -> tuple[str, ...]:
    command = _command(name) if name else None
    if command is None:
        return ()
    return (*filter(None, [command.template]), *command.modules)


def _command(line: str) -> DeviceCommand | None:
    return next((each for each in commands() if line == each.name or each.typed_as(line)), None)
