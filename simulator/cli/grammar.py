# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find a command by its words, and list what may follow. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..device.texts import refuse
from .command import Command

# ` check           Perform check ...`: a help line of FAZ starts with a blank and pads the word to 16 columns.
_HELP_WIDTH = 16

Help = Sequence[tuple[str, str]]


def find(commands: Sequence[Command], words: Sequence[str]) -> tuple[Command, list[str]]:
    """Return the command and the words behind its fixed ones.

    A fixed word may be shortened as long as one word begins so (the manuals allow it). Raises CliError: an unknown
    first word is an unknown action, a later one is where the parser stops.
    """
    candidates = list(commands)
    depth = 0
    while True:
        complete = [each for each in candidates if len(each.words) == depth]
        # `show` is a command, and the first word of others.
        if complete and (depth == len(words) or len(complete) == len(candidates)):
            return complete[0], list(words[depth:])
        if depth == len(words):
            raise refuse("incomplete")
        candidates = _following(candidates, depth, words[depth])
        depth += 1


def _following(candidates: Sequence[Command], depth: int, word: str) -> list[Command]:
    candidates = [each for each in candidates if len(each.words) > depth]
    names = {each.words[depth] for each in candidates}
    meant = {word} if word in names else {name for name in names if word and name.startswith(word)}
    if not meant:
        raise refuse("unknown_action" if depth == 0 else "parse_error", word=word)
    if len(meant) > 1:
        raise refuse("ambiguous", word=word)
    return [each for each in candidates if each.words[depth] in meant]


def words_after(commands: Sequence[Command], words: Sequence[str]) -> tuple[Help, Command | None]:
    """Return what `?` lists behind these words, and the command when all of its fixed words are there.

    Raises CliError as `find` does for words that lead nowhere.
    """
    candidates = list(commands)
    for depth, word in enumerate(words):
        complete = [each for each in candidates if len(each.words) == depth]
        if complete and len(complete) == len(candidates):
            return complete[0].arguments[len(words) - depth :], complete[0]
        candidates = _following(candidates, depth, word)
    complete = [each for each in candidates if len(each.words) == len(words)]
    if complete and len(complete) == len(candidates):
        return complete[0].arguments, complete[0]
    listed: dict[str, str] = {}
    for each in candidates:
        if each in complete:
            continue
        word = each.words[len(words)]
        last = len(each.words) == len(words) + 1
        # A word that leads to several commands has no help of its own in the data: its name says it.
        listed.setdefault(word, each.help if last else word)
    return sorted(listed.items()), None


def help_lines(pairs: Iterable[tuple[str, str]], beginning: str = "") -> list[str]:
    """Return the help as it is printed, for the words that begin with what is already typed."""
    chosen = [(word, text) for word, text in pairs if word.startswith(beginning) or word[0] == "<"]
    width = max([_HELP_WIDTH, *(len(word) + 1 for word, __ in chosen)])
    return [f" {word:<{width}}{text}".rstrip() for word, text in chosen]
