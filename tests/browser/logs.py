# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A long log of a device whose password was changed while it was sending, and the page about it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, timedelta

from ansible_collections.fortiops.mail.plugins.plugin_utils.log.stream import stream
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.reader import read
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.log_as_html import log_as_html
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.log_collected import CollectedLogs
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.log_page import LogPage

_SENDS, _GOOD = 1350, 334
_BEGIN = datetime(2026, 11, 23, 6)
_HEAD = """\
FAZ-HQ # get system status
Platform Type                   : FAZVM64
Version                         : v7.4.6-build2588 240930 (GA)
Serial Number                   : FAZ-VMTM24000001
Hostname                        : FAZ-HQ

FAZ-HQ # show system mail
config system mail
    edit "relay"
        set server "smtp.example.com"
        set port 587
        set auth enable
        set user "alerts@example.com"
        set secure-option starttls
    next
end

FAZ-HQ # diagnose debug enable

"""
_LOGIN = (
    *("<<< 220 smtp.example.com ESMTP", ">>> EHLO FAZ-HQ", "<<< 250-smtp.example.com", "<<< 250 STARTTLS"),
    *(">>> STARTTLS", "<<< 220 2.0.0 Ready to start TLS", ">>> EHLO FAZ-HQ", "<<< 250 AUTH PLAIN LOGIN"),
    ">>> AUTH PLAIN AGFsZXJ0cwBodW50ZXIyaHVudGVyMg==",
)
_IN = (
    "<<< 235 2.7.0 Authentication successful",
    ">>> MAIL FROM:<faz@example.com>",
    "<<< 250 2.1.0 Ok",
    ">>> RCPT TO:<ops@example.com>",
)
_TAKEN = (
    "<<< 250 2.1.5 Ok",
    ">>> DATA",
    "<<< 354 End data with <CR><LF>.<CR><LF>",
    ">>> .",
    "<<< 250 2.0.0 Ok: queued as 4F1B",
)
_REFUSED = ("<<< 535 5.7.8 Error: authentication failed",)
_FULL = (*_IN, "<<< 452 4.2.2 The email account that you tried to reach is over quota")
_REASONS = (
    *(
        "Connection refused",
        "Connection timed out",
        "Network is unreachable",
        "Could not resolve host: smtp.example.com",
    ),
    *("SSL certificate problem: self-signed certificate", "<<< 421 4.3.2 Service not available"),
)
_END = (">>> QUIT", "<<< 221 2.0.0 Bye")


def log() -> str:
    return _HEAD + "".join(_lines())


def log_page() -> str:
    """Return the page about the log as HTML."""
    return _page(log())


def page_of_many_reasons() -> str:
    """Return the page about a log in which mails fail for a different reason each, in the same minute."""
    send = "2026-11-24 10:00:00 sendmail_task:790: connecting to smtp.example.com:587\n"
    return _page(_HEAD + "".join(f"{send}2026-11-24 10:00:00 sendmail_task:790: {words}\n" for words in _REASONS))


def _page(text: str) -> str:
    logs = CollectedLogs()
    for item in stream(read(io.BytesIO(text.encode()))):
        logs.add("debug.log", item)
    return log_as_html(LogPage(logs))


def _lines() -> Iterator[str]:
    at = _BEGIN
    for number in range(_SENDS):
        at += timedelta(seconds=45 + 97 * number % 130)
        result = (*_IN, *_TAKEN) if number < _GOOD else _FULL if number % 13 == 0 else _REFUSED
        yield f"{at} sendmail_task:790: connecting to smtp.example.com:587\n"
        for said in (*_LOGIN, *result, *_END):
            yield f"{at} {'smtp_read:412' if said[0] == '<' else 'smtp_send:210'}: {said}\n"
