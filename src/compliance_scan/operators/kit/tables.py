"""Tables of facts that operators look things up in: JSON beside this file, read when first asked for."""

import json
import os
from functools import cache
from typing import Any


@cache
def table(name: str) -> Any:
    """The table `tables/NAME.json`."""
    with open(os.path.join(os.path.dirname(__file__), "tables", f"{name}.json"), encoding="utf-8") as handle:
        return json.load(handle)
