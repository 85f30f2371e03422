"""The boundary of one value, one block, one file: a fault of our own there is reported and costs only that."""

from compliance_scan.inputs.terraform.ast import Attribute, Block
from compliance_scan.inputs.terraform.expansion import Expansion
from compliance_scan.inputs.terraform.values import EvalError
from compliance_scan.model.value import Unknown
from compliance_scan.workspace import Workspace

HINT = "this is a fault of compliance-scan: report it with the lines named here"


def place_of(written: Attribute | Block) -> str:
    """`file:line` of something written."""
    return f"{written.file.path}:{written.file.line(written.start)}"


def tell(workspace: Workspace, block: Block, expansion: Expansion) -> Expansion:
    """The same; a number of instances that Terraform would refuse, or that is too many for us, is noted."""
    if expansion.hint and expansion.conditional is not None:
        cause = expansion.conditional
        workspace.note(cause.cause, place_of(block), cause.detail, expansion.hint)
    return expansion


def fault(workspace: Workspace, where: str, error: Exception) -> Unknown:
    """Notes an exception that nobody foresaw; what stands for the value instead."""
    if isinstance(error, EvalError):
        return Unknown("error", error.message)
    if isinstance(error, RecursionError):
        workspace.note("limit_reached", where, f"{where}: nested too deeply to evaluate", "make it flatter")
        return Unknown("limit_reached", f"{where} is nested too deeply to evaluate")
    name = type(error).__name__
    workspace.note("error", where, f"{where}: could not be evaluated ({name})", HINT)
    return Unknown("error", f"{where} could not be evaluated ({name})")
