"""The way back from drift: the account follows the code, or the code follows the account."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from compliance_scan.excerpt import Excerpts
    from compliance_scan.model.report_planes import Remedy
    from compliance_scan.planes.drifting import Drifted


def remedy(each: "Drifted", excerpts: "Excerpts") -> "Remedy":
    """Both ways back for one drifted resource; None for a way that cannot be shown."""
    del excerpts
    if each.kind == "unmanaged":
        return {"code": None, "account": None}
    return {"code": None, "account": f"terraform apply -target={quoted(each.group.first.address)}"}


def quoted(address: str) -> str:
    """An address as a shell takes it."""
    plain = address.replace("_", "").replace("-", "").replace(".", "").isalnum()
    return address if plain else "'" + address.replace("'", "'\\''") + "'"
