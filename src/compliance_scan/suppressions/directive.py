"""One suppression as it was read from a comment or an annotation."""

from typing import TYPE_CHECKING, Literal, NamedTuple

from compliance_scan.model.resource import header_of

if TYPE_CHECKING:
    from compliance_scan.model.finding import Finding
    from compliance_scan.model.rule import Rule


class Directive(NamedTuple):
    """One rule named by one comment."""

    kind: Literal["inline", "foreign"]
    tool: str
    """`compliance-scan`, or the peer in whose `same` ids it counts."""
    rule: str
    """Id as written; a glob where it is a blanket."""
    reason: str
    owner: str | None
    until: str | None
    file: str
    line: int
    blanket: bool = False
    """Names everything rather than something: it waits for a person's word."""
    only_line: int | None = None
    """Set where it speaks of one line only."""
    problem: str = ""
    """What is wrong with it; such a directive hides nothing."""

    def applies(self, finding: "Finding", rule: "Rule") -> bool:
        """Whether it speaks of this finding."""
        if self.problem:
            return False
        if self.only_line is not None:
            span = finding.evidence[0].span if finding.evidence else header_of(finding.resource)
            if (span.file, span.line) != (self.file, self.only_line):
                return False
        if self.kind == "inline":
            return any(fits(self.rule, name) for name in (rule.id, rule.code, finding.instance))
        return any(fits(plain_id(self.rule), plain_id(same)) for same in same_ids(rule, self.tool))


FAMILIES = {"trivy": ("trivy", "tfsec"), "tfsec": ("tfsec", "trivy")}
"""Trivy took over tfsec's checks; either comment may name either id."""


def same_ids(rule: "Rule", tool: str) -> list[str]:
    """The ids of a peer that are the same requirement as a rule."""
    return [each for peer in FAMILIES.get(tool, (tool,)) for each in rule.equivalents.get(peer, {}).get("same", ())]


def plain_id(text: str) -> str:
    """An id for comparing: case does not count, and Trivy's ids are meant with and without `AVD-`."""
    return text.upper().removeprefix("AVD-")


def fits(pattern: str, text: str) -> bool:
    """Whether a text fits a glob of `*` and `?` (brackets are plain: addresses have them); linear in practice, never
    exponential."""
    star, mark, at, here = -1, 0, 0, 0
    while here < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, mark = at, here
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[here]):
            at += 1
            here += 1
        elif star >= 0:
            mark += 1
            at, here = star + 1, mark
        else:
            return False
    return all(rest == "*" for rest in pattern[at:])
