# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that make an installation read a device as it prints: templates with their fields, and texts of the simulator.

Only what is known from another source is learnt: the level from `diagnose debug info`, the state of the daemon from a test mail that
was accepted, the counts of a ping from its answers, the address that a name server gives from the ping, and how the device closes a refusal from
lines that no device can take. Nothing is guessed; what cannot be learnt is left to the reader of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from ...plugins.plugin_utils.templates.find import SHIPPED
from ..device.texts import texts
from .compare import DIFFERENT, Comparison, filled

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_ADDRESS = re.compile(r"\d+(?:\.\d+){3}|[0-9a-fA-F]*:[0-9a-fA-F:]+")
_SOURCE = "learnt from a device by `fazmail evidence`"
# What was typed where a text shows it again.
_TYPED = {
    "parse_error": {"word": "fazmail-evidence"},
    "ambiguous": {"word": "alert"},
    "value_invalid": {"option": "port", "value": "fazmail-evidence"},
}
_PING = "execute ping <host>"
# The texts of refusals.
_REFUSALS = ("unknown_action", "parse_error", "ambiguous", "incomplete", "value_invalid", "too_long")


@dataclass(frozen=True)
class Known:
    """What is known beside the text: the debug level, whether the daemon sends, and the host that was pinged."""

    level: int | None = None
    sends: bool = False
    host: str = ""


@dataclass(frozen=True)
class _Learnt:
    """A template: its values with their expressions, its rules, and words of the device that mean another."""

    values: Mapping[str, str]
    rules: Sequence[str]
    words: Mapping[str, Mapping[str, str]]


def corrections(comparisons: Sequence[Comparison], answers: Mapping[str, str], known: Known) -> dict[str, str]:
    """Return files to write, by their path in the folder of corrections; none where everything is as assumed."""
    files = {}
    different = [each for each in comparisons if each.status == DIFFERENT]
    learnt = {}
    for each in different:
        name = each.assumption.name
        lines = filled(answers.get(each.assumption.command, ""))
        address = _address(filled(answers.get(_PING, "")), known.host)
        if each.assumption.kind == "template" and (found := _template(name, lines, known, address)):
            learnt[name] = found
            files[f"templates/{name}.textfsm"] = _written(each.assumption.command, found)
    if closing := closing_lines(different, answers):
        files["templates/cli_error.textfsm"] = _refusals(closing)
    if learnt or closing:
        files["templates/index"] = _index(learnt)
        if words := {name: dict(found.words) for name, found in learnt.items() if found.words}:
            files["templates/fields.yml"] = yaml.safe_dump(words, sort_keys=False)
    if rows := {name: row for each in different for name, row in _text(each, answers, known)}:
        files["simulator.yml"] = yaml.safe_dump(rows, sort_keys=False)
    return files


# -- templates -----------------------------------------------------------------------------------------------------


def closing_lines(different: Sequence[Comparison], answers: Mapping[str, str]) -> dict[str, str]:
    """Return the last line of each refusal that is not as assumed, by the name of its text."""
    found = {}
    for each in different:
        if each.assumption.kind == "text" and each.assumption.name in _REFUSALS:
            lines = filled(answers.get(each.assumption.command, ""))
            # Without a word of its own any line would be an error.
            if lines and re.search(r"[^\W\d]{3,}", _closing(lines[-1])):
                found[each.assumption.name] = lines[-1]
    return found


def _closing(line: str) -> str:
    """The closing line of a refusal without what was typed."""
    for typed in sorted({value for values in _TYPED.values() for value in values.values()}, key=len, reverse=True):
        line = re.sub(rf"(?<![\w-]){re.escape(typed)}(?![\w-])", "\0", line)
    return line


def _refusals(closing: Mapping[str, str]) -> str:
    """Our template of refusals, and rules for closing lines that it does not have."""
    shipped = (SHIPPED / "cli_error.textfsm").read_text(encoding="utf-8").rstrip("\n")
    rules = {
        "  ^(?P<MESSAGE>" + ".*".join(_literal(part, ()) for part in _closing(line).split("\0")) + r")\s*$$ -> Record"
        for line in closing.values()
    }
    rest = shipped.partition("\nValue ")[2]
    return (
        "\n".join(
            [
                f"# How this device closes a refusal, {_SOURCE}.",
                "# Evidence: verbatim, of that device.",
                f"Value {rest}",
                *sorted(rules),
            ]
        )
        + "\n"
    )


def _template(name: str, lines: Sequence[str], known: Known, address: str) -> _Learnt | None:
    if name == "debug_level":
        return _level(lines, known.level)
    if name == "fazmaild_status":
        return _status(lines, known.sends)
    if name == "ping":
        return _ping(lines, known.host)
    if name == "nslookup":
        return _lookup(lines, known.host, address)
    return _traceroute(lines, known.host) if name == "traceroute" else None


def _level(lines: Sequence[str], level: int | None) -> _Learnt | None:
    """The one line with the level, as the debug switches tell it."""
    found = [line for line in lines if _NUMBER.findall(line).count(str(level)) == 1]
    if len(found) != 1:
        return None
    return _Learnt({"LEVEL": r"\d{1,3}|-1|disable"}, [_rule(found[0], [(str(level), "LEVEL")]) + " -> Record"], {})


def _status(lines: Sequence[str], sends: bool) -> _Learnt | None:
    """The one number is the process; the last word behind it, or of the next line, is the state of a daemon that sends."""
    numbered = [line for line in lines if _NUMBER.search(line)]
    if len(numbered) != 1 or len(_NUMBER.findall(numbered[0])) != 1 or len(lines) > 2:
        return None
    pid = _NUMBER.findall(numbered[0])[0]
    word = re.search(r"([A-Za-z]+)\W*$", lines[-1])
    if not sends or word is None or (len(lines) == 1 and word.start() < lines[0].index(pid)):
        return _Learnt({"PID": r"\d+"}, [_rule(numbered[0], [(pid, "PID")])], {})
    values = {"PID": r"\d+", "STATE": word[1]}
    rules = [_rule(line, [(pid, "PID")] * (pid in line) + [(word[1], "STATE")] * (line is lines[-1])) for line in lines]
    return _Learnt(values, rules, {} if word[1] == "running" else {"state": {word[1]: "running"}})


def _lookup(lines: Sequence[str], host: str, address: str) -> _Learnt | None:
    """The last line with the address that the ping has shown; the lines before it are of the name server."""
    places = [number for number, line in enumerate(lines) if address and _ADDRESS.findall(line)[-1:] == [address]]
    if not places:
        return None
    other = {
        _rule(line, [], (host, *_ADDRESS.findall(line))) for number, line in enumerate(lines) if number != places[-1]
    }
    return _with_errors(
        "nslookup", [_rule(lines[places[-1]], [(address, "ADDRESS")], (host,)) + " -> Record", *sorted(other)]
    )


def _address(lines: Sequence[str], host: str) -> str:
    """The address that a ping shows for the host, or ""."""
    return next((match[0] for line in lines if host and host in line and (match := _ADDRESS.search(line))), "")


def _ping(lines: Sequence[str], host: str) -> _Learnt | None:
    """A ping that was answered each time: the number of its answers is in the line with no loss, twice."""
    address = _address(lines, host)
    summary = next((line for line in lines if re.search(r"(?<!\d)0(?:\.0)? ?%", line)), None)
    if not address or summary is None:
        return None
    answers = str(sum(address in line and host not in line for line in lines))
    if _NUMBER.findall(summary).count(answers) != 2:
        return None
    places = [(answers, "TRANSMITTED"), (answers, "RECEIVED"), ("0", "LOSS_PERCENT")]
    begin = next(line for line in lines if host in line and address in line)
    other = {_rule(line, [], (host, address)) for line in lines if line not in (begin, summary)}
    rules = [
        _rule(begin, [(host, "HOST"), (address, "ADDRESS")]),
        _rule(summary, places, (host, address)),
        *sorted(other),
    ]
    return _with_errors("ping", rules)


def _traceroute(lines: Sequence[str], host: str) -> _Learnt | None:
    """The first line has the host; each other begins with the number of its hop, and has an address and a time."""
    if not lines or host not in lines[0] or not (address := _ADDRESS.search(lines[0].partition(host)[2])):
        return None
    rules = {_rule(lines[0], [(host, "HOST"), (address[0], "ADDRESS")]) + " -> Record": None}
    for number, line in enumerate(lines[1:], 1):
        hop, found = re.search(r"\d+", line), _ADDRESS.search(line)
        time = re.search(r"\d+\.\d+(?!\.)", line[found.end() :]) if found else None
        if hop is None or int(hop[0]) != number:
            return None
        if found and time:
            values = [(hop[0], "HOP"), (found[0], "ADDRESS"), (time[0], "MILLISECONDS")]
            rules[_rule(line, values) + " -> Record"] = None
    return _with_errors("traceroute", list(rules)) if len(rules) > 1 else None


def _with_errors(name: str, rules: Sequence[str]) -> _Learnt:
    """A template with the values of ours. What says that there was no answer is still the assumed text."""
    shipped = (SHIPPED / f"{name}.textfsm").read_text(encoding="utf-8")
    values = dict(re.findall(r"(?m)^Value (\w+) \((.*)\)$", shipped))
    last = next(line.strip() for line in shipped.splitlines() if "${ERROR}" in line)
    rule, arrow, action = last.removeprefix("^").partition(" -> ")
    error = re.sub(r"(?:\\s\*)?\$\$$", "", rule) + arrow + action
    return _Learnt(values, [*rules, error], {})


def _rule(line: str, values: Sequence[tuple[str, str]], varying: Sequence[str] = ()) -> str:
    """The rule of a line in which these texts, in this order, are values; other numbers and `varying` may be any."""
    rule, rest = "", line
    for text, name in values:
        match = re.search(rf"(?<![\w.]){re.escape(text)}(?!\w)", rest)
        if match is None:
            return rule + _literal(rest, varying)
        rule += _literal(rest[: match.start()], varying) + f"${{{name}}}"
        rest = rest[match.end() :]
    return rule + _literal(rest, varying)


def _literal(text: str, varying: Sequence[str]) -> str:
    names = "|".join(re.escape(each) for each in varying)
    parts = re.split(rf"({names + '|' if names else ''}\d+(?:\.\d+)?|\s+)", text)
    return "".join(_any(part, varying) if number % 2 else re.escape(part) for number, part in enumerate(parts))


def _any(part: str, varying: Sequence[str]) -> str:
    if part.isspace():
        return r"\s+"
    return r"\S+" if part in varying else r"\d+(?:\.\d+)?"


def _written(command: str, learnt: _Learnt) -> str:
    values = "".join(f"Value {name} ({expression})\n" for name, expression in learnt.values.items())
    rules = "".join(f"  ^{_ended(rule)}\n" for rule in learnt.rules)
    return f"# `{command}`, {_SOURCE}.\n# Evidence: verbatim, of that device.\n{values}\nStart\n{rules}"


def _ended(rule: str) -> str:
    head, arrow, action = rule.partition(" -> ")
    return rf"{head}\s*$${arrow}{action}"


def _index(names: Mapping[str, object]) -> str:
    lines = (SHIPPED / "index").read_text(encoding="utf-8").splitlines()
    header = next(line for line in lines if line.startswith("Template,"))
    rows = [line for line in lines if line.partition(".textfsm,")[0] in names]
    # An index needs a row, and that of our own templates may be any.
    rows = rows or [next(line for line in lines if ".textfsm," in line)]
    return "\n".join([header, "", *rows]) + "\n"


# -- texts of the simulator ------------------------------------------------------------------------------------------


def _text(each: Comparison, answers: Mapping[str, str], known: Known) -> Iterator[tuple[str, dict[str, str]]]:
    """The text of the only assumption about a command, with its placeholders where their values are known."""
    name, command = each.assumption.name, each.assumption.command
    if each.assumption.kind != "text" or sum(text.shown_by == command for text in texts().values()) > 1:
        return
    wording = "\n".join(filled(answers[command]))
    values = _values(name, wording, known)
    wording = wording.replace("{", "{{").replace("}", "}}")
    for placeholder, value in values.items():
        wording = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", f"{{{placeholder}}}", wording)
    yield name, {"text": wording, "evidence": "verbatim", "source": _SOURCE, "shown_by": command}


def _values(name: str, wording: str, known: Known) -> dict[str, str]:
    if name == "debug_level" and known.level is not None:
        return {"level": str(known.level)}
    if name == "daemon_status":
        learnt = _status(wording.splitlines(), known.sends)
        # The word for a paused daemon was not seen, so that any other word than ours stays as it is.
        state = {"state": "running"} if learnt and learnt.values.get("STATE") == "running" else {}
        return state | ({"pid": _NUMBER.findall(wording)[0]} if learnt else {})
    return _TYPED.get(name, {})
