"""What a request can be told, as src/http/params.def of the server has it. Names of items, functions, purposes, recipients
and roles are the policy's. tests/clients holds this against docs/openapi.json."""

from __future__ import annotations

from datetime import date, datetime
from typing import Mapping, Sequence, TypedDict, Union

Value = Union[str, bytes]
Values = Mapping[str, Union[Value, Sequence[Value]]]
"""Items and their values: text, bytes, or several of them. No numbers: what is a value stays text."""
Time = Union[str, datetime]
"""RFC 3339, or a datetime that knows its zone."""
Date = Union[str, date]


class Who(TypedDict, total=False):
    app: str
    """Name of the app, where the caller may speak for several; all three are the client's where nothing is said."""
    actor: str
    """Who asks, for the ledger; at most 64 bytes."""
    role: str
    """In which role of the policy: one that the token has; the first of them where none is named."""


class Call(Who, total=False):
    timeout: float
    """Seconds for the whole call, repeats included; the client's where nothing is said."""


class Change(Call, total=False):
    idempotency_key: str
    """With the same key and body nothing is done twice within an hour. Made anew for each call where none is given."""


class _Facts(TypedDict, total=False):
    function: str
    purpose: str
    launch: int
    """Which launch of the app."""
    in_use: bool
    """The function is open in front of the person."""
    user_action: bool
    """The person's own action caused this."""
    background: bool
    """Caused by no one's action."""
    exemption: str
    """Code of an exemption of the policy; needs because."""
    because: str
    """Justification, for the ledger."""
    os: str
    os_version: str
    app_version: str
    surface: str
    """What kind of screen it has: phone, tablet, watch, pc, tv, vr, car, web, cinema."""


class _Scope(TypedDict, total=False):
    function: str
    purpose: str
    recipient: str
    item: str


class _Shown(TypedDict, total=False):
    policy_version: int
    """Version that was shown; none: the one in force."""
    language: str
    """Of the text that was shown (BCP 47)."""


class _Paper(TypedDict, total=False):
    evidence: str
    """Where the signed document is kept."""
    evidence_sha256: str
    signed: Time


class _Legacy(TypedDict, total=False):
    legacy: bool
    """Given before kept was there; needs evidence."""
    text_sha256: str
    """SHA-256 of the text that was shown then."""


class _Voice(TypedDict, total=False):
    by_guardian: bool
    guardian: int
    """Number of the guardian who speaks; none: the only one."""


class _Page(TypedDict, total=False):
    from_: int
    """Where the page begins: what the page before says is next."""
    limit: int


class _Newest(TypedDict, total=False):
    newest: bool
    """Newest first."""


class _Person(TypedDict, total=False):
    birth_date: Date
    region: str
    """Where the person is (ISO 3166)."""


class NewSubject(_Person, Change, total=False):
    values: Values
    """One value: nobody new, where somebody is found by it."""


class SetSubject(_Person, Change, total=False):
    pass


class Acknowledge(_Shown, _Paper, _Legacy, Change, total=False):
    how: str
    """going_on: the person goes on under this notice; use: by using, not asked; shown: shown, not answered yet."""


class Grant(_Scope, _Shown, _Paper, _Legacy, Change, total=False):
    kind: str
    """explicit (where nothing is said), separate, written, guardian."""
    expires: Time
    guardian: int


class Refuse(_Scope, _Shown, _Voice, Change, total=False):
    pass


class Withdraw(_Scope, _Voice, Change, total=False):
    pass


class Guardian(_Paper, Change, total=False):
    person: str
    """The guardian, when a person of the app."""
    contact: str
    """Who the guardian is, and how to reach them."""
    written: bool


class Minor(Change, total=False):
    birth_date: str
    """The day of birth that was found."""


class Collect(_Facts, Change, total=False):
    pass


class Use(_Facts, Call, total=False):
    pass


class Disclose(_Facts, Change, total=False):
    region: str


class Contacts(Change, total=False):
    function: str
    in_use: bool
    user_action: bool
    background: bool


class Why(_Facts, Call, total=False):
    item: str
    recipient: str
    region: str


class EraseRecord(Change, total=False):
    record: int
    """Which of several values; none: all."""
    because: str


class Because(Change, total=False):
    because: str


class Subjects(_Page, Call, total=False):
    pass


class Trail(_Page, _Newest, Call, total=False):
    pass


class Publish(Change, total=False):
    at: Time
    """When it takes effect; none: the date that the policy names."""


class _Address(TypedDict, total=False):
    subject_id: str
    """The person whose address it is; none: whoever has it."""
    source: str
    """Where on the network the person asks from: counted against floods, never kept."""


class BeginAccount(_Address, Change, total=False):
    function: str
    language: str
    channel: str
    """voice: the code is spoken; none: sent as text."""
    recipient: str
    """A provider: the answer has a nonce for a login there."""


class ProveAccount(_Address, _Paper, Change, total=False):
    values: Values
    code: str
    """The code that came; good once."""
    recipient: str
    """A provider, and what it said of them."""
    id_token: str
    session: bool
    """A session is wanted: its token is told this once."""


class BindAccount(Collect, total=False):
    source: str


class LeaveAccount(Change, total=False):
    subject_id: str
    all: bool
    """All sessions of the person, not only this one."""


class Attest(_Paper, Change, total=False):
    expires: Time


class AskApproval(Change, total=False):
    recipient: str
    exemption: str
    function: str
    expires: Time
    """An hour from now where nothing is said; at most 7 days."""


class GrantApproval(Change, total=False):
    items: Sequence[str]
    """These alone; none: all that was asked for."""
    because: str


class OpenSession(Change, total=False):
    new_password: str
    """The one that holds from now on; beside the first one it is needed."""
    source: str


class ReadLog(_Page, Call, total=False):
    at: Time
    """Taken since then."""


class OrderDone(Change, total=False):
    receipt: str
    """What your system notes of it, for the ledger: no personal data."""


class TakePost(Call, total=False):
    limit: int
