"""Functions of collectors that take lists apart and put them together."""

from typing import Any

from compliance_scan.inputs.aws.expressions import expression


def found(text: str, **context: Any) -> Any:
    return expression(text)(context)


def test_spread_gives_an_item_for_each_element() -> None:
    volumes = [{"id": "v", "on": [{"i": 1}, {"i": 2}]}, {"id": "w", "on": []}, {"id": "x"}]
    assert found("spread(v, 'on')", v=volumes) == [{"id": "v", "on": {"i": 1}}, {"id": "v", "on": {"i": 2}}]
    assert found("spread(v, 'on')", v=None) is None


def test_except_and_among_choose_by_computed_values() -> None:
    devices = [{"at": {"name": "root"}}, {"at": {"name": "data"}}]
    assert found("except(d, 'at.name', root)", d=devices, root="root") == [devices[1]]
    assert found("among(d, 'at.name', names)", d=devices, names=["root", "other"]) == [devices[0]]
    assert found("among(d, 'at.name', names)", d=devices, names=None) == []


def test_named_makes_objects_of_values() -> None:
    made = found("named(c, 'CidrIp', {Description: d})", c=["10.0.0.0/8"], d="inside")
    assert made == [{"CidrIp": "10.0.0.0/8", "Description": "inside"}]


def test_text_reads_base64_and_nothing_else() -> None:
    assert found("text(u)", u="IyEvYmluL3No") == "#!/bin/sh"
    assert found("text(u)", u="H4sIAAAAAAAAA8tIBQCGphDYAgAAAA==") is None  # compressed
    assert found("text(u)", u="no base64!") is None


def test_permissions_are_entries_as_state_has_them() -> None:
    permissions = [
        {
            "IpProtocol": "tcp",
            "FromPort": 22,
            "ToPort": 22,
            "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "inside"}, {"CidrIp": "0.0.0.0/0"}],
            "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
            "UserIdGroupPairs": [{"GroupId": "sg-own"}, {"GroupId": "sg-other"}],
        },
        {"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": "pl-1"}]},
    ]
    inside, outside, everything = found("permissions(p, 'sg-own')", p=permissions)
    assert (inside["cidr_blocks"], inside["description"]) == (["10.0.0.0/8"], "inside")
    assert (outside["cidr_blocks"], outside["ipv6_cidr_blocks"], outside["description"]) == (
        ["0.0.0.0/0"],
        ["::/0"],
        "",
    )
    assert (outside["self"], outside["security_groups"]) == (True, ["sg-other"])
    assert (everything["protocol"], everything["from_port"], everything["to_port"]) == ("-1", 0, 0)
    assert everything["prefix_list_ids"] == ["pl-1"]
