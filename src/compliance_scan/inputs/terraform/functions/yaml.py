"""`yamlencode` and `yamldecode`."""

from typing import Any

from compliance_scan.inputs.terraform.functions.spec import Spec
from compliance_scan.inputs.terraform.operators.symbols import plain_deep
from compliance_scan.inputs.terraform.values import DYNAMIC, STRING, OpenVal, cause_of, is_unknown, is_wholly_known
from compliance_scan.model.value import Encoded, Unknown


def _encode(value: Any) -> Any:
    from compliance_scan.inputs.terraform.convert import to_model
    from compliance_scan.inputs.terraform.functions.yaml_write import write

    text: str | None = None
    if is_wholly_known(value):
        value = plain_deep(value)
        text = write(value)
    elif is_unknown(value) and type(value) is not OpenVal:
        cause = cause_of(value)
        return Unknown(cause.cause, cause.detail, STRING, not_null=True)
    return Encoded("yaml", to_model(value), text)


def _decode(value: Any) -> Any:
    from compliance_scan.inputs.terraform.functions.encoding import from_tree
    from compliance_scan.inputs.terraform.functions.yaml_read import read

    if type(value) is str:
        return read(value)
    if type(value) is Encoded:
        return from_tree(value.tree)
    cause = cause_of(value)
    return Unknown(cause.cause, cause.detail)


FUNCTIONS = {
    "yamldecode": Spec(_decode, returns=DYNAMIC, raw=True, may_be_null=True),
    "yamlencode": Spec(_encode, (DYNAMIC,), nullable=True, raw=True),
}
