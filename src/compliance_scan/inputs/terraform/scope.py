"""What names mean to an expression: the contract between the evaluator and the modules that it evaluates in."""

from typing import TYPE_CHECKING, Protocol, Union

if TYPE_CHECKING:
    from compliance_scan.inputs.terraform.values import TfValue

Result = Union["TfValue", "Namespace"]


class Namespace(Protocol):
    """What stands behind a reserved name and is no value by itself: `var`, `local`, `path`, `terraform`, `module`,
    `data`, a resource type. Only its members are."""

    def member(self, name: str) -> Result:
        """What `x.name` means; raises `EvalError` where Terraform would (an undeclared variable)."""
        ...


class Scope(Protocol):
    """Names visible to an expression."""

    root: str
    """Root module folder, part of every symbol."""
    module: str
    """Module path with instance keys; part of every symbol."""
    folder: str
    """The module's folder relative to the repository root: where `file("x")` and `path.module` look."""

    def name(self, name: str) -> Result:
        """What a bare name means (`each`, `count`, `self`, an iterator, `var`, a resource type); raises `EvalError`."""
        ...

    def read_file(self, path: str) -> bytes | None:
        """A file for `file()` and its kin, path as Terraform would take it (relative to the working directory, taken as
        the root module's folder); None where it lies outside the repository root or cannot be read."""
        ...
