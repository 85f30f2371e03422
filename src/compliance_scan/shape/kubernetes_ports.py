"""Sets of ports of the protocols that a NetworkPolicy knows, each set one integer: a bit for every port.

With that the union, intersection and difference of what policies allow are single operations, whatever the ranges.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

PROTOCOLS: Final = ("TCP", "UDP", "SCTP")
_SPAN: Final = 1 << 16
_LAST: Final = _SPAN - 1


class Ports(NamedTuple):
    """Ports in a row, of one protocol or, where they are all there are, of every protocol."""

    protocol: str | None
    first: int
    last: int

    @property
    def text(self) -> str:
        """`5432`, `53/UDP`, `8000-8010`, `*/TCP`, `*`: TCP is not written where a port is."""
        whole = (self.first, self.last) == (1, _LAST)
        port = "*" if whole else str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        return port if self.protocol is None or (self.protocol == "TCP" and not whole) else f"{port}/{self.protocol}"


@lru_cache(4096)
def ports(protocol: str, first: int = 1, last: int = _LAST) -> int:
    """The set of a range; empty for what is no port or protocol."""
    first, last = max(first, 1), min(last, _LAST)
    if protocol not in PROTOCOLS or first > last:
        return 0
    return ((1 << (last - first + 1)) - 1) << (PROTOCOLS.index(protocol) * _SPAN + first)


ALL: Final = ports("TCP") | ports("UDP") | ports("SCTP")


def ranges(found: int) -> Iterator[Ports]:
    """A set as ranges, by protocol and number."""
    if found == ALL:
        yield Ports(None, 1, _LAST)
        return
    while found:
        low = (found & -found).bit_length() - 1
        run = found >> low
        length = (~run & (run + 1)).bit_length() - 1
        protocol, first = divmod(low, _SPAN)
        yield Ports(PROTOCOLS[protocol], first, first + length - 1)
        found &= ~(((1 << length) - 1) << low)
