# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A template or a vocabulary that cannot be used gives one error that names the file and the place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROW = "library: x, stage: auth, cause: relay_denied, evidence: assumed, sample: abc"
INDEX = "Template, Hostname, Platform, Version, Command\nmine.textfsm, .*, .*, .*, get system status\n"


def parse(directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    log = directory / "debug.log"
    log.write_text("FAZ # get system status\nMail sent: 535 5.7.8 no\n", encoding="utf-8")
    command = [Path(sys.executable).with_name("fazmail"), "parse", *options, log]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "expected a list called texts"),
        ("{{{", "not YAML"),
        ("texts: 2027-02-30", "not YAML: a value cannot be read: day is out of range for month"),
        (f"texts: {'9' * 5000}", "not YAML: a value cannot be read: Exceeds the limit"),
        ("texts: !!bool perhaps", "not YAML: a value cannot be read"),
        ("[" * 5000, "not YAML"),
        (f"texts: [{{{ROW}}}]", "row 1 of texts: expected either text, some words, or regex, an expression"),
        (f"texts: [{{text: abc, {ROW}}}, {{text: abc}}]", "row 2 of texts: cause is None; expected one"),
        (f"texts: [{{text: abc, {ROW}}}]".replace("auth", "soon"), "stage is 'soon'; expected one of config, queue"),
        (f"texts: [{{regex: 'a(b', {ROW}}}]", "row 1 of texts: regex 'a(b': missing )"),
        (f"texts: [{{regex: 'x*', {ROW}}}]", "row 1 of texts: regex 'x*' fits every text"),
        (f"texts: [{{regex: '(a+)+b', {ROW}}}]", "row 1 of texts: regex '(a+)+b': a repetition inside a repetition"),
        (f"texts: [{{text: '', {ROW}}}]", "row 1 of texts: text is empty"),
        (
            f"texts: [{{text: abc, smaple: x, {ROW}}}]",
            "row 1 of texts: smaple is not a key here; expected some of text,",
        ),
    ],
)
def test_a_vocabulary_that_cannot_be_used_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "words.yml"
    file.write_text(text, encoding="utf-8")

    done = parse(tmp_path, "--vocabulary", str(file))

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"fazmail: {file}: ")
    assert complaint in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("index", "template", "complaint"),
    [
        (INDEX, "Value A (\n\nStart\n  ^x -> Record\n", "mine.textfsm: Value '('"),
        (INDEX.replace("get", "get ("), "", "index: missing ), unterminated subpattern"),
        (
            INDEX.replace("mine", "other"),
            "",
            "index: there is no template other, which it names for 'get system status'",
        ),
        ("# nothing\n", "", "index: has no rows; expected a header with Template first"),
        ("\udcff\n", "", "index: not UTF-8 at byte 0; expected an index of templates"),
        ("rubbish\n", "", "index: Index file does not have 'Template' column"),
    ],
)
def test_a_template_that_cannot_be_used_is_named(tmp_path: Path, index: str, template: str, complaint: str) -> None:
    (tmp_path / "index").write_text(index, encoding="utf-8", errors="surrogateescape")
    (tmp_path / "mine.textfsm").write_text(template, encoding="utf-8")

    done = parse(tmp_path, "--templates", str(tmp_path))

    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in done.stderr
    assert len(done.stderr.splitlines()) == 1
