"""Functions of collectors that take lists apart and put them together as Terraform does."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, Final


def _at(item: Any, path: str) -> Any:
    for step in path.split("."):
        item = item.get(step) if isinstance(item, dict) else None
    return item


def spread(items: Any, key: Any) -> Any:
    """Each item once for each element of the list that it has under the key, with that element alone in its place."""
    if items is None:
        return None
    return [{**item, key: element} for item in items for element in item.get(key) or ()]


def leave(items: Any, path: Any, unwanted: Any) -> Any:
    """The items of which the value at a path with dots is another than this one."""
    return None if items is None else [item for item in items if _at(item, path) != unwanted]


def among(items: Any, path: Any, wanted: Any) -> Any:
    """The items of which the value at a path with dots is one of a list; none where there is no list."""
    return None if items is None else [item for item in items if _at(item, path) in (wanted or ())]


def named(values: Any, key: Any, more: Any) -> Any:
    """Objects that hold each value under the key, and all that is in `more` besides."""
    return None if values is None else [{key: value, **(more or {})} for value in values]


def text(value: Any) -> Any:
    """What base64 hides, where that is text; null where it is not."""
    if not isinstance(value, str):
        return None
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None


_WITH_PORTS = ("tcp", "udp", "6", "17")


def permissions(found: Any, group: Any) -> Any:
    """The entries of a security group as Terraform's state has them: one for each protocol, ports and description."""
    if found is None:
        return None
    entries: dict[tuple[Any, ...], dict[str, Any]] = {}
    for item in found:
        for name, peer, description in _peers(item, group):
            key = (item.get("IpProtocol"), item.get("FromPort"), item.get("ToPort"), description)
            entry = entries.setdefault(key, _entry(*key))
            if name == "self":
                entry["self"] = True
            else:
                entry[name].append(peer)
    return list(entries.values())


def _entry(protocol: Any, first: Any, last: Any, description: Any) -> dict[str, Any]:
    if protocol is None or (protocol in _WITH_PORTS and (first is None or last is None)):
        raise ValueError("an entry of the security group does not say of which protocol or ports it is")
    ports = (0, 0) if protocol == "-1" else (first, last)
    return {
        "protocol": protocol,
        "from_port": ports[0],
        "to_port": ports[1],
        "description": description,
        "cidr_blocks": [],
        "ipv6_cidr_blocks": [],
        "prefix_list_ids": [],
        "security_groups": [],
        "self": False,
    }


def _peers(item: Mapping[str, Any], group: Any) -> list[tuple[str, Any, str]]:
    lists = (
        ("cidr_blocks", "IpRanges", "CidrIp"),
        ("ipv6_cidr_blocks", "Ipv6Ranges", "CidrIpv6"),
        ("prefix_list_ids", "PrefixListIds", "PrefixListId"),
        ("security_groups", "UserIdGroupPairs", "GroupId"),
    )
    found = []
    for name, place, key in lists:
        for peer in item.get(place) or ():
            which = "self" if name == "security_groups" and peer.get(key) == group else name
            found.append((which, peer.get(key), peer.get("Description") or ""))
    return found


RESHAPE: Final[Mapping[str, Callable[..., Any]]] = {
    "spread": spread,
    "except": leave,
    "among": among,
    "named": named,
    "text": text,
    "permissions": permissions,
}
"""By the name that expressions use."""
