"""JSON as people write it in code: with a comma after the last item, which nothing that applies it would accept.

To say *unknown* of such a policy would be right and useless: the person wants to hear of what it says, and no verdict
about a running resource hangs on it, since neither Terraform nor AWS takes it.
"""

import json
import re
from typing import Any

_TRAILING = re.compile(r'("(?:[^"\\]|\\.)*+")|(?<=[\w"\]}])(\s*),(\s*[\]}])', re.DOTALL)
MAX = 1_000_000


def loads(text: str) -> Any:
    """The value of JSON text, commas after last items forgiven; raises `ValueError` or `RecursionError`."""
    try:
        return json.loads(text, strict=False)
    except ValueError:
        mended = _TRAILING.sub(lambda found: found[1] or found[2] + found[3], text) if len(text) <= MAX else text
        if mended == text:
            raise
        return json.loads(mended, strict=False)
