"""What a call gives: a Reply, or one of the exceptions. Neither shows a value when it is printed."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Mapping, Optional, Union

Value = Union[str, bytes]


def _known(kind: type, told: Mapping[str, Any]) -> dict[str, Any]:
    """The members that the class has; a newer server may tell more."""
    names = {f.name for f in fields(kind)}
    return {k: v for k, v in told.items() if k in names}


@dataclass(frozen=True)
class Field:
    """One item's verdict. Times are RFC 3339 texts."""

    item: str
    decision: str
    """allow, mask (value is the masked form) or deny."""
    record: Optional[int] = None
    reason: Optional[str] = None
    means: Optional[str] = None
    remedy: Optional[str] = None
    clause: Optional[str] = None
    line: Optional[int] = None
    value: Optional[Value] = field(default=None, repr=False)
    """Text stays text; what is no text is bytes."""
    observed: bool = False
    """Of a denial: its function is only observed yet (enforce: observe)."""
    source: Optional[str] = None
    collected: Optional[str] = None
    until: Optional[str] = None

    @staticmethod
    def of(told: Mapping[str, Any]) -> "Field":
        known = _known(Field, told)
        if "value_hex" in told:
            known["value"] = bytes.fromhex(told["value_hex"])
        return Field(**known)


def _fields(told: Mapping[str, Any]) -> tuple[Field, ...]:
    return tuple(Field.of(f) for f in told.get("fields", ()))


@dataclass(frozen=True)
class Reply:
    """Yes, or yes in part. What was refused of it is in denied, each with its reason, clause and remedy."""

    operation: str
    decision: str
    """allow or mask: the best verdict of its fields."""
    reason: Optional[str] = None
    means: Optional[str] = None
    clause: Optional[str] = None
    line: Optional[int] = None
    """Of the policy file."""
    subject: Optional[str] = None
    version: Optional[int] = None
    policy_version: Optional[int] = None
    at: Optional[str] = None
    entry: Optional[str] = None
    """Id of its entry in the ledger: Client.ledger_proof proves that it stands there."""
    leaf: Optional[str] = None
    observed: bool = False
    """All that is denied here is only observed yet: the app may go on by itself. Nothing of it was stored or given out."""
    stripped: int = 0
    """How many values were dropped because the policy does not declare them."""
    in_part: bool = False
    fields: tuple[Field, ...] = ()
    report: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What the operation tells: a trail, a certificate, numbers."""
    request: Optional[str] = None
    """X-Request-Id, to quote to whoever operates the server."""
    replayed: bool = False
    """The answer of before: the request had come already."""

    @staticmethod
    def of(told: Mapping[str, Any], request: Optional[str] = None, replayed: bool = False) -> "Reply":
        known = _known(Reply, told)
        known.update(fields=_fields(told), request=request, replayed=replayed)
        return Reply(**known)

    @property
    def denied(self) -> tuple[Field, ...]:
        """The fields that were refused."""
        return tuple(f for f in self.fields if f.decision == "deny")

    def values(self, item: str) -> list[Value]:
        """All values of an item that were given out, masked ones among them."""
        return [f.value for f in self.fields if f.item == item and f.decision != "deny" and f.value is not None]

    def value(self, item: str) -> Optional[Value]:
        """The first of them; None where none was given out."""
        all_of_it = self.values(item)
        return all_of_it[0] if all_of_it else None


class KeptError(Exception):
    """What any call may raise."""


class Unreachable(KeptError):
    """No answer: the connection was lost, or the time was over. Whether it was done is not known; the same call with
    idempotency_key=error.idempotency_key does it once, within an hour (docs/api.md)."""

    def __init__(self, text: str, idempotency_key: Optional[str] = None):
        super().__init__(text)
        self.idempotency_key = idempotency_key


class Problem(KeptError):
    """An answer of 4xx or 5xx: a problem document (RFC 9457), which says nothing of anybody."""

    def __init__(self, status: int, told: Mapping[str, Any], idempotency_key: Optional[str] = None):
        self.status = status
        self.type: str = told.get("type", "about:blank")
        self.title: str = told.get("title", "")
        self.detail: str = told.get("detail", "")
        self.reason: Optional[str] = told.get("reason")
        self.means: Optional[str] = told.get("means")
        self.remedy: Optional[str] = told.get("remedy")
        self.clause: Optional[str] = told.get("clause")
        self.line: Optional[int] = told.get("line")
        self.policy_version: Optional[int] = told.get("policy_version")
        self.operation: Optional[str] = told.get("operation")
        self.entry: Optional[str] = told.get("entry")
        self.request: Optional[str] = told.get("request")
        self.fields = _fields(told)
        self.idempotency_key = idempotency_key
        super().__init__(self._text())

    def _text(self) -> str:
        text = f"{self.status} {self.reason or self.title}: {self.detail}"
        if self.clause:
            text += f" (clause {self.clause})"
        return f"{text}; what helps: {self.remedy}" if self.remedy else text

    @staticmethod
    def of(status: int, told: Mapping[str, Any], idempotency_key: Optional[str] = None) -> "Problem":
        return (Denied if told.get("decision") == "deny" else Problem)(status, told, idempotency_key)


class Denied(Problem):
    """The policy says no. reason, clause and line say why, remedy what helps; it stands in the ledger under entry."""
