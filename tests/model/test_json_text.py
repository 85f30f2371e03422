"""JSON as people write it: commas after the last item are forgiven, and nothing else."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance_scan.model import json_text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('["a",]', ["a"]),
        ('{"a": [1, 2 ,\n ],}', {"a": [1, 2]}),
        ('{"a": ",]", "b": "\\",}"}', {"a": ",]", "b": '",}'}),
    ],
)
def test_commas_after_the_last_item(text: str, value: Any) -> None:
    assert json_text.loads(text) == value


@pytest.mark.parametrize("text", ["", "{", '["a",,]', "{'a': 1}", "{Effect: Allow}"])
def test_what_is_no_json_stays_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        json_text.loads(text)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=6))
def test_json_keeps_its_value(value: Any) -> None:
    assert json_text.loads(json.dumps(value)) == value
