# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backup of a device that keeps every rule that a backup can answer, for the tests of saved configuration."""

from __future__ import annotations

KEEPS_THE_RULES = """\
#config-version=FAZVM64-7.4.2-FW-build2397-231220
config system global
    set hostname "FAZ-HQ"
end
config system dns
    set primary 192.0.2.53
    set secondary 192.0.2.54
end
config system mail
    edit "relay"
        set server "mail.example.com"
        set secure-option starttls
        set auth enable
        set user alerts
        set passwd ENC x
    next
end
config system alert-event
    edit "disk full"
        config alert-destination
            edit 1
                set type mail
                set to "noc@example.com"
                set smtp-name "relay"
            next
        end
    next
end
"""
