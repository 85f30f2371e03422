"""PKCS #1 v1.5 decryption with a PEM key: what `rsadecrypt` does."""

from compliance_scan.inputs.terraform.functions.encoding import base64_bytes
from compliance_scan.inputs.terraform.operators.bigfloat import LimitError
from compliance_scan.inputs.terraform.values import EvalError

MAX_KEY_BITS = 8192


def decrypt(ciphertext: bytes, pem: str) -> bytes:
    """The message; raises `EvalError` for a bad key or message, `LimitError` for kinds of keys not read here."""
    modulus, exponent = _key(pem)
    if modulus.bit_length() > MAX_KEY_BITS:
        raise LimitError("a key of more than 8192 bits")
    length = (modulus.bit_length() + 7) // 8
    number = int.from_bytes(ciphertext, "big")
    if number >= modulus:
        raise EvalError("failed to decrypt: error decrypting the ciphertext")
    block = pow(number, exponent, modulus).to_bytes(length, "big")
    end = block.find(b"\0", 2)
    if block[:2] != b"\0\2" or end < 10:
        raise EvalError("failed to decrypt: error decrypting the ciphertext")
    return block[end + 1 :]


def _key(pem: str) -> tuple[int, int]:
    lines = [line.strip() for line in pem.strip().splitlines()]
    if len(lines) < 3 or not lines[0].startswith("-----BEGIN ") or not lines[-1].startswith("-----END "):
        raise EvalError("failed to parse key: no key found")
    if lines[0] not in ("-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----"):
        raise LimitError("rsadecrypt() with a key of this kind")
    if any(":" in line for line in lines):
        raise EvalError("failed to parse key: password protected keys are not supported")
    data = base64_bytes("".join(lines[1:-1]))
    try:
        fields = _integers(data) if "RSA" in lines[0] else _pkcs8(data)
        return fields[1], fields[3]
    except (IndexError, ValueError):
        raise EvalError("failed to parse key") from None


def _element(data: bytes, pos: int) -> tuple[int, bytes, int]:
    """Tag, content and end of the DER element at `pos`."""
    tag, size = data[pos], data[pos + 1]
    pos += 2
    if size & 0x80:
        count = size & 0x7F
        if count > 4:
            raise ValueError(size)
        size = int.from_bytes(data[pos : pos + count], "big")
        pos += count
    if pos + size > len(data):
        raise ValueError(size)
    return tag, data[pos : pos + size], pos + size


def _integers(data: bytes) -> list[int]:
    tag, body, _ = _element(data, 0)
    if tag != 0x30:
        raise ValueError(tag)
    out: list[int] = []
    pos = 0
    while pos < len(body) and len(out) < 9:
        tag, content, pos = _element(body, pos)
        if tag != 2:
            raise ValueError(tag)
        out.append(int.from_bytes(content, "big"))
    return out


def _pkcs8(data: bytes) -> list[int]:
    _, body, _ = _element(data, 0)
    _, _, pos = _element(body, 0)
    _, _, pos = _element(body, pos)
    _, inner, _ = _element(body, pos)
    return _integers(inner)
