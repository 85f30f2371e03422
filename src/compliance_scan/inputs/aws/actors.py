"""Who changed a resource last, and when: CloudTrail's event history, where it may be read.

One page of events for a name, newest first; the history keeps management events of 90 days, in the region in which the
service lives. Only what drifted is asked for, and no more than `CALLS` times in a run: the operation allows two calls a
second in an account and region. Source: CloudTrail's API reference, LookupEvents.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from compliance_scan.inputs.aws.answers import Failure
from compliance_scan.inputs.aws.engine import Place
from compliance_scan.inputs.aws.gather import Asked

LOOKUP: Final = ("cloudtrail", "lookup_events")
CALLS: Final = 60
PAGE: Final = 50


class Trail:
    """The event history of the accounts that were collected."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = {place.account: place for place in places}
        self._closed: set[tuple[str, str]] = set()
        self._calls = 0
        self.troubles: dict[str, None] = {}
        """Why some of it could not be read, each once."""

    def actor(self, account: str | None, region: str | None, names: Iterable[str]) -> str | None:
        """Who wrote last to what has one of these names, with what and when; None where nobody is known."""
        place = self._places.get(account or "")
        if place is None:
            return None
        where = region or place.home
        for name in dict.fromkeys(names):
            if (place.account, where) in self._closed:
                return None
            if self._calls >= CALLS:
                self.troubles.setdefault(f"only the first {CALLS} look-ups were made")
                return None
            found = self._look_up(place, where, name)
            if found is not None:
                return found
        return None

    def _look_up(self, place: Place, region: str, name: str) -> str | None:
        self._calls += 1
        wanted = [{"AttributeKey": "ResourceName", "AttributeValue": name}]
        page = next(place.clients.pages(Asked(*LOOKUP, region, {"LookupAttributes": wanted}, PAGE)), None)
        if isinstance(page, Failure):
            self._closed.add((place.account, region))
            self.troubles.setdefault(
                f"cloudtrail:LookupEvents in {place.account}/{region}: {page.status} ({page.code})"
            )
            return None
        events = page.get("Events") if page is not None else None
        writes = [each for each in events or () if isinstance(each, dict) and not _reads(each)]
        writes.sort(key=lambda each: str(each.get("EventTime") or ""), reverse=True)
        return _told(writes[0]) if writes else None


def _reads(event: dict[str, Any]) -> bool:
    """Whether an event changed nothing: it was a reading one, or was refused."""
    return str(event.get("ReadOnly")).lower() == "true" or bool(_record(event).get("errorCode"))


def _record(event: dict[str, Any]) -> dict[str, Any]:
    try:
        record = json.loads(event.get("CloudTrailEvent") or "{}")
    except (TypeError, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _told(event: dict[str, Any]) -> str:
    """`WHO, EVENT at TIME`: the ARN of who it was, a session's with it, else the name that CloudTrail shows."""
    identity = _record(event).get("userIdentity")
    identity = identity if isinstance(identity, dict) else {}
    who = identity.get("arn") or event.get("Username") or identity.get("invokedBy") or "somebody"
    return f"{who}, {event.get('EventName') or 'an event'} at {event.get('EventTime') or 'an unknown time'}"
