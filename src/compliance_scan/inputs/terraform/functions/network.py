"""Functions on network addresses, without Python's `ipaddress` (it costs a cold start 5 ms)."""

from typing import Any, NamedTuple

from compliance_scan.inputs.terraform.evaluate_access import whole_index, whole_number
from compliance_scan.inputs.terraform.functions.spec import Spec, string_list
from compliance_scan.inputs.terraform.operators.bigfloat import LimitError
from compliance_scan.inputs.terraform.values import NUMBER, STRING, EvalError


class Network(NamedTuple):
    """A network: its first address, the prefix's length, and 32 or 128."""

    base: int
    length: int
    bits: int


def parse_address(text: str) -> tuple[int, int]:
    """An address and its bits; leading zeros in IPv4 are decimal, as old Go took them. Raises `EvalError`."""
    if ":" not in text:
        parts = text.split(".")
        if len(parts) != 4 or not all(p.isascii() and p.isdigit() and int(p[:9]) < 256 and len(p) < 9 for p in parts):
            raise EvalError(f"invalid IP address {text}")
        value = 0
        for part in parts:
            value = value << 8 | int(part)
        return value, 32
    import socket

    try:
        data = socket.inet_pton(socket.AF_INET6, text)
    except (OSError, ValueError):
        raise EvalError(f"invalid IP address {text}") from None
    value = int.from_bytes(data, "big")
    if value >> 32 == 0xFFFF:
        return value & 0xFFFFFFFF, 32
    return value, 128


def parse_network(text: str) -> Network:
    """A CIDR block with host bits dropped; raises `EvalError`."""
    address, slash, length = text.partition("/")
    if not slash or not length.isascii() or not length.isdigit() or len(length) > 3:
        raise EvalError(f"invalid CIDR expression: invalid CIDR address: {text}")
    value, bits = parse_address(address)
    size = int(length)
    if ":" in address and bits == 32:
        raise LimitError("a network of IPv4 addresses written as IPv6")
    if size > bits:
        raise EvalError(f"invalid CIDR expression: invalid CIDR address: {text}")
    return Network(value >> (bits - size) << (bits - size), size, bits)


def address_text(value: int, bits: int) -> str:
    """An address as Go writes it."""
    if bits == 32:
        return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))
    if value >> 32 == 0xFFFF:
        return address_text(value & 0xFFFFFFFF, 32)
    groups = [value >> shift & 0xFFFF for shift in range(112, -1, -16)]
    best, start = 1, -1
    for i in range(8):
        run = 0
        while i + run < 8 and groups[i + run] == 0:
            run += 1
        if run > best:
            best, start = run, i
    if start < 0:
        return ":".join(f"{group:x}" for group in groups)
    left = ":".join(f"{group:x}" for group in groups[:start])
    right = ":".join(f"{group:x}" for group in groups[start + best :])
    return f"{left}::{right}"


def _host(prefix: str, number: Any) -> str:
    network = parse_network(prefix)
    host = whole_number(number)
    free = network.bits - network.length
    if host < 0:
        if -host > 1 << free:
            raise EvalError(f"prefix of {network.length} does not accommodate a host numbered {host}")
        host += 1 << free
    if host >= 1 << free:
        raise EvalError(f"prefix of {network.length} does not accommodate a host numbered {host}")
    return address_text(network.base + host, network.bits)


def _netmask(prefix: str) -> str:
    network = parse_network(prefix)
    if network.bits != 32:
        raise EvalError("IPv6 addresses cannot have a netmask")
    return address_text((1 << 32) - (1 << (32 - network.length)), 32)


def _subnet(prefix: str, new_bits: Any, number: Any) -> str:
    network = parse_network(prefix)
    more, index = whole_index(new_bits), whole_number(number)
    length = network.length + more
    if length > network.bits:
        raise EvalError(f"insufficient address space to extend prefix of {network.length} by {more}")
    if length < 0:
        raise LimitError("cidrsubnet() with a prefix of negative length")
    # A negative number is no error in the library that Terraform uses: its bits are set as they are.
    most = (1 << more) - 1 if 0 <= more < 64 else (1 << 64) - 1
    if abs(index) % (1 << 64) > most:
        raise EvalError(f"prefix extension of {more} does not accommodate a subnet numbered {index}")
    base = abs(network.base | (index << (network.bits - length))) % (1 << network.bits)
    return f"{address_text(base, network.bits)}/{length}"


def _subnets(prefix: str, *new_bits: Any) -> Any:
    network = parse_network(prefix)
    out: list[str] = []
    current = network.base
    if new_bits and current == 0:
        # Terraform looks at the network before the first one, and before the first address there is none.
        raise EvalError("not enough remaining address space for a subnet")
    end = network.base + (1 << (network.bits - network.length))
    for place, extra in enumerate(new_bits):
        more = whole_index(extra)
        if more < 1:
            raise EvalError("must extend prefix by at least one bit")
        if more > 32:
            raise EvalError("may not extend prefix by more than 32 bits")
        length = network.length + more
        if length > network.bits:
            raise EvalError(f"would extend prefix to {length} bits, which is too long")
        size = 1 << (network.bits - length)
        current = -(-current // size) * size
        if current + size > end:
            raise EvalError(f"not enough remaining address space for a subnet with a prefix of {length} bits ({place})")
        out.append(f"{address_text(current, network.bits)}/{length}")
        current += size
    return string_list(out)


FUNCTIONS = {
    "cidrhost": Spec(_host, (STRING, NUMBER)),
    "cidrnetmask": Spec(_netmask, (STRING,)),
    "cidrsubnet": Spec(_subnet, (STRING, NUMBER, NUMBER)),
    "cidrsubnets": Spec(_subnets, (STRING,), NUMBER, returns=("list", STRING)),
}
