"""`inspect`, loaded when something of it is first needed.

click imports it for the whole text of a command's help; with it come `ast`, `dis` and `tokenize`, a twentieth of a cold
start. `importlib.util.LazyLoader` does not serve: on Python 3.11 a plain `import` of such a module already loads it.
"""

import sys
from importlib import import_module
from types import ModuleType


class _Inspect(ModuleType):
    """Stands for the module until an attribute is asked for that it does not have."""

    def cleandoc(self, text: str) -> str:
        """As `inspect.cleandoc`, which click calls for every flag: a single line needs nothing of it."""
        if "\n" not in text and "\t" not in text:
            return text.lstrip(" ")
        cleaned: str = _real().cleandoc(text)
        return cleaned

    def __getattr__(self, name: str) -> object:
        return getattr(_real(), name)


def put_off_inspect() -> None:
    """Puts the stand-in where `import inspect` looks, unless the module is there already."""
    sys.modules.setdefault("inspect", _Inspect("inspect"))


def _real() -> ModuleType:
    if isinstance(sys.modules.get("inspect"), _Inspect):
        del sys.modules["inspect"]
    return import_module("inspect")
