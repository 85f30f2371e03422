"""SHA-256 of short texts, without loading OpenSSL: a cold start has no need of it."""

import sys
from importlib import import_module
from typing import Any

_BARE: Any = import_module("_sha2" if sys.version_info >= (3, 12) else "_sha256")


def sha256_hex(data: bytes) -> str:
    """64 hexadecimal digits."""
    digest: str = _BARE.sha256(data).hexdigest()
    return digest
