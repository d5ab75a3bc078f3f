# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of our own are read in another way than those of users, which gives the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.fortiops.mail.plugins import plugin_utils
from ansible_collections.fortiops.mail.plugins.plugin_utils import yaml_file
from hypothesis import given
from hypothesis import strategies as st

_ROOM = Path(next(iter(plugin_utils.__path__)))
_FILES = sorted(_ROOM.rglob("*.yml"))
_WORDS = st.sampled_from(
    ["yes", "No", "~", "null", "", "0x1f", "010", "1_000", "12:30", "1.5", "1e3", "on", "550", "5.7.1", "x: y"]
)
_VALUES = st.recursive(
    _WORDS | st.text(max_size=8) | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False) | st.dates(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_WORDS, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("file", _FILES, ids=[str(file.relative_to(_ROOM)) for file in _FILES])
def test_own_file_is_what_yaml_says(file: Path) -> None:
    content = yaml_file.read_beside(str(file), file.name)
    assert content
    assert repr(content) == repr(yaml.safe_load(file.read_text(encoding="utf-8")))


@given(_VALUES, st.booleans())
def test_any_text_of_plain_data_is_what_yaml_says(
    tmp_path_factory: pytest.TempPathFactory, value: object, flow: bool
) -> None:
    text = yaml.safe_dump({"all": value}, default_flow_style=flow, allow_unicode=True)
    # Quotation marks keep words what they are; without them each is what it looks like.
    for each in (text, text.replace("'", "")):
        try:
            expected = yaml.safe_load(each)
        except (yaml.YAMLError, ValueError):
            continue
        file = tmp_path_factory.mktemp("own") / "own.yml"
        file.write_text(each, encoding="utf-8")
        assert repr(yaml_file.read_beside(str(file), file.name)) == repr(expected)
