# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a log by kinds of lines gives what looking at each line gives, and leaves out no mask, in whatever form.

FAZMAIL_FUZZ=50 reads fifty times as many logs, others at each run.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.log import kinds, sorting
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.stream import Item, LogOptions, follow, stream
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.summary import LogSummary
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.window import Selection
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.batch import Batch
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.rows import RowWriter, json_lines
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp import conversation
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.progress import progress_in
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.speech import short_speech
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.vocabulary import vocabulary
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates import find as templates

from .patterns import HEADS, ODDITIES, texts_for

_TIMES = int(os.environ.get("FAZMAIL_FUZZ", "1"))
_SEEDS = [os.urandom(8).hex() if _TIMES > 1 else str(seed) for seed in range(20 * _TIMES)]
_SAMPLES = Path(__file__).parents[1] / "samples"
_LINES = 1_500
_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_NOISE = (
    *("svc_authd(701) check local session 1a2b3c4d of admin3", "sqllogd: insert batch rows=4000 used 35 ms"),
    *(
        "[OFTP_recv_SSL_packet:1792 FGVM01] SSL socket[5] ssl[0x7f3a] received [12] bytes:",
        "a 0x12",
        "a 1x12",
        "a 10x12",
    ),
    *("Request [gui webforward:2911:12]:", "hcache: hit for report layout 27 key 1a2b3c4d", "oftp2: x", "oftp3:12 y"),
    *("fds_update: connection to the update server is idle", "rtm_monitor: cpu 12% memory 33 kB disk 61%"),
    *("sendmail_loop:1143: total pending tasks: 0.", "sendmail_loop:1143: total pending tasks: 12."),
    "sendmail_loop:1126: no pending email request, last request time 1795478400, last sendmail time 1795478401",
    *("", "   ", "x" * 600, "say \"1\" and '2' to a1@example.com at 192.0.2.1", "550 no", "550-5.1.1 no", "    550 no"),
)
_SEND = (
    *("Trying mail.example.com:25...", "Connected to mail.example.com port 25", "< 220 mail.example.com ESMTP Postfix"),
    *("> EHLO FAZ", "< 250-SIZE 1000", "< 250 AUTH LOGIN PLAIN", "> AUTH LOGIN", "< 334 VXNlcm5hbWU6", "> {secret64}"),
    *("< 334 UGFzc3dvcmQ6", "> {secret64}", "< 235 2.7.0 ok", "> MAIL FROM:<a@example.com>", "< 250 2.1.0 Ok"),
    *("> RCPT TO:<b1@example.com>", "< 550 5.1.1 <b1@example.com>: User unknown", "> DATA", "< 354 go", "> ."),
    *("< 250 2.0.0 Ok: queued as 1F2E3D", "> QUIT", "< 221 bye", "sendmail to b@example.com failed, error 12"),
    *("connect to mail.example.com port 25 failed: Connection refused", "Recv failure: reset (errno 104)", "12 of 13"),
)
_LETTERS = "abcdefghijklmnopqrstuvwxyzA0"
_TELLING = (
    *(
        "refused",
        "timeout",
        "password",
        "AUTH LOGIN",
        "334",
        "550 5.1.1 no",
        "task 7",
        "connected",
        "errno 111",
        "c2VjcmV0",
    ),
    *(
        "token={secret}",
        "passwd: {secret}",
        "ENC {secret}",
        "user=x",
        "#",
        "$ end",
        "250",
        "ok",
        "resolved",
        ":465",
        "EHLO",
    ),
)
_SECRETS = (
    *(
        "    set passwd {secret}",
        "FAZ # set passwd {secret}",
        "value parse error before '{secret}'",
        "password={secret}",
    ),
    *(
        "AUTH PLAIN {secret64}",
        "> AUTH PLAIN {secret64}",
        "< 334 ",
        "{secret64}",
        "0x0010  4500 {secret}",
        "ENC {secret}",
    ),
    *("-----BEGIN PRIVATE KEY-----", "{secret64}{secret64}", "-----END PRIVATE KEY-----", "token: {secret}"),
    *("Authorization: Bearer {secret}", "smtp://me:{secret}@mail.example.com", "-----BEGIN RSA PRIVATE KEY-----"),
)
_BORDERS = (
    *("FAZ # diagnose test connection mailserver 1 a b", "FAZ-2 # get system status", "FAZ # exit", "FAZ-2 # end"),
    *("FAZ # show system mail", "config system mail", '    edit "1"', "        set port 25", "    next", "end"),
    *(
        "FAZ # diagnose test application fazmaild 2",
        "total sent mail count:     12",
        "queue: 1/100",
        "FAZ (mail) # next",
    ),
    *("#fortiops.mail capture 1", "#device: FAZ-3", "#firmware: FortiAnalyzer 7.4.2", "FAZ # diagnose debug enable"),
    *("=~=~= PuTTY log 2026.11.24 10:00:00 =~=~=", "login as: admin", "Script started on 2026-11-24 10:00:00", "| x"),
    *('Using username "admin".', "End of banner message from server", "admin@FAZ's password: ", "log alertmail test"),
    *("FAZ # diagnose debug disable", "FAZ # ", "FAZ-4 $ text", "Time Zone : (GMT+1:00) Brussels", "FAZ # get x"),
)


def other_digits(line: str, chance: random.Random) -> str:
    """The line with other digits, decimal ones and now and then hexadecimal ones."""
    digits = "0123456789abcdef" if chance.random() < 0.2 else "0123456789"
    share = chance.choice((0.0, 0.1, 0.5, 1.0))
    return "".join(chance.choice(digits) if each in digits and chance.random() < share else each for each in line)


@cache
def vocabulary_words() -> tuple[str, ...]:
    """The words of listed texts."""
    return tuple(sorted({word for row in vocabulary().rows for text in row.literals for word in text.split(" ")}))


def some_lines(chance: random.Random) -> list[str]:
    """Lines that repeat themselves but for their digits, with borders and secrets between them."""
    names = [path.stem for path in templates.SHIPPED.glob("*.textfsm")]
    samples = sorted(_SAMPLES.rglob("*.raw")) + sorted(_SAMPLES.rglob("*.log"))
    known = chance.choice(samples).read_text(encoding="utf-8", errors="replace").splitlines()[:60]
    made = texts_for(templates.template(chance.choice(names)).compiled, chance, 12).split("\n")
    words = [row.sample for row in chance.sample(list(vocabulary().rows), 8)]
    sends = [
        f"{chance.choice(('smtp_send', '[send_task', 'send'))}:{number}: {text}" for number, text in enumerate(_SEND)
    ]
    sends = [text.replace(": ", " id=3] ", 1) if text.startswith("[") else text for text in sends]
    base = [*_NOISE, *sends, *chance.sample(_SEND, 5), *known, *made, *words]
    rare = [*_SECRETS, *_BORDERS]
    lines, clock = [], 0
    share = chance.choice((0.0, 0.01, 0.1))
    different = chance.random() < 0.5
    while len(lines) < _LINES:
        if chance.random() < share:
            lines.append(chance.choice(rare))
            continue
        clock += chance.choice((0, 0, 1, 2, 1000))
        stamp = f"2026-11-24 {clock // 3600 % 30:02}:{clock // 60 % 60:02}:{clock % 60:02} "
        head = chance.choice(
            (
                *("", stamp, stamp, stamp, chance.choice(HEADS), "FAZ # ", f"FAZ # {stamp}", "2026-02-30 10:00:01 "),
                *("F\u00c4Z-3 (mail) # ", f"F\u00c4Z-3 $ {stamp}"),
            )
        )
        body = chance.choice(base) if chance.random() < 0.5 else chance.choice(sends)
        line = head + other_digits(body, chance)
        if different and chance.random() < 0.8:
            words = _TELLING if chance.random() < 0.03 else vocabulary_words() if chance.random() < 0.05 else ()
            words = words or ("".join(chance.choices(_LETTERS, k=chance.choice((1, 6, 8)))),)
            at = chance.choice((len(line), line.rfind(" ")))
            line = f"{line[:at]} {chance.choice(words)}{line[at:]}"
        if chance.random() < 0.01:
            line = line[: (at := chance.randrange(len(line) + 1))] + chance.choice(ODDITIES) + line[at:]
        lines += [re.sub("[\r\n\x1b\x7f]", "", line)]
    secrets = iter(range(10**6))
    return [
        line.replace("{secret64}", f"c2VjcmV0{next(secrets):08}").replace("{secret}", f"tops3cret{next(secrets)}")
        for line in lines
    ]


def batches(lines: Sequence[str], chance: random.Random) -> Iterator[Batch]:
    """The lines in batches of any size, some of them joined ones."""
    begin, joins = 0, chance.random() < 0.1
    while begin < len(lines):
        end = begin + chance.choice((1, 7, 100, 500, 1000))
        texts = list(lines[begin:end])
        spans = [2 if joins and chance.random() < 0.1 else 1 for __ in texts]
        yield Batch(texts, range(begin + 1, begin + 1 + len(texts)), spans)
        begin = end


def read(lines: Sequence[str], seed: str, **options: Any) -> list[Item]:
    return list(stream(batches(lines, random.Random(seed)), LogOptions(**options)))


def without(items: Sequence[Item], *left_out: str) -> list[Any]:
    """Items without rows, and the summary without some of its parts."""
    kept = [(kind, data) for kind, data in items if kind not in ("record", "unmatched")]
    summary = {name: value for name, value in kept[-1][1].items() if name not in left_out}
    return [*kept[:-1], summary]


@pytest.mark.parametrize("seed", _SEEDS)
def test_kinds_give_what_each_line_gives(seed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    lines = some_lines(chance)
    monkeypatch.setattr(kinds, "_FEW", 0)
    monkeypatch.setattr(kinds, "_OFTEN", chance.choice((2, 3, 4)))
    fast = read(lines, seed)
    monkeypatch.setattr(sorting, "_MOST_KINDS", chance.choice((3, 30, 20_000)))
    packer, unpacker = sorting.Packer(), sorting.Unpacker()
    packed = map(packer.packed, sorting.sort(batches(lines, random.Random(seed))))
    crossed = list(follow(map(unpacker.unpacked, packed)))
    written = list(json_lines(read(lines, seed, written=RowWriter("100%")), "100%"))
    table = read(lines, seed, rows=False)
    sums = read(lines, seed, rows=False, shapes=False)
    selection = chance.choice((Selection(since="00:05:00"), Selection(device="FAZ-2")))
    selected = read(lines, seed, selection=selection, rows=False)

    monkeypatch.setattr(kinds.Kinds, "of", lambda self, keys, texts: [None] * len(keys))
    monkeypatch.setattr(conversation, "read_remark", lambda says: progress_in(says.text))
    short_speech.cache_clear()  # which remembers what was read
    slow = read(lines, seed)

    assert fast == slow
    assert crossed == slow
    assert [json.dumps(item) for item in fast] == [json.dumps(item) for item in slow]
    assert written == [json.dumps({"path": "100%", "kind": kind, **data}) + "\n" for kind, data in slow]
    assert without(table) == without(slow)
    assert without(selected) == without(read(lines, seed, selection=selection))
    parts = ("unmatched_shapes", "unmatched_other")
    assert without(sums, *parts) == without(slow, *parts)
    summaries = [LogSummary(), LogSummary()]
    for summary, items in zip(summaries, (sums, slow), strict=True):
        for item in items:
            summary.add(item)
    assert summaries[0] == summaries[1]
