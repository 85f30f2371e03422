"""A cursor at what is one of several values: arms of a conditional that nobody knows, a block that may be there."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from compliance_scan.model.value import Open, Path, Unknown
from compliance_scan.shape.cursor import Spot

if TYPE_CHECKING:
    from compliance_scan.shape.made import Shaped
    from compliance_scan.shape.nodes import Field


_NONE: Final = Unknown("computed")


class Several(Spot):
    """Stands at all the values at once: what is below it is below each of them."""

    __slots__ = ("each",)

    def __init__(self, each: Sequence[Spot], why: Unknown, shown: Path = ()) -> None:
        """`each`: cursors at the same place, one for each value that may be there; `why` nobody knows which one."""
        first = next((spot for spot in each if spot.standing == "written"), each[0])
        values = tuple([spot.value for spot in each])
        same = all(value == values[0] and type(value) is type(values[0]) for value in values)
        raw: Any = (
            values[0] if same else Unknown(why.cause, why.detail, why.type, why.not_null, why.symbol, options=values)
        )
        super().__init__(
            first.frame,
            first.path,
            first.place,
            shown or first.named,
            first.node,
            raw,
            "written",
            secret=any(spot.secret for spot in each),
        )
        self.each = each

    def shown_as(self, shown: Path) -> "Several":
        """The same place under another name."""
        return (
            Several(self.each, self.raw, shown)
            if isinstance(self.raw, Unknown)
            else Several(self.each[:1], _NONE, shown)
        )

    def _step(self, step: str | int) -> "Shaped":
        """What is below each of the values."""
        below = [below for spot in self.each if isinstance(below := spot.step(step), Spot)]
        return Several(below, Unknown(self.raw.cause, self.raw.detail)) if isinstance(self.raw, Unknown) else below[0]


def of_options(above: Spot, step: str, value: Unknown, field: "Field | None") -> Spot:
    """A child that is one of several values: each as it would be read alone, null as what is not written."""
    return Several([above.made(step, option, field, tree=False) for option in value.options], value)


def of_perhaps(above: Spot, step: str, value: Open, field: "Field | None") -> Spot:
    """A block that may stand once, and of which it is known what it is like where it does."""
    like = [above.made(step, [each], field, tree=False) for each in value.each]
    return Several([*like, above.missing(step, field, null=True)], Unknown(value.more.cause, value.more.detail))
