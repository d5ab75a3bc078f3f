# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job of the module faz_command: run commands, wait for what they should say, keep a backup of the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..device.conditions import Condition, condition
from ..device.device import Device
from ..device.push import is_in, leave, still_open, trouble
from ..device.read_only import ReadOnly, expected, kind_of
from ..device.stop import run_at_most
from ..device.tables import DeviceError
from ..firmware import Firmware
from ..redact.redactor import Redactor
from ..shell.errors import CommandFailed
from ..shell.result import Result
from ..templates.find import choose, compiled
from ..templates.records import read_with, read_with_file
from ..terminal.configuration import NoBlockError, strays
from ..terminal.quoting import escaped
from ..whole_file import WriteError, is_stream, write_errors, write_private
from .job import Context, JobError, Options, TaskResult, check_limits, check_primary

_LIMITS = {"retries": 1000, "interval": 3600, "seconds": 600}
_MOST_COMMANDS = 500


@dataclass(frozen=True)
class _TypedLine:
    """A line to type. `kind`: of those that only read, None for any other."""

    line: str
    kind: ReadOnly | None


def work(device: Device, options: Options, context: Context) -> TaskResult:
    """Run the commands; return what each printed, with its records."""
    commands, conditions = _checked(options)
    dialogue = _Dialogue(device, options)
    will_write = [each.line for each in commands if each.kind is None]
    if context.check_mode and will_write:
        # What comes behind a line that is not typed would be read of another state, or typed in another shell.
        commands = commands[: next(place for place, each in enumerate(commands) if each.kind is None)]
        conditions = []
    # Debug switches, or a restart, are the unit's own.
    if any(line.startswith("conf") for line in will_write):
        check_primary(device, context)
    dialogue.run(commands)
    unmet = dialogue.wait(commands, conditions)
    if unmet:
        raise JobError(
            f"after {options['retries']} retries this does not hold: {'; '.join(unmet)}", "wait_for", **dialogue.told()
        )
    told = dialogue.told()
    if context.check_mode and will_write:
        told["changed"] = True
        told["not_sent"] = will_write
    if options["backup"]:
        results = [each.result for each in dialogue.answers]
        told |= _back_up(Path(options["backup"]), results, device.session.redactor, context)
    if dialogue.answers:
        told |= context.capture(device, "faz_command")[1]
    return told


def _checked(options: Options) -> tuple[list[_TypedLine], list[Condition]]:
    """Return commands and conditions. Raises JobError and ConditionError before anything is typed."""
    check_limits(options, _LIMITS, may_be_zero=("retries", "interval"))
    lines = options["commands"]
    if not 0 < len(lines) <= _MOST_COMMANDS:
        raise JobError(f"commands has {len(lines)} lines; expected 1 to {_MOST_COMMANDS}")
    commands = [_command(line, options["allow_write"]) for line in lines]
    if options["backup"]:
        other = [each.line for each in commands if each.kind is None or each.kind.name != "show ..."]
        if other:
            raise JobError(f"backup keeps what show prints, and nothing else; {other[0]!r} is no show command")
    if options["template"]:
        compiled(Path(options["template"]))
    return commands, [condition(each, len(commands)) for each in options["wait_for"]]


def _command(line: str, allow_write: bool) -> _TypedLine:
    if not line.strip() or not line.isprintable():
        raise JobError(f"command {escaped(line)!r}: expected one line of text")
    kind = kind_of(line)
    if kind is None and not allow_write:
        raise JobError(
            f"{line!r} is not known to change nothing, and was not sent; known are {expected()}. Set allow_write: true to send it",
            "not_read_only",
        )
    return _TypedLine(line.strip(), kind)


def _firmware(device: Device) -> Firmware | None:
    try:
        return device.status().firmware
    except (DeviceError, CommandFailed):
        return None


@dataclass
class _Answered:
    """The latest result of a command, why the device refused it or "", and whether it may be sent again."""

    result: Result
    refused: str
    again: bool = False


class _Dialogue:
    """How the commands go: what the device answered to each, and which shells of the configuration are open."""

    def __init__(self, device: Device, options: Options) -> None:
        self.answers: list[_Answered] = []
        self._session, self._options, self._firmware = device.session, options, _firmware(device)
        self._accepted = False  # the device has taken a line that may have changed it
        self._opened: list[str] = []

    def run(self, commands: Sequence[_TypedLine]) -> None:
        """Type all commands. Raises JobError when the device refuses one, unless errors are to be kept."""
        for each in commands:
            answer = self._typed(each)
            self.answers.append(answer)
            if answer.refused and self._options["on_error"] == "fail":
                leave(self._session, self._opened)
                raise JobError(
                    f"the device refused {answer.result.command!r}: {answer.refused}", "command", **self.told()
                )
        if inside := self._session.context:
            leave(self._session, self._opened)
            raise JobError(
                f"the commands end inside the shell ({inside}), which was left without saving; expected `end` as the last one",
                **self.told(),
            )

    def wait(self, commands: Sequence[_TypedLine], conditions: Sequence[Condition]) -> list[str]:
        """Repeat what only reads until the conditions hold; return those that do not."""
        for tries in range(self._options["retries"] + 1):
            unmet = [each.text for each in conditions if not self._holds(each)]
            if not unmet or (self._options["match"] == "any" and len(unmet) < len(conditions)):
                return []
            if tries < self._options["retries"]:
                self._session.listen(self._options["interval"], max_bytes=2**20, max_lines=10_000)
                for place, each in enumerate(commands):
                    if self.answers[place].again:
                        self.answers[place] = self._typed(each)
        return unmet

    def told(self) -> dict[str, Any]:
        """What the task returns of it."""
        return {"changed": self._accepted, "results": [self._row(each) for each in self.answers]}

    def _typed(self, command: _TypedLine) -> _Answered:
        if command.kind is not None and command.kind.endless:
            result = run_at_most(self._session, command.line, self._options["seconds"])
            return _Answered(result, _reason(result), again=True)
        result = self._session.run(command.line, check=False, answer=self._options["answer"])
        if command.kind is not None:
            return _Answered(result, _reason(result), again=not self._opened)
        if not self._opened and not command.line.startswith("config "):
            refused = _reason(result)
        else:
            opened = still_open(self._opened, command.line)
            refused = trouble(self._session, result, opened)[0]
            if is_in(self._session.context, opened):
                self._opened = opened
        self._accepted = self._accepted or not refused
        return _Answered(result, refused)

    def _holds(self, condition: Condition) -> bool:
        result = self.answers[condition.number].result
        return condition.holds(result.raw, self._records(result)[1])

    def _records(self, result: Result) -> tuple[str | None, list[dict[str, Any]]]:
        """Return the name of the template for what a command printed, None without one, and the records."""
        if self._options["template"]:
            file = Path(self._options["template"])
            return file.stem, read_with_file(file, result.raw)
        name = choose(result.command, self._firmware)
        return name, read_with(name, result.raw) if name else []

    def _row(self, answer: _Answered) -> dict[str, Any]:
        template, records = self._records(answer.result)
        return {
            "command": answer.result.command,
            "output": answer.result.text.splitlines(),
            "error": answer.refused or None,
            "template": template,
            "records": records,
        }


def _reason(result: Result) -> str:
    return "" if result.error is None else str(result.error)


def _back_up(place: Path, results: Sequence[Result], redactor: Redactor, context: Context) -> dict[str, Any]:
    """Write the configuration, without secrets, to a file unless it holds just that. Raises JobError and WriteError.

    Passwords, which the device encrypts again for each `show`, are masks: an unchanged configuration is an unchanged file.
    """
    for result in results:
        try:
            stray = strays(result.raw)
            found = (
                result.said if result.error is not None or not result.raw.strip() else repr(stray[0]) if stray else ""
            )
        except NoBlockError:
            found = "a block without its `end`"
        if found:
            raise JobError(
                f"{result.command}: no backup is written: expected a whole configuration, found {found}", "backup"
            )
    text = redactor.text("".join(result.raw.strip("\n") + "\n" for result in results))
    try:
        changed = is_stream(place) or place.read_text(encoding="utf-8") != text
    except FileNotFoundError:
        changed = True
    except (OSError, UnicodeDecodeError) as error:
        raise WriteError(f"{place}: cannot be read: {error}; expected a backup, or the name of a new file") from error
    if changed and not context.check_mode:
        with write_errors(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            write_private(place, text)
    return {"backup_file": str(place), "changed": changed}
