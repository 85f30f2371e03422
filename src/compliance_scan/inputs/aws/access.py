"""Reaching an account: credentials, roles, who we are, which regions there are; one message for each trouble."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from compliance_scan._yaml import nearest
from compliance_scan.errors import ScanError, UsageError
from compliance_scan.inputs.aws.answers import EXPIRED, SKEWED, THROTTLED, Failure
from compliance_scan.inputs.aws.clients import ATTEMPTS, Access, Clients
from compliance_scan.inputs.aws.engine import Place
from compliance_scan.inputs.aws.gather import Asked
from compliance_scan.inputs.aws.ledger import Ledger, Row

SESSION: Final = "compliance-scan"
HOME: Final = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}


class NoAccess(ScanError):
    """The account cannot be reached at all."""


class Reached(NamedTuple):
    """The accounts that were reached."""

    places: list[Place]
    disabled: dict[str, list[str]]
    """Account to its regions that are not enabled."""


def clients_of(access: Access) -> Clients:
    """The session that flags and environment name; raises `NoAccess`."""
    from botocore import exceptions

    try:
        clients = Clients.open(access)
    except exceptions.ProfileNotFound as error:
        raise UsageError(f"{error}".rstrip("."), "`aws configure list-profiles` shows them") from None
    except exceptions.BotoCoreError as error:
        raise NoAccess(f"the configuration of AWS cannot be read: {error}", "look at ~/.aws/config") from None
    return clients


def assume(clients: Clients, role: str, external_id: str | None) -> Clients:
    """The same in another role, whose credentials are renewed before they expire; raises `NoAccess`."""
    from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials

    credentials = clients.session.get_credentials()
    if credentials is None:
        raise _no_credentials()
    extra = {"RoleSessionName": SESSION, **({"ExternalId": external_id} if external_id else {})}
    fetcher = AssumeRoleCredentialFetcher(_creator(clients), credentials, role, extra_args=extra)
    renewed = DeferredRefreshableCredentials(method="assume-role", refresh_using=fetcher.fetch_credentials)
    import boto3
    import botocore.session

    session = botocore.session.Session(profile=clients.access.profile)
    # Reading what services there are, and how each is called, is most of what a client costs: once for all accounts.
    session.register_component("data_loader", clients.session._session.get_component("data_loader"))  # noqa: SLF001
    session._credentials = renewed  # noqa: SLF001 - boto3 has no word for roles that are renewed
    made = boto3.Session(botocore_session=session, region_name=clients.access.region)
    return Clients(made, clients.access, clients.limit)


def _creator(clients: Clients) -> Any:
    """How the fetcher makes its client of STS: at our endpoint, in our region, repeating as our other clients do."""
    from botocore.config import Config

    def create(service: str, **given: Any) -> Any:
        region = clients.access.region or HOME["aws"]
        config = Config(retries={"mode": "standard", "max_attempts": ATTEMPTS})
        return clients.session.client(
            service,
            **{**given, "endpoint_url": clients.access.endpoint_url, "region_name": region, "config": config},
        )

    return create


def identify(clients: Clients) -> tuple[str, str]:
    """Account number and partition; raises `NoAccess` with what to do."""
    region = clients.access.region or clients.session.region_name or HOME["aws"]
    answer = clients.call(Asked("sts", "get_caller_identity", region, {}))
    if isinstance(answer, Failure):
        raise _trouble(answer, clients.access, region)
    account, arn = answer.get("Account"), str(answer.get("Arn") or "")
    if not account:
        raise NoAccess(
            f"{_endpoint(clients.access)} does not say whose account it is", "is --endpoint-url an endpoint of AWS?"
        )
    return str(account), arn.split(":")[1] if arn.count(":") > 1 else "aws"


def _endpoint(access: Access) -> str:
    return access.endpoint_url or "AWS"


def _no_credentials() -> NoAccess:
    return NoAccess(
        "there are no credentials for AWS",
        "set AWS_PROFILE or --aws-profile, sign in with `aws sso login`, or set AWS_ACCESS_KEY_ID and its secret",
    )


def _trouble(failed: Failure, access: Access, region: str) -> NoAccess:
    """What keeps us out, for people."""
    code = failed.code
    told = f": {failed.message}" if failed.message else ""
    if code in ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"):
        return (
            _no_credentials()
            if code == "NoCredentialsError"
            else NoAccess(f"the credentials for AWS are not whole{told}", "look at ~/.aws and the environment")
        )
    if code in EXPIRED or code in ("UnauthorizedSSOTokenError", "SSOTokenLoadError", "TokenRetrievalError"):
        return NoAccess(
            f"the credentials for AWS have expired{told}", "sign in again, for example with `aws sso login`"
        )
    if code in SKEWED or "Signature expired" in failed.message or "not yet current" in failed.message:
        return NoAccess(
            f"AWS does not accept the signature{told}", "is this machine's clock right, and the secret key?"
        )
    if code in (
        "EndpointConnectionError",
        "ConnectTimeoutError",
        "ReadTimeoutError",
        "ConnectionClosedError",
        "ProxyConnectionError",
    ):
        where = f"the endpoint {access.endpoint_url}" if access.endpoint_url else f"AWS in {region}"
        return NoAccess(f"{where} cannot be reached{told}", "is the region right, and the network there?")
    if (
        code in ("ResponseParserError", "KeyError", "TypeError", "IndexError", "HTTP 404", "404", "HTTP 405", "405")
        or failed.status == "unsupported"
    ):
        return NoAccess(
            f"{_endpoint(access)} does not answer as AWS does ({code})", "is --endpoint-url an endpoint of AWS?"
        )
    if code in ("InvalidRegionError", "NoRegionError", "UnknownEndpoint", "EndpointProviderError"):
        return NoAccess(f"{region!r} is no region{told}", "give --region or AWS_REGION")
    if "Invalid endpoint" in failed.message:
        return NoAccess(f"{_endpoint(access)} is no address", "give --endpoint-url as http://HOST:PORT or https://HOST")
    if failed.status == "denied":
        return NoAccess(f"AWS refuses the credentials ({code}){told}", "are they of an active user or role?")
    if code in THROTTLED:
        return NoAccess(f"AWS is throttling everything{told}", "run it again later")
    return NoAccess(f"the account cannot be reached ({code}){told}", "--verbose shows more")


def refused_role(error: NoAccess, role: str) -> NoAccess:
    """The trouble with a role, named."""
    return NoAccess(f"the role {role} cannot be assumed: {error.message}", "look at its trust policy and --external-id")


def regions_of(
    clients: Clients, account: str, partition: str, wanted: Sequence[str], ledger: Ledger
) -> tuple[list[str], list[str]]:
    """The regions to ask and those that are not enabled; raises `UsageError` for a name that is none."""
    offered = clients.session.get_available_regions("ec2", partition_name=partition)
    home = clients.access.region or clients.session.region_name or ""
    home = home if home in offered else HOME.get(partition, HOME["aws"])
    asked = Asked("ec2", "describe_regions", home, {"AllRegions": True})
    answer = clients.call(asked)
    row = Row("ec2:DescribeRegions", account, home)
    if isinstance(answer, Failure):
        if wanted and set(wanted) <= set(offered):  # they were named: nobody needs the list
            return list(dict.fromkeys(wanted)), []
        ledger.failed(row, answer, account)
        return list(dict.fromkeys(wanted)) or sorted(offered), []
    ledger.ok(row)
    known = {each["RegionName"]: each.get("OptInStatus") for each in answer.get("Regions") or ()}
    for name in wanted:
        if name not in known:
            raise UsageError(f"{name!r} is no region{nearest(name, known)}", "`aws ec2 describe-regions` lists them")
    chosen = list(dict.fromkeys(wanted)) or sorted(known)
    enabled = [name for name in chosen if known[name] != "not-opted-in"]
    return enabled, [name for name in chosen if name not in enabled]


def reach(
    access: Access,
    regions: Sequence[str],
    ledger: Ledger,
    *,
    role: str | None = None,
    external_id: str | None = None,
    limit: Any = None,
    organization_role: str | None = None,
) -> Reached:
    """The accounts that flags name; raises `NoAccess` and `UsageError`."""
    first = clients_of(access)
    first.limit = limit
    if role is not None:
        first = assume(first, role, external_id)
    try:
        account, partition = identify(first)
    except NoAccess as error:
        raise refused_role(error, role) if role is not None else error from None
    reached = [(account, partition, first)]
    if organization_role is not None:
        reached = members(first, (account, partition), organization_role, external_id, ledger)
    places, disabled = [], {}
    for number, its_partition, clients in reached:
        enabled, off = regions_of(clients, number, its_partition, regions, ledger)
        home = HOME.get(its_partition, HOME["aws"])
        places.append(Place(number, its_partition, tuple(enabled), home, clients))
        if off:
            disabled[number] = off
    return Reached(places, disabled)


def members(
    first: Clients, own: tuple[str, str], role: str, external_id: str | None, ledger: Ledger
) -> list[tuple[str, str, Clients]]:
    """All active accounts of the organisation, each in the role of this name; an account whose role may not be assumed
    is noted and left out. Raises `NoAccess` where the organisation cannot be listed."""
    account, partition = own
    home = HOME.get(partition, HOME["aws"])
    answer = first.call(Asked("organizations", "list_accounts", home, {}))
    if isinstance(answer, Failure):
        raise NoAccess(
            f"the organisation's accounts cannot be listed ({answer.code}): {answer.message}",
            "run it in the management account or a delegated one, with organizations:ListAccounts",
        )
    ledger.ok(Row("organizations:ListAccounts", account, home))
    found = []
    for each in sorted(answer.get("Accounts") or (), key=lambda entry: str(entry["Id"])):
        number = str(each["Id"])
        if each.get("Status", "ACTIVE") != "ACTIVE":
            continue
        if number == account:
            found.append((account, partition, first))
            continue
        name = role.rsplit("/", 1)[-1] if role.startswith("arn:") else role
        try:
            clients = assume(first, f"arn:{partition}:iam::{number}:role/{name}", external_id)
            identify(clients)
        except NoAccess as error:
            ledger.failed(Row("sts:AssumeRole", number, home), Failure("denied", "AssumeRole", error.message), name)
            continue
        found.append((number, partition, clients))
    return found
