"""One instance of a module: names to values, lazily, each worked out once.

A `Program` is the evaluation of one root; its module instances share the parsed modules of the whole run.
"""

import posixpath
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from compliance_scan.inputs.terraform.ast import Attribute, Block, Literal
from compliance_scan.inputs.terraform.blocks import BlockScope
from compliance_scan.inputs.terraform.evaluate import evaluate
from compliance_scan.inputs.terraform.expansion import Expansion, Key, expansion_of
from compliance_scan.inputs.terraform.guard import fault, place_of, tell
from compliance_scan.inputs.terraform.module import Module
from compliance_scan.inputs.terraform.nodes import ModuleNode, ResourceNode, address_of, instance_names
from compliance_scan.inputs.terraform.providers import Missing, ProviderConfig, config_of, own_configs
from compliance_scan.inputs.terraform.scope import Result, Scope
from compliance_scan.inputs.terraform.sizes import outgrows
from compliance_scan.inputs.terraform.spaces import (
    DataSpace,
    LocalSpace,
    ModuleSpace,
    PathSpace,
    TerraformSpace,
    TypeSpace,
    VariableSpace,
)
from compliance_scan.inputs.terraform.store import ModuleStore
from compliance_scan.inputs.terraform.values import EvalError, ObjectVal, TfValue, marked
from compliance_scan.inputs.terraform.variables import RootInputs, local_folder, marks_of, variable_value
from compliance_scan.model.value import Reference, Unknown
from compliance_scan.workspace import OutsideRoot

_Work = Callable[[], TfValue]

MAX_LINKS = 150
"""Locals, variables, outputs and attributes that hang on one another in one chain."""
MAX_ITEMS = 200_000
"""Items (at all depths) of one named value: values that double through locals would otherwise have no end."""
MAX_MODULES = 5000
"""Module instances of one root."""
MAX_MODULE_DEPTH = 30


_MISSPELT_BOOLEANS = frozenset({"True", "False", "TRUE", "FALSE"})
"""Terraform refuses them as references to nothing. Read as they are meant, the finding is about the value that will
stand there once the spelling is mended; nothing that Terraform would apply is judged by it."""


class Program:
    """The evaluation of one root module."""

    def __init__(self, store: ModuleStore, root: str, inputs: RootInputs, workspace_name: str | None) -> None:
        self.store = store
        self.root = root
        self.inputs = inputs
        self.workspace_name = workspace_name
        self.modules = 0
        self.has_marks = any(name.startswith("TF_VAR_") for name in inputs.names())
        self._links = 0
        self._installed: Mapping[str, str] | None = None

    @contextmanager
    def deeper(self) -> Iterator[bool]:
        """One more link of a chain of references; false where the chain is too long."""
        self._links += 1
        try:
            yield self._links <= MAX_LINKS
        finally:
            self._links -= 1

    def installed(self, path: str) -> str | None:
        """The folder of a module that `terraform init` fetched, by its path of call names (`vpc.endpoints`)."""
        if self._installed is None:
            self._installed = self.store.installed_modules(self.root)
        return self._installed.get(path)


class ModuleInstance:
    """One module with its variables given: the `Scope` of all expressions in it."""

    def __init__(
        self,
        program: Program,
        declared: Module,
        *,
        parent: "ModuleInstance | None" = None,
        call_block: Block | None = None,
        call_scope: Scope | None = None,
        path: str = "",
        names: tuple[str, ...] = (),
        conditional: Unknown | None = None,
    ) -> None:
        """`path` is the module path with keys, `names` the call names alone; `call_scope` is where arguments of the
        call are evaluated; `conditional` says why it is not known whether this instance exists."""
        self.program = program
        self.declared = declared
        self.parent = parent
        self.call_block = call_block
        self.call_scope = call_scope
        self.root = program.root
        self.module = path
        self.prefix = path + "." if path else ""
        self.folder = declared.folder
        self.names = names
        self.conditional = conditional
        self._variables: dict[str, TfValue] = {}
        self._locals: dict[str, TfValue] = {}
        self._outputs: dict[str, TfValue] = {}
        self._resources: dict[tuple[str, str, str], ResourceNode] = {}
        self._calls: dict[str, ModuleNode] = {}
        self._configs: dict[str, ProviderConfig] | None = None
        self._found_configs: dict[str, ProviderConfig | Missing] = {}
        self._busy: set[str] = set()
        self._spaces: dict[str, Result] = {}
        program.has_marks = program.has_marks or declared.has_marks

    # What the evaluator asks.

    def name(self, name: str) -> Result:
        """See `Scope`."""
        space = self._spaces.get(name)
        if space is None:
            space = self._spaces[name] = self._space(name)
        return space

    def _space(self, name: str) -> Result:
        if name == "var":
            return VariableSpace(self)
        if name == "local":
            return LocalSpace(self)
        if name == "module":
            return ModuleSpace(self)
        if name in {"data", "ephemeral"}:
            return DataSpace(self, name)
        if name == "path":
            return PathSpace(self)
        if name == "terraform":
            return TerraformSpace(self.program.workspace_name)
        if name in {"each", "count", "self"}:
            raise EvalError(f"{name} has no meaning here")
        if name in _MISSPELT_BOOLEANS:
            return name.lower() == "true"
        return TypeSpace(self, "managed", name)

    def read_file(self, path: str) -> bytes | None:
        """See `Scope`; no note is made for what cannot be read."""
        workspace = self.program.store.workspace
        where = posixpath.normpath(posixpath.join(self.root, path))
        try:
            workspace.resolve(where)
        except OutsideRoot:
            return None
        return workspace.read(where) if workspace.exists(where) else None

    def file_exists(self, path: str) -> bool | None:
        """Whether a file is there; None where it lies outside the repository root. A folder is an error."""
        workspace = self.program.store.workspace
        where = posixpath.normpath(posixpath.join(self.root, path))
        try:
            workspace.resolve(where)
        except OutsideRoot:
            return None
        if workspace.exists(where):
            return True
        if workspace.is_folder(where):
            raise EvalError(f"{path} is a folder, not a file")
        return False

    def list_files(self, path: str) -> list[str] | None:
        """All files below a folder, relative to it; None where it lies outside the repository root."""
        return self.program.store.workspace.files_below(posixpath.normpath(posixpath.join(self.root, path)))

    # Values by name.

    def variable(self, name: str) -> TfValue:
        """A variable's value."""
        found = self._variables.get(name)
        if found is None:
            block = self.declared.variables.get(name)
            if block is None:
                return self._undeclared(f"var.{name}")
            found = self._variables[name] = self._once(f"var.{name}", block, lambda: self._variable(name, block))
        return found

    def _variable(self, name: str, block: Block) -> TfValue:
        given: TfValue | None = None
        origin = None
        if self.parent is None:
            origin = self.program.inputs.given(name)
            given = self.program.inputs.value(block)
        else:
            assert self.call_block is not None
            assert self.call_scope is not None
            argument = self.call_block.body.attributes.get(name)
            if argument is not None:
                given = self._value(lambda: evaluate(argument.expr, self.call_scope))  # type: ignore[arg-type]
        value = self._value(lambda: variable_value(block, given, self.module, self.root))
        return marked(value, marks_of(block, origin))

    def local(self, name: str) -> TfValue:
        """A local's value."""
        found = self._locals.get(name)
        if found is None:
            attribute = self.declared.locals.get(name)
            if attribute is None:
                return self._undeclared(f"local.{name}")
            found = self._once(f"local.{name}", attribute, lambda: self._value(lambda: evaluate(attribute.expr, self)))
            self._locals[name] = found
        return found

    def output(self, name: str) -> TfValue:
        """An output's value."""
        found = self._outputs.get(name)
        if found is None:
            block = self.declared.outputs.get(name)
            attribute = block.body.attributes.get("value") if block is not None else None
            if block is None or attribute is None:
                return self._undeclared(f"output {name}")
            found = self._once(f"output.{name}", attribute, lambda: self._value(lambda: evaluate(attribute.expr, self)))
            found = self._outputs[name] = marked(found, marks_of(block, None))
        return found

    def member(self, name: str) -> Result:
        """An output: what `module.m[0].name` means."""
        return self.output(name)

    def whole(self) -> TfValue:
        """All outputs as an object."""
        return ObjectVal({name: self.output(name) for name in sorted(self.declared.outputs)})

    def resource(self, mode: str, kind: str, name: str) -> Result:
        """A resource's or data source's namespace, an unknown where it is not declared."""
        node = self._resources.get((mode, kind, name))
        if node is None:
            table = {"managed": self.declared.managed, "data": self.declared.data}.get(mode, self.declared.ephemeral)
            block = table.get((kind, name))
            if block is None:
                what = f"{'' if mode == 'managed' else mode + '.'}{kind}.{name}"
                # The edge stays: what it names is not here, so it is none of the resources that are.
                return Reference(f"{self.prefix}{what}", "", self._undeclared(what))
            if (busy := f"{mode}.{kind}.{name}") in self._busy:
                return Unknown("error", f"{kind}.{name} decides its own count or for_each")
            self._busy.add(busy)
            try:
                node = ResourceNode(self, block, mode)
            except Exception as error:  # noqa: BLE001 - the boundary of one block
                return fault(self.program.store.workspace, place_of(block), error)
            finally:
                self._busy.discard(busy)
            self._resources[mode, kind, name] = node
        return node

    def repeated(self, block: Block) -> ResourceNode:
        """The node of a block that declares a name again."""
        return ResourceNode(self, block, "managed" if block.type == "resource" else "data")

    def call(self, name: str) -> Result:
        """A module call's namespace, an unknown where it is not declared."""
        node = self._calls.get(name)
        if node is None:
            block = self.declared.calls.get(name)
            if block is None:
                return self._undeclared(f"module.{name}")
            if (busy := f"module.{name}") in self._busy:
                return Unknown("error", f"module.{name} decides its own count or for_each")
            self._busy.add(busy)
            try:
                node = self._calls[name] = self._instantiate(name, block)
            except Exception as error:  # noqa: BLE001 - the boundary of one call
                return fault(self.program.store.workspace, place_of(block), error)
            finally:
                self._busy.discard(busy)
        return node

    def config(self, provider: str) -> ProviderConfig | Missing:
        """The configuration behind a provider's local name (`aws.eu`)."""
        if provider not in self._found_configs:
            self._found_configs[provider] = config_of(self, provider)
        return self._found_configs[provider]

    def provider_configs(self) -> dict[str, ProviderConfig]:
        """The module's own provider blocks."""
        if self._configs is None:
            self._configs = own_configs(self)
        return self._configs

    # How it is done.

    def _once(self, what: str, written: Attribute | Block, work: _Work) -> TfValue:
        """Runs `work` unless it is running already (a cycle), hangs on too long a chain or gives too much."""
        if what in self._busy:
            detail = f"{self.prefix}{what} refers to itself"
            where = place_of(written)
            self.program.store.workspace.note("error", where, f"{where}: {detail}", "break the cycle")
            return Unknown("error", detail)
        self._busy.add(what)
        try:
            with self.program.deeper() as shallow:
                if not shallow:
                    return Unknown("limit_reached", f"{self.prefix}{what} hangs on too long a chain of references")
                value = work()
        finally:
            self._busy.discard(what)
        if outgrows(value, MAX_ITEMS):
            return Unknown("limit_reached", f"{self.prefix}{what} has more than {MAX_ITEMS} items")
        return value

    def _value(self, work: _Work) -> TfValue:
        try:
            return work()
        except EvalError as error:
            return Unknown("error", error.message)
        except Exception as error:  # noqa: BLE001 - the boundary of one named value
            return fault(self.program.store.workspace, self.module or self.folder, error)

    def _undeclared(self, what: str) -> Unknown:
        where = self.module or "the root module"
        symbol = f"{self.root}|{self.prefix}{what}"
        return Unknown("error", f"{what} is not declared in {where}", "", False, symbol)

    def _instantiate(self, name: str, block: Block) -> ModuleNode:
        program = self.program
        address = f"{self.prefix}module.{name}"
        expansion = tell(program.store.workspace, block, expansion_of(block, self, address))
        names = (*self.names, name)
        declared = self._called_module(block, names)
        if isinstance(declared, Unknown):
            return ModuleNode(self, block, expansion, {}, declared)
        program.modules += len(expansion.instances)
        if program.modules > MAX_MODULES:
            message = f"more than {MAX_MODULES} module instances below {self.root}: the rest was not read"
            program.store.workspace.note("limit_reached", self.root, message, "scan its parts one by one")
            return ModuleNode(self, block, expansion, {}, Unknown("limit_reached", message))
        instances: dict[Key, ModuleInstance] = {}
        for key in expansion.instances:
            instances[key] = self._child(declared, block, expansion, key)
        return ModuleNode(self, block, expansion, instances, None)

    def _child(self, declared: Module, block: Block, expansion: Expansion, key: Key) -> "ModuleInstance":
        name = block.labels[0]
        path = address_of(f"{self.prefix}module.{name}", key)
        own = instance_names(expansion, key, path, block, self)
        unsure = expansion.conditional if path.endswith('["?"]') else None
        return ModuleInstance(
            self.program,
            declared,
            parent=self,
            call_block=block,
            call_scope=BlockScope(self, own) if own else self,
            path=path,
            names=(*self.names, name),
            conditional=self.conditional or unsure,
        )

    def _called_module(self, block: Block, names: tuple[str, ...]) -> Module | Unknown:
        """The module that a call names, or why it is not at hand (noted once a call)."""
        program = self.program
        where = place_of(block)
        attribute = block.body.attributes.get("source")
        source = attribute.expr.value if attribute is not None and isinstance(attribute.expr, Literal) else None
        if not isinstance(source, str):
            message = f"the source of module {names[-1]} is no plain text"
            program.store.workspace.note("module_not_fetched", where, message, "write the source as a literal")
            return Unknown("module_not_fetched", message)
        folder = local_folder(self.folder, source)
        if folder is None:
            folder = program.installed(".".join(names))
            if folder is None:
                message = f"module {names[-1]} ({source}) is not fetched"
                program.store.workspace.note("module_not_fetched", where, message, "terraform init")
                return Unknown("module_not_fetched", message)
        if folder.startswith(".."):
            message = f"module {names[-1]} ({source}) lies outside the repository root"
            program.store.workspace.note("outside_root", where, message, "scan a root that holds it, with --root")
            return Unknown("outside_root", message)
        above: ModuleInstance | None = self
        while above is not None:
            if above.folder == folder:
                message = f"module {names[-1]} calls itself, through {source}"
                program.store.workspace.note("error", where, message, "break the cycle of modules")
                return Unknown("error", message)
            above = above.parent
        if len(names) > MAX_MODULE_DEPTH:
            message = f"more than {MAX_MODULE_DEPTH} levels of modules"
            program.store.workspace.note("limit_reached", where, message, "call fewer modules within one another")
            return Unknown("limit_reached", message)
        declared = program.store.module(folder)
        if declared is None:
            message = f"module {names[-1]} ({source}) has no Terraform files"
            program.store.workspace.note("module_not_fetched", where, message, "check the path of its source")
            return Unknown("module_not_fetched", message)
        return declared
