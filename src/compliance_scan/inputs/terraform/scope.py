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

    # Resources, modules, `each` … offer more, which the evaluator asks for by `getattr(namespace, "whole", None)`:
    #
    # item(key: TfValue) -> Result
    #     What `x[key]` means: an instance's namespace, or an `Unknown` where the key is not known.
    # whole() -> TfValue
    #     What the bare name means as a value. One instance is `Reference(address, "", value)` whose value is an
    #     `OpenVal("map", written attributes, more)`: `.name` on it is the item if it is there, else `more` with the
    #     name appended to its symbol; the reference's path grows with each step whatever the value is. Instances of a
    #     count are a `TupleVal` of such references, those of a for_each an `ObjectVal`.
    #     Where the count is `c ? 1 : 0` and `c` is not known, it is an `OpenVal` with `most` and `sure` 1 of the one
    #     that may exist (`x["?"]`): `[0]` and `one()` are the item (RULES.md, "Verdict"), `length` stays unknown.


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
