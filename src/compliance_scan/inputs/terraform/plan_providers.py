"""Provider configurations in a plan: the account and region of what they make."""

from typing import Any, NamedTuple

from compliance_scan.inputs.terraform.plan_config import Configuration, Record
from compliance_scan.inputs.terraform.plan_values import PlanAttributes
from compliance_scan.inputs.terraform.providers import ROLES, SIGN_IN
from compliance_scan.inputs.terraform.state import account_in
from compliance_scan.model.resource import HERE, Place


class Home(NamedTuple):
    """Where a planned resource will live, as far as its provider's configuration tells."""

    account: str | None = None
    region: str | None = None
    place: Place = HERE


class _Unsettled:
    """What is written for an argument hangs on more than constants and root variables."""


UNSETTLED = _Unsettled()


class PlanProviders:
    """The provider configurations of one plan."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._homes: dict[str, Home] = {}

    def home(self, config: Record, attributes: PlanAttributes) -> Home:
        """Where a resource will live: by its own region, else by its provider's configuration."""
        key = str(config.get("provider_config_key") or "")
        home = self._homes.get(key)
        if home is None:
            home = self._homes[key] = self._home(key)
        own = attributes.plain(("region",))
        return home._replace(region=own) if isinstance(own, str) and own else home

    def _home(self, key: str) -> Home:
        record = self._configuration.providers.get(key)
        if not isinstance(record, dict):
            return Home()
        account = self._account(record)
        region = self._value(record, _expressions(record).get("region"))
        name = key.rpartition(":")[2]
        place = Place(
            f"={account}" if account is not None else self._sign_in(record, key),
            f"?{key}" if region is UNSETTLED else str(region or ""),
            name if "." in name else "",
        )
        return Home(account, region if isinstance(region, str) and region else None, place)

    def _account(self, record: Record) -> str | None:
        found = account_in(self._role(record))
        if found is not None:
            return found
        allowed = self._value(record, _expressions(record).get("allowed_account_ids"))
        one = allowed[0] if isinstance(allowed, list) and len(allowed) == 1 else None
        return one if isinstance(one, str) else None

    def _role(self, record: Record) -> Any:
        for name in ROLES:
            blocks = _expressions(record).get(name)
            last = blocks[-1] if isinstance(blocks, list) and blocks else blocks
            if isinstance(last, dict):
                role = self._value(record, last.get("role_arn"))
                if role is not None:
                    return role
        return None

    def _sign_in(self, record: Record, key: str) -> str:
        said = [("role", self._role(record))]
        said += [(name, self._value(record, _expressions(record).get(name))) for name in SIGN_IN]
        if any(value is UNSETTLED for _, value in said):
            return f"?{key}"
        return "; ".join(f"{name} {value!r}" for name, value in said if value is not None)

    def _value(self, record: Record, expression: Any) -> Any:
        """What is written for an argument of a configuration: a constant or a root variable's value; None where nothing
        is."""
        if not isinstance(expression, dict) or not expression:
            return None if not expression else UNSETTLED
        if "constant_value" in expression:
            return expression["constant_value"]
        references = expression.get("references")
        names = [each for each in references if isinstance(each, str)] if isinstance(references, list) else []
        if len(names) == 1 and names[0].startswith("var.") and not record.get("module_address"):
            given = self._configuration.variables.get(names[0][4:])
            return given.get("value") if isinstance(given, dict) else None
        return UNSETTLED


def _expressions(record: Record) -> Record:
    found = record.get("expressions")
    return found if isinstance(found, dict) else {}
