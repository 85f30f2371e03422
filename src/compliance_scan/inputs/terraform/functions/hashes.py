"""Hash functions and cryptography."""

import hashlib
from collections.abc import Callable

from compliance_scan.inputs.terraform.functions.encoding import base64_bytes, base64_encode, from_utf8, utf8
from compliance_scan.inputs.terraform.functions.spec import Spec
from compliance_scan.inputs.terraform.values import NUMBER, STRING, EvalError
from compliance_scan.model.value import Unknown

ALGORITHMS: dict[str, Callable[[bytes], "hashlib._Hash"]] = {
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False),
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False),
    "sha256": hashlib.sha256,
    "sha512": hashlib.sha512,
}


def hex_digest(name: str) -> Callable[[str], str]:
    """A function from text to its digest."""
    return lambda text: ALGORITHMS[name](utf8(text)).hexdigest()


def _base64_digest(name: str) -> Callable[[str], str]:
    return lambda text: base64_encode(ALGORITHMS[name](utf8(text)).digest())


def impure(name: str) -> Callable[..., Unknown]:
    """A function whose result nobody can know beforehand."""
    return lambda *_: Unknown("impure", f"{name}() gives another value each time", STRING, not_null=True)


_NAMESPACES = {
    name: f"6ba7b81{digit}-9dad-11d1-80b4-00c04fd430c8"
    for name, digit in (("dns", 0), ("url", 1), ("oid", 2), ("x500", 4))
}


def _uuid5(namespace: str, name: str) -> str:
    import uuid

    try:
        space = uuid.UUID(_NAMESPACES.get(namespace, namespace))
    except ValueError:
        raise EvalError(f"uuidv5() doesn't support namespace {namespace}") from None
    digest = ALGORITHMS["sha1"](space.bytes + utf8(name)).digest()
    return str(uuid.UUID(bytes=digest[:16], version=5))


def _bcrypt(text: str, *cost: object) -> Unknown:
    if len(cost) > 1:
        raise EvalError("bcrypt() takes no more than two arguments")
    return impure("bcrypt")(text)


def _rsa_decrypt(ciphertext: str, key: str) -> str:
    from compliance_scan.inputs.terraform.functions.rsa import decrypt

    return from_utf8(decrypt(base64_bytes(ciphertext), key), "the decrypted text")


FUNCTIONS = {
    **{name: Spec(hex_digest(name)) for name in ALGORITHMS},
    "base64sha256": Spec(_base64_digest("sha256")),
    "base64sha512": Spec(_base64_digest("sha512")),
    "bcrypt": Spec(_bcrypt, (STRING,), NUMBER),
    "rsadecrypt": Spec(_rsa_decrypt, (STRING, STRING)),
    "uuid": Spec(impure("uuid"), ()),
    "uuidv5": Spec(_uuid5, (STRING, STRING)),
}
