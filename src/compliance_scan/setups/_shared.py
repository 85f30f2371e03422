"""What the set-ups share."""

import os

from compliance_scan import __version__

HOME = "https://github.com/compliance-scan/compliance-scan"


def has(root: str, *names: str) -> bool:
    """Whether any of these lies below the root."""
    return any(os.path.lexists(os.path.join(root, name)) for name in names)


def release() -> str:
    """The tag of this version."""
    return f"v{__version__.split('.dev', 1)[0]}"
