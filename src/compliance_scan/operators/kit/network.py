"""Networks and ports, read without the `ipaddress` module: it would cost a start more than a scan of one file."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from compliance_scan.model.logic import Maybe, Tri, maybe
from compliance_scan.model.value import Open, Reference, Text, Unknown, Value, is_nothing, resolved
from compliance_scan.operators.kit.text import any_item, causes_of, first_hole, pieces_of, wrong_type


class Network(NamedTuple):
    """A network as a range of addresses."""

    bits: int
    """32 or 128."""
    first: int
    length: int
    """Prefix length."""

    def covers(self, other: "Network") -> bool:
        """Whether every address of the other is one of ours."""
        if self.bits != other.bits or self.length > other.length:
            return False
        shift = self.bits - self.length
        return self.first >> shift == other.first >> shift

    def overlaps(self, other: "Network") -> bool:
        """Whether there is an address in both."""
        return self.covers(other) or other.covers(self)


@lru_cache(maxsize=4096)
def network_of(text: str) -> Network | None:
    """The network that a text says (`10.0.0.0/8`, `::/0`, one address); None where it says none."""
    address, slash, prefix = text.strip().partition("/")
    bits, value = (128, _ipv6(address)) if ":" in address else (32, _ipv4(address))
    if value is None:
        return None
    length = bits
    if slash:
        if not (prefix.isascii() and prefix.isdigit()) or int(prefix) > bits:
            return None
        length = int(prefix)
    shift = bits - length
    return Network(bits, value >> shift << shift, length)


def _ipv4(address: str) -> int | None:
    parts = address.split(".")
    if len(parts) != 4:
        return None
    value = 0
    for part in parts:
        if not (part.isascii() and part.isdigit()) or len(part) > 3 or int(part) > 255:
            return None
        value = value << 8 | int(part)
    return value


def _ipv6(address: str) -> int | None:
    if address == "::":
        return 0
    from socket import AF_INET6, inet_pton

    try:
        return int.from_bytes(inet_pton(AF_INET6, address), "big")
    except (OSError, ValueError):
        return None


GLOBAL_IPV6 = Network(128, 0x2000 << 112, 3)
_NOT_PUBLIC = tuple(
    network
    for text in ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12")
    if (network := network_of(text)) is not None
)


def is_open_to_internet(network: Network) -> bool:
    """Whether a network is so large a part of the internet that no one organisation stands behind it: wider than a /8
    of IPv4 or a /16 of IPv6's global addresses. Halves and quarters of 0.0.0.0/0 are."""
    if network.bits == 32:
        return network.length < 8
    return network.length < 16 and network.overlaps(GLOBAL_IPV6)


def judge_network(value: Value) -> "Network | Maybe | None":
    """A value's network; a `Maybe` where it is not known; None where it is no network (a group's id)."""
    pieces = pieces_of(value)
    if isinstance(pieces, str):
        if pieces.startswith("pl-"):
            return maybe(Unknown("not_collected", f"the prefix list {pieces[:40]} was not read"))
        return network_of(pieces)
    if isinstance(value, Reference) and is_group(value):
        return None
    if isinstance(pieces, Unknown):
        return maybe(pieces)
    if pieces is None:
        return None if is_nothing(resolved(value)) else wrong_type(value, "a network")
    return causes_of(pieces)


def is_group(reference: Reference) -> bool:
    """Whether a reference points at a security group, which is a peer but no network."""
    kind = reference.address.rsplit(".", 2)
    return len(kind) >= 2 and "security_group" in kind[-2]


Ports = tuple[int, int]


def ports_of(value: Value) -> "Ports | Maybe | None":
    """The range of ports that a value says: a number, `"22"`, `"20-25"`, `{from, to}` or `{from_port, to_port}`; `-1`,
    `all` and `*` are all ports. A `Maybe` where it is not known, None where it is nothing."""
    value = resolved(value)
    match value:
        case bool():
            return wrong_type(value, "a port")
        case int():
            return (0, 65535) if value == -1 else (value, value)
        case float() if value.is_integer():
            return ports_of(int(value))
        case str():
            return _ports_of_text(value)
        case Unknown():
            return maybe(value)
        case Text() | Open():
            return first_hole(value)
        case dict():
            low, high = (ports_of(end_of(value, name)) for name in ("from", "to"))
            if low is None or high is None:
                return wrong_type(value, "ports with `from` and `to`")
            if isinstance(low, Maybe) or isinstance(high, Maybe):
                return low if isinstance(low, Maybe) else high
            return _in_order(low[0], high[1])
    return None if is_nothing(value) else wrong_type(value, "a port")


def end_of(ports: "dict[str, Value]", name: str) -> Value:
    """What a range says of its `from` or `to`."""
    return ports.get(name, ports.get(f"{name}_port"))


def _ports_of_text(text: str) -> "Ports | Maybe":
    if text in ("-1", "all", "*"):
        return (0, 65535)
    low, dash, high = text.partition("-")
    if low.isascii() and low.isdigit() and (not dash or (high.isascii() and high.isdigit())):
        return _in_order(int(low), int(high) if dash else int(low))
    return wrong_type(text, "a port")


def _in_order(low: int, high: int) -> "Ports | Maybe":
    """A range, or that it is none: AWS refuses one written backwards, so nobody knows which ports were meant."""
    return (low, high) if low <= high else maybe(Unknown("error", f"the ports run backwards, from {low} to {high}"))


def any_network(value: Value, holds: Callable[[Network], bool]) -> Tri:
    """Whether any network in a value or list satisfies a condition; what is no network (a group's id) does not."""

    def one(item: Value) -> Tri:
        if is_nothing(item):
            return False
        found = judge_network(item)
        if found is None or isinstance(found, Maybe):
            return False if found is None else found
        return holds(found)

    return any_item(value, one)
