"""Text that looks like a secret."""

from compliance_scan.model.logic import Tri, maybe, tri_any, tri_not
from compliance_scan.model.value import Encoded, Open, Reference, Text, Unknown, Value, is_nothing, resolved
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.secrets import HARMLESS, SECRET, has_known_form, is_secret_text
from compliance_scan.operators.kit.text import causes_of, pieces_of

ARGUMENT = "bool"
ON = "text"
MEANS = (
    "`true`: a known form of credential, or a random-looking value under a name that speaks of one "
    "(`password`, `token`); references, placeholders and file paths are none"
)
EXAMPLE = "{path: value, is_secret: true}"
MESSAGE = "{path} holds no secret"
NEGATED = "{path} holds what looks like a secret"

_IDENTIFIERS = frozenset({"arn", "id", "name", "endpoint", "address", "url", "bucket", "dns_name", "key_id", "port"})
MASKS = True
"""What this operator finds never reaches a report."""


def judge(value: Value, argument: bool, context: Context) -> Tri:
    """Whether the text, or any text in a list or map, is a secret; a reference or unknown part may be one."""
    found = _in(value, context.key)
    return found if argument else (False if is_nothing(resolved(value)) else tri_not(found))


def _in(value: Value, key: str) -> Tri:
    plain = resolved(value)
    if isinstance(value, Reference) and isinstance(plain, Unknown) and value.path.rsplit(".", 1)[-1] in _IDENTIFIERS:
        return False
    match plain:
        case str():
            return is_secret_text(plain, key)
        case dict():
            return tri_any(_in(item, _pair_key(plain, name, key)) for name, item in plain.items())
        case list():
            return tri_any(_in(item, key) for item in plain)
        case Open(items=dict() as entries, more=more):
            return tri_any([*(_in(item, name) for name, item in entries.items()), maybe(more)])
        case Open(items=list() as items, more=more):
            return tri_any([*(_in(item, key) for item in items), maybe(more)])
        case Encoded(tree=tree):
            return _in(tree, key)
        case Unknown():
            return True if plain == SECRET else False if plain == HARMLESS else maybe(plain)
        case Text():
            pieces = pieces_of(plain)
            if isinstance(pieces, str):
                return is_secret_text(pieces, key)
            assert pieces is not None
            assert not isinstance(pieces, Unknown)
            return True if any(isinstance(p, str) and has_known_form(p) for p in pieces) else causes_of(pieces)
    return False


def _pair_key(entries: "dict[str, Value]", name: str, key: str) -> str:
    """`{name: DB_PASSWORD, value: ...}`: the value's key is what `name` says."""
    label = entries.get("name", entries.get("Name", entries.get("key")))
    return label if name.lower() == "value" and isinstance(label, str) else name or key
