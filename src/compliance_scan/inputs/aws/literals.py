"""Stand-ins for what Terraform names by a plain id: `vpc-1` of an example becomes a network that the stand-in has.

The same text is always the same thing. Subnets, groups and tables lie in one network, which the first `vpc-…` names.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from compliance_scan.inputs.aws.clients import Clients

_ID = re.compile(r"(vpc|subnet|sg|rtb|igw|eni|nat|pcx|eipalloc|acl|vol|snap|ami|tgw|i)-[0-9a-z]{1,17}\Z")
_ARN = re.compile(r"arn:aws:elasticloadbalancing:[a-z0-9-]*:\d*:(targetgroup|loadbalancer)/")
_IMAGE: Final = "ami-12345678"


class Literals:
    """What each literal became."""

    def __init__(self, clients: Clients, region: str) -> None:
        self._clients = clients
        self._region = region
        self._known: dict[str, str] = {}
        self._home = ""
        self._subnets = 0

    def real(self, text: str) -> str:
        """The id of the thing that stands for the one that the text names; other texts as they are."""
        found = _ID.match(text) or _ARN.match(text)
        if found is None:
            return text
        if text not in self._known:
            self._known[text] = _MAKERS[found[1]](self)
        return self._known[text]

    def ec2(self, call: str, **arguments: Any) -> Any:
        return getattr(self._clients.client("ec2", self._region), call)(**arguments)

    def balancing(self, call: str, **arguments: Any) -> Any:
        return getattr(self._clients.client("elbv2", self._region), call)(**arguments)

    def home(self) -> str:
        """The network in which all else lies."""
        if not self._home:
            self._home = self.network()
        return self._home

    def network(self) -> str:
        """The home, where no literal is it yet, else one more."""
        if self._home and self._home not in self._known.values():
            return self._home
        made: str = self.ec2("create_vpc", CidrBlock=f"10.{len(self._known)}.0.0/16")["Vpc"]["VpcId"]
        self._home = self._home or made
        return made

    def subnet(self) -> str:
        """One more subnet, in the next of three zones."""
        zone, self._subnets = "abc"[self._subnets % 3], self._subnets + 1
        home = self.home()
        block = self.ec2("describe_vpcs", VpcIds=[home])["Vpcs"][0]["CidrBlock"].split(".")
        made: str = self.ec2(
            "create_subnet",
            VpcId=home,
            CidrBlock=f"{block[0]}.{block[1]}.{200 + self._subnets}.0/24",
            AvailabilityZone=f"{self._region}{zone}",
        )["Subnet"]["SubnetId"]
        return made

    def address(self) -> str:
        made: str = self.ec2("allocate_address", Domain="vpc")["AllocationId"]
        return made

    def name(self) -> str:
        """A name that no other literal has."""
        return f"literal-{len(self._known)}"

    def volume(self) -> str:
        made: str = self.ec2("create_volume", AvailabilityZone=f"{self._region}a", Size=8)["VolumeId"]
        return made

    def peering(self) -> str:
        other = self.ec2("create_vpc", CidrBlock="172.20.0.0/16")["Vpc"]["VpcId"]
        made = self.ec2("create_vpc_peering_connection", VpcId=self.home(), PeerVpcId=other)["VpcPeeringConnection"]
        self.ec2("accept_vpc_peering_connection", VpcPeeringConnectionId=made["VpcPeeringConnectionId"])
        identifier: str = made["VpcPeeringConnectionId"]
        return identifier

    def balancer(self) -> str:
        made = self.balancing("create_load_balancer", Name=self.name(), Subnets=[self.subnet(), self.subnet()])
        identifier: str = made["LoadBalancers"][0]["LoadBalancerArn"]
        return identifier

    def target_group(self) -> str:
        made = self.balancing("create_target_group", Name=self.name(), Protocol="HTTP", Port=80, VpcId=self.home())
        identifier: str = made["TargetGroups"][0]["TargetGroupArn"]
        return identifier


def _instance(literals: Literals) -> str:
    made = literals.ec2("run_instances", ImageId=_IMAGE, MinCount=1, MaxCount=1, SubnetId=literals.subnet())
    identifier: str = made["Instances"][0]["InstanceId"]
    return identifier


def _of(answer: Any, *path: str) -> str:
    for step in path:
        answer = answer[step]
    return str(answer)


_MAKERS: Final[dict[str, Callable[[Literals], str]]] = {
    "vpc": Literals.network,
    "subnet": Literals.subnet,
    "sg": lambda of: _of(
        of.ec2("create_security_group", GroupName=of.name(), Description="of the stand-in", VpcId=of.home()), "GroupId"
    ),
    "rtb": lambda of: _of(of.ec2("create_route_table", VpcId=of.home()), "RouteTable", "RouteTableId"),
    "igw": lambda of: _of(of.ec2("create_internet_gateway"), "InternetGateway", "InternetGatewayId"),
    "eni": lambda of: _of(
        of.ec2("create_network_interface", SubnetId=of.subnet()), "NetworkInterface", "NetworkInterfaceId"
    ),
    "nat": lambda of: _of(
        of.ec2("create_nat_gateway", SubnetId=of.subnet(), AllocationId=of.address()), "NatGateway", "NatGatewayId"
    ),
    "pcx": Literals.peering,
    "eipalloc": Literals.address,
    "acl": lambda of: _of(of.ec2("create_network_acl", VpcId=of.home()), "NetworkAcl", "NetworkAclId"),
    "vol": Literals.volume,
    "snap": lambda of: _of(of.ec2("create_snapshot", VolumeId=of.volume()), "SnapshotId"),
    "ami": lambda of: _of(of.ec2("register_image", Name=of.name(), RootDeviceName="/dev/sda1"), "ImageId"),
    "tgw": lambda of: _of(of.ec2("create_transit_gateway"), "TransitGateway", "TransitGatewayId"),
    "i": _instance,
    "targetgroup": Literals.target_group,
    "loadbalancer": Literals.balancer,
}
