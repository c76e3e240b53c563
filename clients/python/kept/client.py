"""A method for each operation of the HTTP API (docs/api.md, docs/openapi.json)."""

from __future__ import annotations

import secrets
import ssl
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Callable, Iterator, Mapping, Optional, Sequence, TypeVar, Union

from . import members as m
from .answers import KeptError, Problem, Reply
from .wire import Answer, Wire, piece, query

if TYPE_CHECKING:
    from typing_extensions import Unpack

    F = TypeVar("F", bound=Callable[..., Any])

MANY_ITEMS = 64
"""More of them are asked for by POST: an address has its limit."""

READS = frozenset(("subject.list", "subject.find", "subject.show", "use", "why", "trail", "audit", "policy.show", "stat", "account.show",
                   "caller.list", "caller.review", "provider.list", "approval.list"))
"""Operations that change nothing: no key is sent with them, so that no answer with values is remembered."""

_OF_CALL = ("timeout", "idempotency_key")


def _operation(*ids: str, takes: type = dict) -> Callable[[F], F]:
    """The operations of docs/openapi.json that a method calls, and the members it takes beside its arguments."""
    def mark(method: F) -> F:
        method.operations, method.takes = ids, takes  # type: ignore[attr-defined]
        return method
    return mark


def _value(item: str, value: Any) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, (bytes, bytearray)):
        return {"hex": value.hex()}
    if isinstance(value, (list, tuple)):
        return [_value(item, v) for v in value]
    raise TypeError(f"a value of {item} is text or bytes, not {type(value).__name__}")


def _values(values: Any) -> dict[str, Any]:
    if not isinstance(values, Mapping):
        raise TypeError(f"values are items and their values, not {type(values).__name__}")
    return {item: _value(item, value) for item, value in values.items()}


def _items(items: Any) -> list[str]:
    if isinstance(items, (str, bytes)):
        raise TypeError("items are several: put the one into a list")
    return list(items)


def _member(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{name} says no time zone")
        return value.isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _given(more: Mapping[str, Any], takes: type) -> dict[str, Any]:
    """The members of a request: a misspelt one must not go unnoticed."""
    for name in more:
        if name not in takes.__annotations__:
            raise TypeError(f"there is no {name} here: there are {', '.join(sorted(takes.__annotations__))}")
    return {k.rstrip("_"): _member(k, v) for k, v in more.items() if v is not None and k not in _OF_CALL}


class Client:
    """What an app, or somebody in a role, asks of kept.

    Each operation is decided by the policy in force, and stands in the ledger before it is answered. What is allowed, all
    of it or in part, is a Reply. Every method may raise

    * Denied: the policy, or what the token was made for, says no; reason, clause, line and remedy say why and what helps
    * Problem: the request is not of its form (400), nobody is known by the token (401), there is no such thing (404), it
      does not fit the state (409), the person is erased (410), it is too large (413), a limit of the day (429), kept
      failed (500) or is behind (503)
    * Unreachable: there was no answer, within retries and timeout
    * TypeError, ValueError: before anything is sent

    A request that changes something has an Idempotency-Key of its own. After 503 or a lost connection it is sent again, at
    most retries times, with the same key, so that it is done once; what only reads has no key and is simply asked again. The
    server remembers keys for an hour, in each of its workers: retries=0 where several workers serve and once must be once.

    url:         http://HOST:PORT, https://HOST:PORT. Beyond this machine only https: nothing else hides what is sent
    token:       of `kept caller add`; None: only what is public
    app, actor, role: of every request that does not say its own. None is needed: they come of the token
    timeout:     seconds for a call, its repeats included
    ssl_context: whom to trust, for https; the system's authorities where nothing is said

    Threads: any may call, at the same time. Connections are kept: close(), or `with`, ends them.
    """

    def __init__(self, url: str, token: Optional[str] = None, *, app: Optional[str] = None, actor: Optional[str] = None,
                 role: Optional[str] = None, timeout: float = 30.0, retries: int = 3,
                 ssl_context: Optional[ssl.SSLContext] = None):
        if retries < 0 or timeout <= 0:
            raise ValueError("retries are 0 or more, a timeout is more than 0 seconds")
        self._wire = Wire(url, token, timeout, retries, ssl_context)
        self._who = {k: v for k, v in (("app", app), ("actor", actor), ("role", role)) if v is not None}

    def acting(self, *, app: Optional[str] = None, actor: Optional[str] = None, role: Optional[str] = None) -> "Client":
        """The same client speaking as somebody else; both share connections and documents."""
        other = object.__new__(Client)
        other._wire = self._wire
        other._who = {**self._who, **{k: v for k, v in (("app", app), ("actor", actor), ("role", role)) if v is not None}}
        return other

    def close(self) -> None:
        """End the connections that are kept."""
        self._wire.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- how all of them ask ----

    def _json(self, verb: str, path: str, told: Mapping[str, Any], more: Mapping[str, Any], change: bool) -> tuple[Answer, Optional[str]]:
        key = (more.get("idempotency_key") or secrets.token_hex(16)) if change else None
        if verb in ("GET", "DELETE"):
            path, body = path + query(told), None
        else:
            body = told
        answer = self._wire.send(verb, path, body, key, timeout=more.get("timeout"))
        if answer.status >= 300:
            raise answer.problem(key)
        return answer, key

    def _call(self, verb: str, path: str, takes: type, more: Mapping[str, Any], change: bool = True, **told: Any) -> Reply:
        given = {**self._who, **told, **_given(more, takes)}
        answer, _ = self._json(verb, path, given, more, change)
        return Reply.of(answer.json(), answer.headers.get("x-request-id"), "idempotency-replayed" in answer.headers)

    def _document(self, path: str, timeout: Optional[float] = None) -> Answer:
        answer = self._wire.document(path, timeout)
        if answer.status != 200:
            raise answer.problem(None)
        return answer

    def _told(self, path: str, timeout: Optional[float]) -> dict[str, Any]:
        told = self._document(path, timeout).json()
        if not isinstance(told, dict):
            raise KeptError("the answer is no JSON object: is it kept that answers there?")
        return told

    def _app(self, app: Optional[str]) -> str:
        name = app if app is not None else self._who.get("app")
        if name is None:
            raise ValueError("say app, here or when the client is made: documents are of an app")
        return piece("app", name)

    def _pages(self, page: Callable[..., Reply], rows: str, more: Mapping[str, Any]) -> Iterator[Any]:
        """To what was there when the first page was asked for: each page is an entry of the ledger itself, and a trail that is
        read in small pages would never end."""
        told, began = dict(more), None
        while True:
            reply = page(**told)
            began = began or reply.entry
            for row in reply.report[rows]:
                if isinstance(row, Mapping) and row.get("entry") == began:
                    return
                yield row
            if reply.report.get("next") is None:
                return
            told["from_"] = reply.report["next"]

    # ---- people ----

    @_operation("post.subject.new", takes=m.NewSubject)
    def subject_new(self, **more: Unpack[m.NewSubject]) -> Reply:
        """A person appears: reply.subject is the id, to be kept by the app. With one value, of an item with a look-up token:
        whoever is found by it, if the token may find people, and somebody new only where there is nobody."""
        if more.get("values") is not None:
            more["values"] = _values(more["values"])
        return self._call("POST", "/v1/subjects", m.NewSubject, more)

    @_operation("get.subject.list", takes=m.Subjects)
    def subject_list(self, **more: Unpack[m.Subjects]) -> Reply:
        """A page of the ids of people who are not erased: report["subjects"], and report["next"] when there are more."""
        return self._call("GET", "/v1/subjects", m.Subjects, more, change=False)

    def subjects(self, **more: Unpack[m.Subjects]) -> Iterator[str]:
        """The ids of all of them, page by page of limit."""
        return self._pages(self.subject_list, "subjects", more)

    @_operation("post.subject.find", takes=m.Call)
    def subject_find(self, values: m.Values, **more: Unpack[m.Call]) -> Reply:
        """Find a person by the value of an item with a look-up token: reply.subject. 404: there is nobody; denied with
        NOT_SEARCHABLE: the item has no token."""
        return self._call("POST", "/v1/subjects/find", m.Call, more, change=False, values=_values(values))

    @_operation("get.subject.show", takes=m.Call)
    def subject_show(self, subject: str, **more: Unpack[m.Call]) -> Reply:
        """What is known of a person's context: consents, permissions, facts; no values. Works when they are erased."""
        return self._call("GET", f"/v1/subjects/{piece('subject', subject)}", m.Call, more, change=False)

    @_operation("patch.subject.set", takes=m.SetSubject)
    def subject_set(self, subject: str, **more: Unpack[m.SetSubject]) -> Reply:
        """Set birth date or region: age bands and regions of the policy go by them. Denied with LOCKED: what was verified is
        not changed by the app. Clauses: S0-8.1."""
        return self._call("PATCH", f"/v1/subjects/{piece('subject', subject)}", m.SetSubject, more)

    @_operation("delete.erase.subject", takes=m.Because)
    def erase_subject(self, subject: str, **more: Unpack[m.Because]) -> Reply:
        """Erase the person: their keys are destroyed, at once, and what was read before the reply is the last. report is the
        certificate: when, and from which date no backup opens anything of them either. 410: they are erased already. because
        stands in the address, which proxies write down: a code, no sentence about anybody. Clauses: S0-13.1, S2-5.3y."""
        return self._call("DELETE", f"/v1/subjects/{piece('subject', subject)}", m.Because, more)

    # ---- what they agreed to ----

    @_operation("post.consent.acknowledge", takes=m.Acknowledge)
    def consent_acknowledge(self, subject: str, **more: Unpack[m.Acknowledge]) -> Reply:
        """The privacy notice (Client.policy) was seen, in this language. Before that everything is denied with NO_NOTICE.
        Clauses: S0-0.1, S0-0.3."""
        return self._call("POST", f"/v1/subjects/{piece('subject', subject)}/acknowledgements", m.Acknowledge, more)

    @_operation("post.consent.grant", takes=m.Grant)
    def consent_grant(self, subject: str, **more: Unpack[m.Grant]) -> Reply:
        """The person agrees to a function, purpose, item or recipient, and to nothing else. Denied with NO_NOTICE: show the
        notice first; with NEEDS_GUARDIAN: guardian_add, then kind="guardian". Clauses: S0-3.6, S0-4.1, S0-8.1."""
        return self._call("POST", f"/v1/subjects/{piece('subject', subject)}/consents", m.Grant, more)

    @_operation("post.consent.refuse", takes=m.Refuse)
    def consent_refuse(self, subject: str, **more: Unpack[m.Refuse]) -> Reply:
        """The person was asked and refused; with no scope, the whole policy. Clauses: S0-0.2."""
        return self._call("POST", f"/v1/subjects/{piece('subject', subject)}/refusals", m.Refuse, more)

    @_operation("post.consent.withdraw", takes=m.Withdraw)
    def consent_withdraw(self, subject: str, **more: Unpack[m.Withdraw]) -> Reply:
        """The person withdraws: after the reply nothing that it forbids is given out.
        report: what stops, what was deleted, what stays and why, whom to tell. Clauses: S0-3.7, S1-5.11."""
        return self._call("POST", f"/v1/subjects/{piece('subject', subject)}/withdrawals", m.Withdraw, more)

    @_operation("put.permission.set", takes=m.Change)
    def permission_set(self, subject: str, permission: str, on: bool, **more: Unpack[m.Change]) -> Reply:
        """A system permission went on or off, on the person's device; off to begin with. Clauses: S0-3.5."""
        path = f"/v1/subjects/{piece('subject', subject)}/permissions/{piece('permission', permission)}"
        return self._call("PUT", path, m.Change, more, on=on)

    @_operation("post.guardian.add", takes=m.Guardian)
    def guardian_add(self, subject: str, relation: str, method: str, **more: Unpack[m.Guardian]) -> Reply:
        """Who speaks for a minor, and agrees in general: person or contact says who, relation and method (how that was
        verified) are names of the policy. Clauses: S0-8.1."""
        return self._call("POST", f"/v1/subjects/{piece('subject', subject)}/guardians", m.Guardian, more, relation=relation,
                          method=method)

    @_operation("delete.guardian.revoke", takes=m.Change)
    def guardian_revoke(self, subject: str, guardian: int, **more: Unpack[m.Change]) -> Reply:
        """A guardian, by their number, speaks no more, at once; no backup undoes it."""
        path = f"/v1/subjects/{piece('subject', subject)}/guardians/{piece('guardian', guardian)}"
        return self._call("DELETE", path, m.Change, more)

    # ---- minors ----

    @_operation("post.minor.report", takes=m.Minor)
    def minor_report(self, subject: str, because: str, **more: Unpack[m.Minor]) -> Reply:
        """Somebody seems to be a child: restricted until it is settled, where the policy says so; nothing is deleted by a
        report alone (docs/minors.md). Clauses: S1-0.6, S1-0.7."""
        return self._call("POST", f"/v1/subjects/{piece('subject', subject)}/minor", m.Minor, more, because=because)

    @_operation("put.minor.settle", takes=m.Minor)
    def minor_settle(self, subject: str, child: bool, because: str, **more: Unpack[m.Minor]) -> Reply:
        """child: found to be one; the data is deleted by the next upkeep, as the policy says, and report["erase_by"] says by
        when at the latest. Not: of age, and the restriction is lifted. Clauses: S1-0.7, S1-0.8, S4-14.4."""
        return self._call("PUT", f"/v1/subjects/{piece('subject', subject)}/minor", m.Minor, more, child=child, because=because)

    # ---- accounts ----

    @_operation("post.account.begin", takes=m.BeginAccount)
    def account_begin(self, values: Optional[m.Values] = None, **more: Unpack[m.BeginAccount]) -> Reply:
        """Send a code to a phone number or mail address; an empty value is what the person has on file. The answer tells
        nobody who is registered. Denied with TOO_OFTEN: floods stop (docs/accounts.md). With recipient, a provider, and no
        values: report["nonce"] is for a login there."""
        told: dict[str, Any] = {} if values is None else {"values": _values(values)}
        return self._call("POST", "/v1/accounts/begin", m.BeginAccount, more, **told)

    @_operation("post.account.prove", takes=m.ProveAccount)
    def account_prove(self, **more: Unpack[m.ProveAccount]) -> Reply:
        """Give the code back: the person, or else who has that address, has shown who they are. Staff name a document
        instead. With session, report["session"]["token"] is the person's own credential, for a day."""
        if more.get("values") is not None:
            more["values"] = _values(more["values"])
        return self._call("POST", "/v1/accounts/prove", m.ProveAccount, more)

    @_operation("put.account.bind", takes=m.BindAccount)
    def account_bind(self, subject: str, recipient: str, id_token: str, **more: Unpack[m.BindAccount]) -> Reply:
        """The person's account at a provider, a recipient of the policy, becomes a way to log in here: the id_token it gave,
        to the nonce that account_begin gave for this person. Needs a function, and the consents that the policy asks for.
        Denied with ID_TOKEN, or BOUND: it is somebody else's here. Clauses: S4-1.9."""
        path = f"/v1/subjects/{piece('subject', subject)}/bindings/{piece('recipient', recipient)}"
        return self._call("PUT", path, m.BindAccount, more, id_token=id_token)

    @_operation("delete.account.unbind", takes=m.Because)
    def account_unbind(self, subject: str, recipient: str, **more: Unpack[m.Because]) -> Reply:
        """It is none any more: report["leave"] says where it ends there, too. Denied with ONLY_WAY. Clauses: S4-5.12."""
        path = f"/v1/subjects/{piece('subject', subject)}/bindings/{piece('recipient', recipient)}"
        return self._call("DELETE", path, m.Because, more)

    @_operation("put.provider.add", takes=m.Change)
    def provider_add(self, recipient: str, values: m.Values, **more: Unpack[m.Change]) -> Reply:
        """People may log in by a provider: one item that it gives, with issuer, client_id, leave and jwks as JSON text. For a
        caller whose operations name it (docs/accounts.md)."""
        return self._call("PUT", f"/v1/providers/{piece('recipient', recipient)}", m.Change, more, values=_values(values))

    @_operation("delete.provider.remove", takes=m.Change)
    def provider_remove(self, recipient: str, **more: Unpack[m.Change]) -> Reply:
        """Nobody logs in by a provider any more."""
        return self._call("DELETE", f"/v1/providers/{piece('recipient', recipient)}", m.Change, more)

    @_operation("get.provider.list", takes=m.Call)
    def provider_list(self, **more: Unpack[m.Call]) -> Reply:
        """By whom people may log in, and which keys sign for them: report."""
        return self._call("GET", "/v1/providers", m.Call, more, change=False)

    @_operation("post.account.leave", takes=m.LeaveAccount)
    def account_leave(self, **more: Unpack[m.LeaveAccount]) -> Reply:
        """The session in which it is asked ends; with all, and for any other caller (subject_id), every session of the
        person, and what they have shown counts no more."""
        return self._call("POST", "/v1/accounts/leave", m.LeaveAccount, more)

    @_operation("post.session.open", takes=m.OpenSession)
    def session_open(self, caller: str, password: str, code: str, **more: Unpack[m.OpenSession]) -> Reply:
        """A member of staff shows who they are: report["token"] is their credential, and their session of before is over.
        Denied with LOGIN or TOO_OFTEN, whoever is named (docs/staff.md)."""
        return self._call("POST", "/v1/sessions", m.OpenSession, more, caller=caller, password=password, code=code)

    @_operation("delete.session.close", takes=m.Change)
    def session_close(self, **more: Unpack[m.Change]) -> Reply:
        """The session of staff in which it is asked ends."""
        return self._call("DELETE", "/v1/sessions", m.Change, more)

    @_operation("get.account.show", takes=m.Call)
    def account_show(self, subject: str, **more: Unpack[m.Call]) -> Reply:
        """How somebody's account stands (visitor, pending, active), and how sure we are of them now: report."""
        return self._call("GET", f"/v1/subjects/{piece('subject', subject)}/account", m.Call, more, change=False)

    @_operation("post.log.take", takes=m.Change)
    def log_take(self, log: str, lines: str, **more: Unpack[m.Change]) -> Reply:
        """Lines of a log of the policy, at most 1 MiB of them: report has numbers (kept, bad, dropped, redacted)."""
        return self._call("POST", f"/v1/logs/{piece('log', log)}", m.Change, more, values={"lines": lines})

    @_operation("get.log.read", takes=m.ReadLog)
    def log_read(self, log: str, purpose: str, **more: Unpack[m.ReadLog]) -> Reply:
        """A page of the lines of a log, for a purpose of it: report; at: taken since then, from: what the page before says is next."""
        return self._call("GET", f"/v1/logs/{piece('log', log)}", m.ReadLog, more, change=False, purpose=purpose)

    @_operation("get.order.list", takes=m.Call)
    def order_list(self, **more: Unpack[m.Call]) -> Reply:
        """Orders to other systems that are open: report. A caller that may acknowledge sees its own."""
        return self._call("GET", "/v1/orders", m.Call, more, change=False)

    @_operation("post.order.done", takes=m.OrderDone)
    def order_done(self, order: str, **more: Unpack[m.OrderDone]) -> Reply:
        """A system has carried out an order; receipt: what it notes of it. Twice is once."""
        return self._call("POST", f"/v1/orders/{piece('order', order)}/done", m.OrderDone, more)

    @_operation("post.order.show", takes=m.Change)
    def order_show(self, ticket: str, **more: Unpack[m.Change]) -> Reply:
        """A system shows the ticket of a use of what it holds: report says for which reference, item and purpose it is allowed."""
        return self._call("POST", "/v1/tickets/show", m.Change, more, ticket=ticket)

    @_operation("get.post.take", takes=m.TakePost)
    def post_take(self, **more: Unpack[m.TakePost]) -> Reply:
        """Messages and orders that are due, for a sender: report; they are due again, a while later, until post_tell says what became of
        them."""
        return self._call("GET", "/v1/post", m.TakePost, more, change=False)

    @_operation("post.post.tell", takes=m.Change)
    def post_tell(self, message: str, became: str, **more: Unpack[m.Change]) -> Reply:
        """What became of a message: "sent", or "refused", with the receipt behind it."""
        return self._call("POST", f"/v1/post/{piece('message', message)}", m.Change, more, became=became)

    # ---- values ----

    @_operation("post.collect", takes=m.Collect)
    def collect(self, subject: str, values: m.Values, **more: Unpack[m.Collect]) -> Reply:
        """Values come in, for a function. Those that the policy does not allow are in reply.denied and are not stored, and
        reply.stripped counts what it does not declare; Denied only when nothing was taken. Clauses: S0-0.1, S0-1.1, S0-0.6."""
        return self._call("POST", f"/v1/subjects/{piece('subject', subject)}/values", m.Collect, more, values=_values(values))

    @_operation("patch.collect", takes=m.Collect)
    def correct(self, subject: str, values: m.Values, **more: Unpack[m.Collect]) -> Reply:
        """Correct: as collect, and the values come in place of the former ones. To an item that the policy gives several values
        one is added: erase_record the former. Clauses: S1-5.3."""
        return self._call("PATCH", f"/v1/subjects/{piece('subject', subject)}/values", m.Collect, more, values=_values(values))

    @_operation("get.use", "post.use", takes=m.Use)
    def use(self, subject: str, items: Sequence[str], **more: Unpack[m.Use]) -> Reply:
        """Values go to a role for a purpose: reply.value(item), masked where the role sees no more; what is refused is in
        reply.denied. Denied only when nothing is given out (404 NO_VALUE: nothing is held; 410 ERASED). With because it is
        asked by POST: addresses are written down. Clauses: S0-0.6, S0-1.2, S1-1.25, S1-4.13."""
        path = f"/v1/subjects/{piece('subject', subject)}"
        wanted = _items(items)
        if more.get("because") is not None or len(wanted) > MANY_ITEMS:
            return self._call("POST", f"{path}/use", m.Use, more, change=False, items=wanted)
        return self._call("GET", f"{path}/values", m.Use, more, change=False, items=wanted)

    @_operation("delete.erase.record", takes=m.EraseRecord)
    def erase_record(self, subject: str, item: str, **more: Unpack[m.EraseRecord]) -> Reply:
        """Delete one item's records, or one of them. Denied with KEPT_BY_LAW: the answer says until when. For because, see
        erase_subject. Clauses: S0-6.4, S1-4.6."""
        path = f"/v1/subjects/{piece('subject', subject)}/values/{piece('item', item)}"
        return self._call("DELETE", path, m.EraseRecord, more)

    @_operation("post.contacts", takes=m.Contacts)
    def contacts(self, subject: str, values: m.Values, purpose: str, **more: Unpack[m.Contacts]) -> Reply:
        """Which contacts of an address book are members who may be found, without learning of the others: blinded on the
        device first (kept_contact_blind of kept.h), each as bytes of the book's item; then finished there."""
        path = f"/v1/subjects/{piece('subject', subject)}/contacts"
        return self._call("POST", path, m.Contacts, more, values=_values(values), purpose=purpose)

    @_operation("post.disclose", takes=m.Disclose)
    def disclose(self, subject: str, recipient: str, items: Sequence[str], **more: Unpack[m.Disclose]) -> Reply:
        """May this recipient have it: a decision that stands in the ledger, each item with its verdict; kept sends nothing.
        Denied with NEEDS_SEPARATE_CONSENT, RECIPIENT, AGREEMENT_EXPIRED and others. Clauses: S0-4.1, S0-4.2, S0-4.8."""
        path = f"/v1/subjects/{piece('subject', subject)}/disclosures"
        return self._call("POST", path, m.Disclose, more, recipient=recipient, items=_items(items))

    # ---- approval by two ----

    @_operation("post.approval.ask", takes=m.AskApproval)
    def approval_ask(self, subject: str, items: Sequence[str], purpose: str, because: str,
                     **more: Unpack[m.AskApproval]) -> Reply:
        """Ask that another member of staff approve of exactly this, where the policy says that two must have looked:
        report["approval"] is its number. Clauses: S0-5.6."""
        path = f"/v1/subjects/{piece('subject', subject)}/approvals"
        return self._call("POST", path, m.AskApproval, more, items=_items(items), purpose=purpose, because=because)

    @_operation("post.approval.grant", takes=m.GrantApproval)
    def approval_grant(self, subject: str, approval: int, **more: Unpack[m.GrantApproval]) -> Reply:
        """It is approved: all of it, or items; never what one asked for oneself. Clauses: S0-5.6."""
        path = f"/v1/subjects/{piece('subject', subject)}/approvals/{piece('approval', approval)}/grant"
        return self._call("POST", path, m.GrantApproval, more)

    @_operation("post.approval.refuse", takes=m.Because)
    def approval_refuse(self, subject: str, approval: int, **more: Unpack[m.Because]) -> Reply:
        """It is not approved, or not any more, at once. Clauses: S0-5.6."""
        path = f"/v1/subjects/{piece('subject', subject)}/approvals/{piece('approval', approval)}/refusal"
        return self._call("POST", path, m.Because, more)

    @_operation("get.approval.list", takes=m.Call)
    def approval_list(self, **more: Unpack[m.Call]) -> Reply:
        """What waits for approval, and what became of it, until it is over: report["approvals"]."""
        return self._call("GET", "/v1/approvals", m.Call, more, change=False)

    # ---- what was done, and why ----

    @_operation("get.why", takes=m.Why)
    def why(self, subject: str, **more: Unpack[m.Why]) -> Reply:
        """Why an item may or may not be used, rule by rule; what an erasure became. A no is an answer here, no exception."""
        return self._call("GET", f"/v1/subjects/{piece('subject', subject)}/why", m.Why, more, change=False)

    @_operation("get.trail", takes=m.Trail)
    def trail(self, subject: str, **more: Unpack[m.Trail]) -> Reply:
        """A page of who read what of a person, when and why: report["entries"], and report["next"] when there is more.
        Clauses: S1-4.13."""
        return self._call("GET", f"/v1/subjects/{piece('subject', subject)}/trail", m.Trail, more, change=False)

    def trail_entries(self, subject: str, **more: Unpack[m.Trail]) -> Iterator[Mapping[str, Any]]:
        """All of its entries up to now, page by page of limit."""
        return self._pages(lambda **told: self.trail(subject, **told), "entries", more)

    @_operation("get.audit", takes=m.Trail)
    def audit(self, of: str, **more: Unpack[m.Trail]) -> Reply:
        """A page of what one actor did; for roles that may audit. Clauses: S0-7.2, S1-4.13."""
        return self._call("GET", "/v1/audit", m.Trail, more, change=False, of=of)

    def audit_entries(self, of: str, **more: Unpack[m.Trail]) -> Iterator[Mapping[str, Any]]:
        """All of its entries up to now, page by page of limit."""
        return self._pages(lambda **told: self.audit(of, **told), "entries", more)

    # ---- policies ----

    @_operation("post.policy.publish", takes=m.Publish)
    def policy_publish(self, policy: str, **more: Unpack[m.Publish]) -> Reply:
        """A version of the policy, the file as text, takes effect, at an instant. 422: it has mistakes, detail names the
        first. Clauses: S1-6.2, S1-6.4."""
        return self._call("POST", "/v1/policies", m.Publish, more, policy=policy)

    @_operation("get.policy.show", takes=m.Call)
    def policy_show(self, **more: Unpack[m.Call]) -> Reply:
        """The versions there are, and what governs now: report["versions"]."""
        return self._call("GET", "/v1/policies", m.Call, more, change=False)

    @_operation("get.policies")
    def policies(self, *, app: Optional[str] = None, timeout: Optional[float] = None) -> Mapping[str, Any]:
        """The versions of an app's policy; public. 404: there is no such app."""
        return self._told(f"/v1/policies/{self._app(app)}", timeout)

    @_operation("get.policy")
    def policy(self, version: Union[int, str] = "current", *, as_: Optional[str] = None, in_: Optional[str] = None,
               app: Optional[str] = None, timeout: Optional[float] = None) -> str:
        """A version of the policy as text; public, and not sent again while it is the same. as_: notice (HTML for people; where
        nothing is said), text, json, yaml (the file), collected, recipients, summary, ropa-json, ropa-csv or dpv; in_: a
        language (BCP 47), that of authority where nothing is said. Clauses: S0-0.1."""
        told = {k: v for k, v in (("as", as_), ("in", in_)) if v is not None}
        path = f"/v1/policies/{self._app(app)}/{piece('version', version)}"
        return self._document(path + query(told), timeout).body.decode()

    # ---- the ledger ----

    @_operation("get.checkpoint")
    def ledger_checkpoint(self, *, app: Optional[str] = None, timeout: Optional[float] = None) -> str:
        """The newest signed checkpoint (C2SP signed note); public."""
        return self._document(f"/v1/ledger/{self._app(app)}/checkpoint", timeout).body.decode()

    @_operation("get.tile")
    def ledger_tile(self, tile: str, *, app: Optional[str] = None, timeout: Optional[float] = None) -> bytes:
        """A hash tile, by level and number as C2SP tlog-tiles writes them ("0/000", "0/000.p/17"); public. 404: the tree has
        no such tile, or not yet."""
        return self._document(f"/v1/ledger/{self._app(app)}/tile/{piece('tile', tile, safe='/')}", timeout).body

    @_operation("get.proof")
    def ledger_proof(self, entry: str, *, app: Optional[str] = None, timeout: Optional[float] = None) -> str:
        """Proof that an entry (reply.entry) stands in the ledger (C2SP tlog-proof); public."""
        return self._document(f"/v1/ledger/{self._app(app)}/proof/{piece('entry', entry)}", timeout).body.decode()

    @_operation("get.entries")
    def ledger_entries(self, tile: str, *, app: Optional[str] = None, timeout: Optional[float] = None) -> bytes:
        """A bundle of sealed entries ("000", "000.p/17"); for callers in a role that may audit."""
        path = f"/v1/ledger/{self._app(app)}/entries/{piece('tile', tile, safe='/')}"
        answer = self._wire.send("GET", path, timeout=timeout)
        if answer.status != 200:
            raise answer.problem(None)
        return answer.body

    # ---- the service ----

    @_operation("post.service.cease", takes=m.Because)
    def service_cease(self, **more: Unpack[m.Because]) -> Reply:
        """The service ends, for good: nothing more is collected, everything is denied with CEASED; only for a token that was
        made for it."""
        return self._call("POST", "/v1/service/cease", m.Because, more)

    @_operation("get.caller.review", takes=m.Call)
    def caller_review(self, **more: Unpack[m.Call]) -> Reply:
        """Everyone who can see clear values: roles, items, callers; only for a token that was made for it."""
        return self._call("GET", "/v1/access", m.Call, more, change=False)

    @_operation("get.caller.list", takes=m.Call)
    def caller_list(self, **more: Unpack[m.Call]) -> Reply:
        """Who may ask the service, and who could: report["callers"], no tokens; only for a token that was made for it."""
        return self._call("GET", "/v1/callers", m.Call, more, change=False)

    @_operation("delete.caller.revoke", takes=m.Because)
    def caller_revoke(self, caller: str, **more: Unpack[m.Because]) -> Reply:
        """From the next request on nobody is that caller any more; they are added on the machine, by kept caller add. Only
        for a token that was made for it."""
        return self._call("DELETE", f"/v1/callers/{piece('caller', caller)}", m.Because, more)

    @_operation("put.staff.attest", takes=m.Attest)
    def staff_attest(self, caller: str, attestation: str, on: bool, **more: Unpack[m.Attest]) -> Reply:
        """A member of staff has signed, was vetted or trained (confidentiality, vetting, training), as evidence shows, until
        expires; with on False it is taken back, at once. Nobody says it of themselves. Clauses: S1-4.12, S1-4.14."""
        path = f"/v1/callers/{piece('caller', caller)}/attestations/{piece('attestation', attestation)}"
        return self._call("PUT", path, m.Attest, more, on=on)

    @_operation("get.stat", takes=m.Call)
    def stat(self, **more: Unpack[m.Call]) -> Reply:
        """Numbers: report."""
        return self._call("GET", "/v1/stat", m.Call, more, change=False)

    @_operation("post.batch")
    def batch(self, operations: Sequence[Mapping[str, Any]], *, idempotency_key: Optional[str] = None,
              timeout: Optional[float] = None) -> list[Union[Reply, Problem]]:
        """At most 256 operations, in their order; neighbours that change something share a commit. Each is its "op" ("use",
        "consent.grant", as docs/openapi.json ends its operationIds) and its members: {"op": "use", "subject": ..., "items":
        ..., "purpose": ...}. Each has its own Reply or, returned and not raised, its own Problem."""
        told = [self._one_of_many(o) for o in operations]
        change = any(o.get("op") not in READS for o in operations)
        answer, key = self._json("POST", "/v1/batch", {"operations": told},
                                 {"idempotency_key": idempotency_key, "timeout": timeout}, change)
        return [Problem.of(r["status"], r["reply"], key) if r["status"] >= 300 else Reply.of(r["reply"])
                for r in answer.json()["replies"]]

    def _one_of_many(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        told = {**self._who, **{k: _member(k, v) for k, v in operation.items() if v is not None}}
        return {**told, "values": _values(told["values"])} if "values" in told else told

    @_operation("get.problems")
    def problems(self, *, timeout: Optional[float] = None) -> list[Mapping[str, Any]]:
        """Every reason there is: its name, what it means, and what helps."""
        problems: list[Mapping[str, Any]] = self._told("/v1/problems", timeout)["problems"]
        return problems

    @_operation("get.openapi.json")
    def openapi(self, *, timeout: Optional[float] = None) -> Mapping[str, Any]:
        """The description of the API (OpenAPI 3.1), of this very server."""
        return self._told("/v1/openapi.json", timeout)

    @_operation("get.healthz")
    def health(self, *, timeout: Optional[float] = None) -> bool:
        """A worker lives."""
        return self._told("/healthz", timeout).get("alive") is True

    @_operation("get.ready")
    def ready(self, *, timeout: Optional[float] = None) -> bool:
        """The holder of keys answers, and takes work. False, and no exception, when it does not, after the usual repeats."""
        try:
            return bool(self._told("/readyz", timeout).get("status") == "ready")
        except KeptError:
            return False

    @_operation("get.metrics")
    def metrics(self, *, timeout: Optional[float] = None) -> str:
        """Numbers for Prometheus, as its text."""
        return self._document("/metrics", timeout).body.decode()
