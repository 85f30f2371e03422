"""Tables of facts that operators look things up in: JSON beside this file (large ones packed), read when asked for."""

import json
import os
from functools import cache
from typing import Any


@cache
def packed(name: str) -> Any:
    """The table `tables/NAME.json.xz`."""
    import lzma

    with lzma.open(os.path.join(os.path.dirname(__file__), "tables", f"{name}.json.xz")) as handle:
        return json.load(handle)


@cache
def table(name: str) -> Any:
    """The table `tables/NAME.json`."""
    with open(os.path.join(os.path.dirname(__file__), "tables", f"{name}.json"), encoding="utf-8") as handle:
        return json.load(handle)
