"""Calls over all threads of an audit: the same one is made once, every end is written down."""

import json
import threading
from typing import TYPE_CHECKING, Any

from compliance_scan.inputs.aws.answers import Failure
from compliance_scan.inputs.aws.clients import Clients
from compliance_scan.inputs.aws.collector import Before, Describe
from compliance_scan.inputs.aws.gather import Answer, Asked
from compliance_scan.inputs.aws.ledger import Ledger, Row

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Pending:
    """A call that is on its way, or whose answer others still want."""

    __slots__ = ("answer", "left", "ready")

    def __init__(self, left: int) -> None:
        self.ready = threading.Event()
        self.answer: Answer | Failure | None = None
        self.left = left


class Calls:
    """The calls to one account."""

    def __init__(self, clients: Clients, ledger: Ledger, account: str, shared: dict[str, int]) -> None:
        """`shared`: how many will make a call, by `template`; what nobody else makes is not kept."""
        self.clients = clients
        self.ledger = ledger
        self.account = account
        self._shared = shared
        self._lock = threading.Lock()
        self._pending: dict[str, _Pending] = {}

    def pages(
        self, asked: Asked, who: str, *, before: Before | None, absent: frozenset[str]
    ) -> "Iterator[dict[str, Any] | Failure]":
        """The pages of a listing, of which none is kept; in the end perhaps why there are no more."""
        for page in self.clients.pages(asked, before):
            if isinstance(page, Failure) and page.code not in absent:
                self.ledger.failed(self._row(asked), page, who)
                yield page
                return
            if isinstance(page, Failure):
                break
            yield page
        self.ledger.ok(self._row(asked))

    def _row(self, asked: Asked) -> Row:
        return Row(self.clients.operation(asked), self.account, asked.region)

    def describe(self, asked: Asked, describe: Describe, who: str) -> "Answer | Failure":
        """The answer to a describing call about an item."""
        uses: int | None = None  # what has no argument of the item is the same for all items of a region
        if describe.arguments.names or describe.batch:
            uses = self._shared.get(template(describe.service, describe.call, describe.arguments.spec), 1)
        return self.ask(asked, who, uses=uses, before=describe.before, absent=describe.absent)

    def ask(
        self,
        asked: Asked,
        who: str,
        *,
        uses: int | None,
        before: Before | None = None,
        absent: frozenset[str] = frozenset(),
        tentative: bool = False,
    ) -> "Answer | Failure":
        """The answer; `uses`: how often the same call is made in all, None where nobody knows. What is `tentative` may
        fail without a word, since others will ask again."""
        if uses == 1:
            return self._make(asked, who, before, absent, tentative=tentative)
        key = json.dumps([asked.service, asked.call, asked.region, asked.arguments], sort_keys=True, default=str)
        with self._lock:
            pending = self._pending.get(key)
            mine = pending is None
            if pending is None:
                pending = self._pending[key] = _Pending(-1 if uses is None else uses)
            if pending.left > 0:
                pending.left -= 1
                if not pending.left:
                    del self._pending[key]
        if mine:
            try:
                pending.answer = self._make(asked, who, before, absent)
            finally:
                pending.ready.set()
        pending.ready.wait()
        return pending.answer or Failure("error", "Interrupted", "the call was not finished")

    def _make(
        self, asked: Asked, who: str, before: Before | None, absent: frozenset[str], *, tentative: bool = False
    ) -> "Answer | Failure":
        answer = self.clients.call(asked, before)
        row = self._row(asked)
        if isinstance(answer, Failure):
            if answer.code in absent:
                self.ledger.ok(row)
            elif not tentative:
                self.ledger.failed(row, answer, who)
            return answer
        self.ledger.ok(row)
        return Answer(answer)


def template(service: str, call: str, arguments: Any) -> str:
    """Calls that are written alike."""
    return f"{service}:{call}:{json.dumps(arguments, sort_keys=True, default=str)}"
