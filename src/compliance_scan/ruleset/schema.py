"""The JSON Schema of a rule's file: for editors, and the last word on its shape."""

import json
import os
from functools import lru_cache
from typing import Any

from compliance_scan._yaml import Document

FILE = os.path.join(os.path.dirname(__file__), "rule.schema.json")


@lru_cache(maxsize=1)
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    with open(FILE, encoding="utf-8") as handle:
        return Draft202012Validator(json.load(handle))


def validate(document: Document) -> None:
    """Raises `ConfigError` at the line of the deepest thing that the schema refuses."""
    validator = _validator()
    if validator.is_valid(document.data):
        return
    from jsonschema.exceptions import best_match

    error = best_match(validator.iter_errors(document.data))
    assert error is not None
    raise document.error(tuple(error.absolute_path), error.message[:300], "see docs/schema/rule.schema.json")
