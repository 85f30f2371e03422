"""Namespaces over a module instance whose names are reserved: `var`, `local`, `module`, `data`, `path`, `terraform`."""

import posixpath
from typing import TYPE_CHECKING

from compliance_scan.inputs.terraform.scope import Result
from compliance_scan.inputs.terraform.values import EvalError
from compliance_scan.model.value import Unknown

if TYPE_CHECKING:
    from compliance_scan.inputs.terraform.instance import ModuleInstance


class VariableSpace:
    """`var`."""

    __slots__ = ("_instance",)

    def __init__(self, instance: "ModuleInstance") -> None:
        self._instance = instance

    def member(self, name: str) -> Result:
        """The variable's value."""
        return self._instance.variable(name)


class LocalSpace:
    """`local`."""

    __slots__ = ("_instance",)

    def __init__(self, instance: "ModuleInstance") -> None:
        self._instance = instance

    def member(self, name: str) -> Result:
        """The local's value."""
        return self._instance.local(name)


class ModuleSpace:
    """`module`."""

    __slots__ = ("_instance",)

    def __init__(self, instance: "ModuleInstance") -> None:
        self._instance = instance

    def member(self, name: str) -> Result:
        """The call's namespace."""
        return self._instance.call(name)


class DataSpace:
    """`data` (or `ephemeral`)."""

    __slots__ = ("_instance", "_mode")

    def __init__(self, instance: "ModuleInstance", mode: str) -> None:
        self._instance = instance
        self._mode = mode

    def member(self, name: str) -> Result:
        """The data sources of a type."""
        return TypeSpace(self._instance, self._mode, name)


class TypeSpace:
    """`aws_s3_bucket`, `data.aws_s3_bucket`: the resources of a type."""

    __slots__ = ("_instance", "_mode", "_type")

    def __init__(self, instance: "ModuleInstance", mode: str, kind: str) -> None:
        self._instance = instance
        self._mode = mode
        self._type = kind

    def member(self, name: str) -> Result:
        """The resource of that name."""
        return self._instance.resource(self._mode, self._type, name)


class PathSpace:
    """`path`: as Terraform says it when run in the root module's folder."""

    __slots__ = ("_instance",)

    def __init__(self, instance: "ModuleInstance") -> None:
        self._instance = instance

    def member(self, name: str) -> Result:
        """`module`, `root` or `cwd`; the last is where somebody will run Terraform."""
        if name == "module":
            return posixpath.relpath(self._instance.folder, self._instance.root)
        if name == "root":
            return "."
        if name == "cwd":
            return Unknown("computed", "path.cwd depends on where Terraform runs", "string", True, "path.cwd")
        raise EvalError(f"path has no attribute {name}")


class TerraformSpace:
    """`terraform`."""

    __slots__ = ("_workspace",)

    def __init__(self, workspace: str | None) -> None:
        self._workspace = workspace

    def member(self, name: str) -> Result:
        """`workspace`, where the user named one."""
        if name == "workspace":
            if self._workspace is not None:
                return self._workspace
            detail = "terraform.workspace is not known here; name it with --workspace"
            return Unknown("variable_without_value", detail, "string", True, "terraform.workspace")
        if name == "applying":
            return Unknown("computed", "terraform.applying", "bool", True, "terraform.applying")
        raise EvalError(f"terraform has no attribute {name}")
