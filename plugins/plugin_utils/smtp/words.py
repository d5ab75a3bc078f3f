# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cut a text into words and marks, as the forms of phrases.yml are written: lower case, no accents, "doesn't" as two words.

An address, a number, and the name of a host or file are one word each, which says only that: `@`, `#ip`, `mb`, `#name`.
So is the empty sender of a bounce, `<>`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import product

# What is longer is no reply: its end is not read.
MOST_WORDS = 300
# Marks between words, and for how many words each counts.
GAPS = {",": 3, ":": 4, ";": 5, "(": 3, ")": 3, "=": 1, ".": 6, "!": 6, "?": 6, "|": 3}
# Each mark that opens a quotation, and the one that closes it. A single quote opens only in front of a word.
QUOTES = {'"': '"', "\u2018": "'", "\u201c": "\u201d", "\u201e": "\u201c", "\u00ab": "\u00bb"}

# Addresses and names, which may stand in front of anything.
TOKENS = frozenset({"@", "#ip", "#name"})

# Single quotation marks, which look alike on both sides.
_SINGLE = frozenset("'`\u2019")
_GAPS = "".join(GAPS)
_DASHES = {"-", "--", "\u2013", "\u2014"}
_SAID = {*GAPS, *QUOTES, *QUOTES.values()}
_MARKS = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?|[^\w\s]")
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_ADDRESS = re.compile(r"[^@]@[\w\[]")
_IP = re.compile(
    r"(?<![\w.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\w.])|^\W*(?=[0-9a-f:]*::|(?:[0-9a-f]{1,4}:){5})[0-9a-f]{1,4}:[0-9a-f.:]*\W*$",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"\W*\d+(?:[.,]\d+)?[kmg]i?b?\W*", re.I)
# A class of replies: "4xx".
_CLASS = re.compile(r"[\W_]*\d[\dxyz][xyz][\W_]*", re.IGNORECASE)
_NAME = re.compile(r"[\w-]\.[A-Za-z_][\w-]*\.?\w*|://|^/|\d\.\d|\d[A-Za-z]|[A-Za-z]\d|_\d")
# A name with the number of a version: "TLSv1.2", "IMAP4rev1", "SSH-2.0-Example", "OAuth2".
_VERSIONED = re.compile(
    r"\W*(tls|ssl|ssh|http|imap|pop|oauth|xoauth|cram|digest|scram)v?[-/]?(?:\d|md\d|sha)[^\s@:]*", re.I
)
_ABBREVIATIONS = {"e.g.": ("such", "as"), "i.e.": ("that", "is"), "etc.": ()}
_SHORT = {"cannot": ("can", "not"), "cant": ("can", "not"), "dont": ("do", "not"), "doesnt": ("does", "not")}
# The next line of a reply, which begins with its code again, where it begins a sentence.
_LINE = re.compile(r"\d{3}-(?:'|(?=[A-Z]))")
# What follows a pronoun in short: "it's", "they've".
_PRONOUNS = frozenset(
    {"i", "you", "he", "she", "it", "we", "they", "that", "there", "nothing", "everything", "what", "who", "here"}
)
_VERBS = {"s": "is", "re": "are", "ve": "have", "ll": "will", "m": "am", "d": "would"}
# What French leaves out a letter of: "l'utilisateur".
_ELIDED = frozenset({"l", "d", "n", "s", "c", "j", "m", "t", "qu", "jusqu"})
# Marks of Chinese and Japanese, and those that stand for the same here.
_EAST_ASIAN = str.maketrans(
    {"\u3001": ",", "\u3002": ".", "\u300c": "\u201c", "\u300d": "\u201d", "\u300e": "\u201c", "\u300f": "\u201d"}
)
# German letters by their other spelling: "würde" (would) is not "wurde" (was).
_UMLAUTS = str.maketrans({umlaut: f"{vowel}e" for umlaut, vowel in zip("äöüÄÖÜ", "aouAOU", strict=True)} | {"ß": "ss"})
_SPELLED = _EAST_ASIAN | _UMLAUTS
_CJK = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def form_words(form: str) -> list[str]:
    """Return the words of a form, as `WORDS` has them."""
    return plain(form).lower().replace("'", " ").split()


def plain(text: str) -> str:
    """Return a text without accents, German letters as they are spelled without."""
    if text.isascii():
        return text
    letters = (
        each
        for each in unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text).translate(_SPELLED))
        if not unicodedata.combining(each) or ord(each) > 0x3000
    )
    return unicodedata.normalize("NFKC", "".join(letters))


def alike(text: str) -> str:
    """Return a text that has the same words, with the same digit in place of each but zero, which can be a word."""
    # Bytes are translated in a tenth of the time that characters take.
    return text.encode("utf-8", "surrogatepass").translate(_DIGITS_BUT_ZERO).decode("utf-8", "surrogatepass")


def unspaced(forms: Iterable[str]) -> re.Pattern[str] | None:
    """Return an expression for those forms that are written without blanks, the longest first; None if there are none."""
    found = sorted((form for form in forms if _CJK.search(form)), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, found))) if found else None


def expanded(form: str) -> Iterator[str]:
    """Yield what a form with braces stands for: `block{,s,ed}` is block, blocks and blocked."""
    parts = form.replace("}", "{").split("{")
    yield from map("".join, product(*(part.split(",") if place % 2 else (part,) for place, part in enumerate(parts))))


# An address of IPv6 with the marks that may stand beside it.
_LONGEST_ADDRESS = 64
_DIGITS = str.maketrans("023456789", "111111111")
_DIGITS_BUT_ZERO = bytes.maketrans(b"23456789", b"11111111")
_ZERO = re.compile(r"^(.*=)?[.,;:()]*0[.,;:()]*$")
# What is longer is no word that comes again, and no more are kept.
_LONG, _MOST_KEPT = 40, 16384


def _cut(part: str) -> tuple[str, ...]:
    if "@" in part and _ADDRESS.search(part):
        return _with_marks("@", part)
    if len(part) <= _LONGEST_ADDRESS and (part.count(".") >= 3 or part.count(":") >= 2) and _IP.search(part):
        return _with_marks("#ip", part)
    if "<>" in part and part.strip(_GAPS) == "<>":
        return _with_marks("<>", part)
    if zero := _ZERO.search(part):
        # A field ends with its value: "error=0 reason=..." says nothing of the reason.
        return (*_cut(zero[1]), "zero", ",") if zero[1] else _with_marks("zero", part)
    if _CLASS.fullmatch(part):
        return _with_marks("#code", part)
    if _AMOUNT.fullmatch(part):
        return _with_marks("mb", part)
    if (short := part.lower().strip("(,")) in _ABBREVIATIONS:
        return (*("(" * part.startswith("(")), *_ABBREVIATIONS[short])
    if _NAME.search(part):
        if versioned := _VERSIONED.fullmatch(part):
            return (versioned[1].lower(), *_with_marks("#name", part))
        return _with_marks("#name", part)
    if part in _DASHES:
        return (":",)
    found: list[str] = []
    if line := _LINE.match(part):
        found, part = ["."], part[line.end() :]
    for mark in _MARKS.findall(part):
        if mark[0].isalpha():
            found += _letters(mark)
        elif mark in _SINGLE:
            found.append("'" if found else "\u2018")
        elif mark in _SAID and found[-1:] != [mark]:
            found.append(mark)
    return tuple(found)


class _ReadWords(dict[str, tuple[str, ...]]):
    """The words in what stands between blanks: most of it comes again."""

    def __missing__(self, part: str) -> tuple[str, ...]:
        # Of digits only a zero by itself is a word.
        looks = part.translate(_DIGITS)
        found = _cut(part) if looks == part or _ZERO.search(part) else self[looks]
        if len(part) <= _LONG:
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[part] = found
        return found


WORDS: Mapping[str, tuple[str, ...]] = _ReadWords()


def _with_marks(word: str, part: str) -> tuple[str, ...]:
    """A word with the quotation marks around what it stands for, and the mark behind, if it says how the sentence goes on."""
    # sendmail says of an address what follows three dots: `<kim@example.com>... User unknown`.
    first, last = part[0], ":" if part.endswith("...") else part[-1]
    begin = ("\u2018",) if first in _SINGLE else (first,) if first in QUOTES else ()
    quoted = part.rstrip(_GAPS)[-1:]
    end = ("'",) if quoted in _SINGLE else (quoted,) if quoted in QUOTES.values() else ()
    return (*begin, word, *end, last) if last in GAPS else (*begin, word, *end)


def _letters(word: str) -> Iterable[str]:
    """A word as forms spell it."""
    stem, apostrophe, end = word.replace("\u2019", "'").partition("'")
    if apostrophe and end.lower() == "t" and stem[-1:].lower() == "n":
        stem = stem[:-1].lower()
        return ({"ca": "can", "wo": "will", "sha": "shall"}.get(stem, stem), "not")
    if apostrophe and end and (known := stem.lower()) in _ELIDED:
        return (known, end.lower())
    if apostrophe and end and known in _PRONOUNS:
        return (known, _VERBS.get(end.lower(), end.lower()))
    if not stem.islower() and (humps := _HUMPS.split(stem))[1:]:
        return [hump.lower() for hump in humps]
    return _SHORT.get(stem.lower(), (stem.lower(),))
