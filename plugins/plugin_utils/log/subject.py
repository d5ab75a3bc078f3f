# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a line of debug output is about mail: a failure counts for a send only if it has something to do with one.

Several daemons print into the same debug output, and each of them has connections that fail. Which functions the mail daemon
has is not public, so a line counts by what it says of itself: its function, the hosts and ports it names, and whether a
send is going on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from ..smtp.speech import REMARK
from ..smtp.step import Step

_MAIL_FUNCTION = re.compile(r"mail|smtp|^send(?:_|$)|^starttls", re.IGNORECASE)
# Functions of daemons that share their name with a trade the mail daemon has as well. The others are in foreign_debug.
_SHARED_FUNCTION = re.compile(
    r"^(?:auth|dns|curl|dump|conn|http|ldap|radius|ntp|update|url|rest|json|cloud)", re.IGNORECASE
)
_ABOUT_MAIL = re.compile(r"\bmail|\be-?mail|smtp|\bRCPT\b|\bSTARTTLS\b", re.IGNORECASE)
_MAIL_PORTS = frozenset({"25", "465", "587", "2525"})
_PORT = re.compile(r"(?:(?<=[\w\]]):|\bport[ =:]+)(\d{2,5})\b(?!:)")
_OTHER_SERVICE = re.compile(
    r"\b(?:https?|wss?|ldaps?|sftp|scp|ssh|ftps?|tftp|syslog|radius|tacacs\+?|snmp|imaps?|pop3s?|mysql|postgres\w*|redis)(?:://|\b)",
    re.IGNORECASE,
)
# Ports that everybody knows to be of something else; of any other a mail server may make use.
_OTHER_PORTS = frozenset(
    [
        *("20", "21", "22", "23", "49", "53", "69", "80", "88", "110", "123", "143", "161", "162", "389", "443", "445"),
        *("514", "541", "636", "993", "995", "1812", "1813", "3306", "3389", "5432", "6379", "6514", "8000", "8013"),
        *("8080", "8443", "8890", "8891"),
    ]
)
_HOST = re.compile(r"\b(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+\b")
_MOST = 200


class MailSubject:
    """What is known of the mail of one device: the functions that speak SMTP, the hosts and ports of mail servers."""

    def __init__(self) -> None:
        self.functions: set[str] = set()  # whatever they say in a dialogue is about mail
        self._hosts: set[str] = set()
        self._ports = set(_MAIL_PORTS)

    def know(self, server: str, port: str) -> None:
        """Take in the mail server of an entry."""
        self._add(self._hosts, [server.lower()] if server else [])
        self._add(self._ports, [port] if port else [])

    def has(self, step: Step, going_on: Callable[[], bool]) -> bool:
        """Return whether a line is about mail. going_on: whether a send is."""
        says, function = step.says, step.function
        if says.speaker != REMARK:
            if function not in self.functions and function:
                self._add(self.functions, [function])
            return True
        text = says.text
        if not function:
            return says.mark != "" or step.of_command or not self._is_of_other_service(text)
        if function in self.functions or _is_of_mail(function):
            if "." in text:
                self._add(self._hosts, _hosts_in(text))
            return True
        if self._hosts.intersection(_hosts_in(text)) or _ABOUT_MAIL.search(text):
            return True
        ports = _PORT.findall(text)
        if ports or _OTHER_SERVICE.search(text):
            return not self._ports.isdisjoint(ports)
        return going_on() and _SHARED_FUNCTION.match(function) is None

    def _is_of_other_service(self, text: str) -> bool:
        ports = _PORT.findall(text)
        if not self._ports.isdisjoint(ports) or _ABOUT_MAIL.search(text):
            return False
        return not _OTHER_PORTS.isdisjoint(ports) or ("://" in text and _OTHER_SERVICE.search(text) is not None)

    def _add(self, known: set[str], found: Iterable[str]) -> None:
        if len(known) < _MOST:
            known.update(found)


@lru_cache
def _is_of_mail(function: str) -> bool:
    return _MAIL_FUNCTION.search(function) is not None


@lru_cache(maxsize=1024)
def _hosts_in(text: str) -> list[str]:
    return [host.lower() for host in _HOST.findall(text)] if "." in text else []
