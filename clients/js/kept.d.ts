// kept.d.ts - what the client takes and gives. Names of items, functions, purposes, recipients and roles are the policy's;
// members have the names of the API (docs/api.md). tests/clients holds this against docs/openapi.json.

/** Text stays text; bytes (Uint8Array) are for what is no text. No numbers. */
export type Value = string | Uint8Array;
export type Values = Readonly<Record<string, Value | readonly Value[]>>;
/** RFC 3339, or a Date. */
export type Time = string | Date;
export type Decision = 'allow' | 'mask' | 'deny';

/** One item's verdict. Times are RFC 3339 texts. Printed, it does not show its value. */
export class Field {
    readonly item: string;
    readonly record?: number;
    /** mask: value is the masked form. */
    readonly decision: Decision;
    readonly reason?: string;
    readonly means?: string;
    readonly remedy?: string;
    readonly clause?: string;
    /** Of the policy file. */
    readonly line?: number;
    readonly value?: Value;
    /** Of a denial: its function is only observed yet (enforce: observe). */
    readonly observed?: boolean;
    readonly source?: string;
    readonly collected?: string;
    readonly until?: string;
}

/** Yes, or yes in part: what was refused of it is in denied. Printed, it shows no values; JSON.stringify has them. */
export class Reply {
    readonly operation: string;
    /** The best verdict of its fields. */
    readonly decision: Decision;
    readonly reason?: string;
    readonly means?: string;
    readonly clause?: string;
    readonly line?: number;
    readonly subject?: string;
    readonly version?: number;
    readonly policy_version?: number;
    readonly at?: string;
    /** Id of its entry in the ledger: ledgerProof proves that it stands there. */
    readonly entry?: string;
    readonly leaf?: string;
    /** All that is denied here is only observed yet: the app may go on by itself. Nothing of it was stored or given out. */
    readonly observed: boolean;
    /** How many values were dropped because the policy does not declare them. */
    readonly stripped: number;
    readonly in_part: boolean;
    readonly fields: readonly Field[];
    /** What the operation tells: a trail, a certificate, numbers. */
    readonly report: Readonly<Record<string, any>>;
    /** X-Request-Id, to quote to whoever operates the server. */
    readonly request?: string;
    /** The answer of before: the request had come already. */
    readonly replayed: boolean;
    /** The fields that were refused, each with its reason, clause and remedy. */
    readonly denied: readonly Field[];
    /** All values of an item that were given out, masked ones among them. */
    values(item: string): Value[];
    /** The first of them. */
    value(item: string): Value | undefined;
}

/** What any call may throw, beside TypeError before anything is sent, and the reason of a signal that was aborted. */
export class KeptError extends Error {}

/** No answer: the connection was lost, or the time was over. Whether it was done is not known; the same call with this
 * idempotencyKey does it once, within an hour (docs/api.md). */
export class Unreachable extends KeptError {
    readonly idempotencyKey?: string;
}

/** An answer of 4xx or 5xx: a problem document (RFC 9457), which says nothing of anybody. */
export class Problem extends KeptError {
    readonly status: number;
    readonly type?: string;
    readonly title?: string;
    readonly detail?: string;
    readonly reason?: string;
    readonly means?: string;
    readonly remedy?: string;
    readonly clause?: string;
    readonly line?: number;
    readonly policy_version?: number;
    readonly operation?: string;
    readonly entry?: string;
    readonly request?: string;
    readonly fields: readonly Field[];
    readonly idempotencyKey?: string;
}

/** The policy, or what the token was made for, says no: reason, clause and line say why, remedy what helps; it stands in the
 * ledger under entry. */
export class Denied extends Problem {}

/** One entry of a trail or an audit. */
export interface Entry {
    readonly index: number;
    readonly entry: string;
    readonly at: string;
    readonly operation: string;
    readonly decision: Decision;
    readonly [more: string]: any;
}

/** Who asks, of one request. */
export interface Who {
    /** Name of the app, where the caller may speak for several; all three are the client's where nothing is said. */
    app?: string;
    /** Who asks, for the ledger; at most 64 bytes. */
    actor?: string;
    /** In which role of the policy: one that the token has; the first of them where none is named. */
    role?: string;
}
export interface Call extends Who {
    /** Milliseconds for the whole call, repeats included; the client's where nothing is said. */
    timeout?: number;
    signal?: AbortSignal;
}
export interface Change extends Call {
    /** With the same key and body nothing is done twice within an hour. Made anew for each call where none is given. */
    idempotencyKey?: string;
}
export interface Facts {
    function?: string;
    purpose?: string;
    /** Which launch of the app. */
    launch?: number;
    /** The function is open in front of the person. */
    in_use?: boolean;
    /** The person's own action caused this. */
    user_action?: boolean;
    /** Caused by no one's action. */
    background?: boolean;
    /** Code of an exemption of the policy; needs because. */
    exemption?: string;
    /** Justification, for the ledger. */
    because?: string;
    os?: string;
    os_version?: string;
    app_version?: string;
    /** What kind of screen it has: phone, tablet, watch, pc, tv, vr, car, web, cinema. */
    surface?: string;
}
export interface Scope {
    function?: string;
    purpose?: string;
    recipient?: string;
    item?: string;
}
export interface Shown {
    /** Version that was shown; none: the one in force. */
    policy_version?: number;
    /** Of the text that was shown (BCP 47). */
    language?: string;
}
export interface Paper {
    /** Where the signed document is kept. */
    evidence?: string;
    evidence_sha256?: string;
    signed?: Time;
}
export interface Legacy {
    /** Given before kept was there; needs evidence. */
    legacy?: boolean;
    /** SHA-256 of the text that was shown then. */
    text_sha256?: string;
}
export interface Voice {
    by_guardian?: boolean;
    /** Number of the guardian who speaks; none: the only one. */
    guardian?: number;
}
export interface Page {
    /** Where the page begins: what the page before says is next. */
    from?: number;
    limit?: number;
}
export interface Newest {
    /** Newest first. */
    newest?: boolean;
}
export interface Person {
    birth_date?: string;
    /** Where the person is (ISO 3166). */
    region?: string;
}
export interface NewSubject extends Person, Change {
    /** One value: nobody new, where somebody is found by it. */
    values?: Values;
}
export interface SetSubject extends Person, Change {}
export interface Acknowledge extends Shown, Paper, Legacy, Change {
    /** going_on: the person goes on under this notice; use: by using, not asked; shown: shown, not answered yet. */
    how?: string;
}
export interface Grant extends Scope, Shown, Paper, Legacy, Change {
    /** explicit (where nothing is said), separate, written, guardian. */
    kind?: string;
    expires?: Time;
    guardian?: number;
}
export interface Refuse extends Scope, Shown, Voice, Change {}
export interface Withdraw extends Scope, Voice, Change {}
export interface Guardian extends Paper, Change {
    /** The guardian, when a person of the app. */
    person?: string;
    /** Who the guardian is, and how to reach them. */
    contact?: string;
    written?: boolean;
}
export interface Minor extends Change {
    /** The day of birth that was found. */
    birth_date?: string;
}
export interface Collect extends Facts, Change {}
export interface Use extends Facts, Call {}
export interface Disclose extends Facts, Change {
    region?: string;
}
export interface Contacts extends Change {
    function?: string;
    in_use?: boolean;
    user_action?: boolean;
    background?: boolean;
}
export interface Why extends Facts, Call {
    item?: string;
    recipient?: string;
    region?: string;
}
export interface EraseRecord extends Change {
    /** Which of several values; none: all. */
    record?: number;
    because?: string;
}
export interface Because extends Change {
    because?: string;
}
export interface Attest extends Paper, Change {
    expires?: Time;
}
export interface AskApproval extends Change {
    recipient?: string;
    exemption?: string;
    function?: string;
    /** An hour from now where nothing is said; at most 7 days. */
    expires?: Time;
}
export interface GrantApproval extends Change {
    /** These alone; none: all that was asked for. */
    items?: readonly string[];
    because?: string;
}
export interface Subjects extends Page, Call {}
export interface Trail extends Page, Newest, Call {}
export interface Publish extends Change {
    /** When it takes effect; none: the date that the policy names. */
    at?: Time;
}
export interface Address {
    /** The person whose address it is; none: whoever has it. */
    subject_id?: string;
    /** Where on the network the person asks from: counted against floods, never kept. */
    source?: string;
}
export interface BeginAccount extends Address, Change {
    function?: string;
    language?: string;
    /** voice: the code is spoken; none: sent as text. */
    channel?: string;
    /** A provider: the answer has a nonce for a login there. */
    recipient?: string;
}
export interface ProveAccount extends Address, Paper, Change {
    values?: Values;
    /** The code that came; good once. */
    code?: string;
    /** A provider, and what it said of them. */
    recipient?: string;
    id_token?: string;
    /** A session is wanted: its token is told this once. */
    session?: boolean;
}
export interface BindAccount extends Collect {
    source?: string;
}
export interface OpenSession extends Change {
    /** The one that holds from now on; beside the first one it is needed. */
    new_password?: string;
    source?: string;
}

export interface LeaveAccount extends Change {
    subject_id?: string;
    /** All sessions of the person, not only this one. */
    all?: boolean;
}
export interface ReadLog extends Call {
    /** Taken since then (RFC 3339). */
    at?: string;
    from?: number;
    limit?: number;
}

export interface OrderDone extends Change {
    /** What your system notes of it, for the ledger: no personal data. */
    receipt?: string;
}
export interface TakePost extends Call {
    limit?: number;
}

/** How a call is made. */
export interface Listening {
    /** Milliseconds for the whole call, repeats included. */
    timeout?: number;
    signal?: AbortSignal;
}
export interface OfApp extends Listening {
    /** Whose document; the client's app where nothing is said. */
    app?: string;
}
export interface Policy extends OfApp {
    as?: 'notice' | 'text' | 'json' | 'yaml' | 'collected' | 'recipients' | 'summary' | 'ropa-json' | 'ropa-csv' | 'dpv';
    in?: string;
}
export interface Batched extends Listening {
    idempotencyKey?: string;
}
/** One of many: its name, and the members it has. */
export interface Operation {
    op: string;
    subject?: string;
    values?: Values;
    readonly [member: string]: any;
}

export interface Options extends Who {
    /** Milliseconds for a call, its repeats included; 30000. */
    timeout?: number;
    /** How often a request is sent again; 3. */
    retries?: number;
    /** Another fetch. */
    fetch?: typeof fetch;
}

/** What an app, or somebody in a role, asks of kept.
 *
 * Each operation is decided by the policy in force, and stands in the ledger before it is answered. What is allowed, all of it
 * or in part, is a Reply. Every method may throw
 * - Denied: the policy, or what the token was made for, says no
 * - Problem: the request is not of its form (400), nobody is known by the token (401), there is no such thing (404), it does
 *   not fit the state (409), the person is erased (410), it is too large (413), a limit of the day (429), kept failed (500) or
 *   is behind (503)
 * - Unreachable: there was no answer, within retries and timeout
 * - TypeError: before anything is sent
 *
 * A request that changes something has an Idempotency-Key of its own. After 503 or a lost connection it is sent again, at most
 * retries times, with the same key, so that it is done once; what only reads has no key and is simply asked again. The server
 * remembers keys for an hour, in each of its workers: retries: 0 where several workers serve and once must be once. */
export class Client {
    /** url: http://HOST:PORT, https://HOST:PORT; beyond this machine only https: nothing else hides what is sent. token: of
     * `kept caller add`; none: only what is public. app, actor and role come of the token where they are not said. */
    constructor(url: string, token?: string, options?: Options);

    /** The same client speaking as somebody else; both share documents. */
    acting(who: Who): Client;

    /** A person appears: reply.subject is the id, to be kept by the app. With one value, of an item with a look-up token:
     * whoever is found by it, if the token may find people, and somebody new only where there is nobody.
     * @operation post.subject.new */
    subjectNew(more?: NewSubject): Promise<Reply>;

    /** A page of the ids of people who are not erased: report.subjects, and report.next when there are more.
     * @operation get.subject.list */
    subjectList(more?: Subjects): Promise<Reply>;

    /** The ids of all of them, page by page of limit. */
    subjects(more?: Subjects): AsyncGenerator<string, void, void>;

    /** Find a person by the value of an item with a look-up token: reply.subject. 404: there is nobody; denied with
     * NOT_SEARCHABLE: the item has no token.
     * @operation post.subject.find */
    subjectFind(values: Values, more?: Call): Promise<Reply>;

    /** What is known of a person's context: consents, permissions, facts; no values. Works when they are erased.
     * @operation get.subject.show */
    subjectShow(subject: string, more?: Call): Promise<Reply>;

    /** Set birth date or region: age bands and regions of the policy go by them. Denied with LOCKED: what was verified is not
     * changed by the app. Clauses: S0-8.1.
     * @operation patch.subject.set */
    subjectSet(subject: string, more?: SetSubject): Promise<Reply>;

    /** Erase the person: their keys are destroyed, at once, and what was read before the reply is the last. report is the
     * certificate: when, and from which date no backup opens anything of them either. 410: they are erased already. because
     * stands in the address, which proxies write down: a code, no sentence about anybody. Clauses: S0-13.1, S2-5.3y.
     * @operation delete.erase.subject */
    eraseSubject(subject: string, more?: Because): Promise<Reply>;

    /** The privacy notice (Client#policy) was seen, in this language. Before that everything is denied with NO_NOTICE.
     * Clauses: S0-0.1, S0-0.3.
     * @operation post.consent.acknowledge */
    consentAcknowledge(subject: string, more?: Acknowledge): Promise<Reply>;

    /** The person agrees to a function, purpose, item or recipient, and to nothing else. Denied with NO_NOTICE: show the
     * notice first; with NEEDS_GUARDIAN: guardianAdd, then kind="guardian". Clauses: S0-3.6, S0-4.1, S0-8.1.
     * @operation post.consent.grant */
    consentGrant(subject: string, more?: Grant): Promise<Reply>;

    /** The person was asked and refused; with no scope, the whole policy. Clauses: S0-0.2.
     * @operation post.consent.refuse */
    consentRefuse(subject: string, more?: Refuse): Promise<Reply>;

    /** The person withdraws: after the reply nothing that it forbids is given out. report: what stops, what was deleted, what
     * stays and why, whom to tell. Clauses: S0-3.7, S1-5.11.
     * @operation post.consent.withdraw */
    consentWithdraw(subject: string, more?: Withdraw): Promise<Reply>;

    /** A system permission went on or off, on the person's device; off to begin with. Clauses: S0-3.5.
     * @operation put.permission.set */
    permissionSet(subject: string, permission: string, on: boolean, more?: Change): Promise<Reply>;

    /** Who speaks for a minor, and agrees in general: person or contact says who, relation and method (how that was verified)
     * are names of the policy. Clauses: S0-8.1.
     * @operation post.guardian.add */
    guardianAdd(subject: string, relation: string, method: string, more?: Guardian): Promise<Reply>;

    /** A guardian, by their number, speaks no more, at once; no backup undoes it.
     * @operation delete.guardian.revoke */
    guardianRevoke(subject: string, guardian: number, more?: Change): Promise<Reply>;

    /** Somebody seems to be a child: restricted until it is settled, where the policy says so; nothing is deleted by a report
     * alone (docs/minors.md). Clauses: S1-0.6, S1-0.7.
     * @operation post.minor.report */
    minorReport(subject: string, because: string, more?: Minor): Promise<Reply>;

    /** child: found to be one; the data is deleted by the next upkeep, as the policy says, and report.erase_by says by when at
     * the latest. Not: of age, and the restriction is lifted. Clauses: S1-0.7, S1-0.8, S4-14.4.
     * @operation put.minor.settle */
    minorSettle(subject: string, child: boolean, because: string, more?: Minor): Promise<Reply>;

    /** Send a code to a phone number or mail address; an empty value is what the person has on file. The answer tells nobody
     * who is registered. Denied with TOO_OFTEN: floods stop (docs/accounts.md). With recipient, a provider, and no values:
     * report.nonce is for a login there.
     * @operation post.account.begin */
    accountBegin(values: Values | undefined, more?: BeginAccount): Promise<Reply>;

    /** Give the code back: the person, or else who has that address, has shown who they are. Staff name a document instead.
     * With session, report.session.token is the person's own credential, for a day.
     * @operation post.account.prove */
    accountProve(more?: ProveAccount): Promise<Reply>;

    /** The person's account at a provider, a recipient of the policy, becomes a way to log in here: the id_token it gave, to the
     * nonce that accountBegin gave for this person. Needs a function, and the consents that the policy asks for. Denied with
     * ID_TOKEN, or BOUND: it is somebody else's here. Clauses: S4-1.9.
     * @operation put.account.bind */
    accountBind(subject: string, recipient: string, id_token: string, more?: BindAccount): Promise<Reply>;

    /** It is none any more: report.leave says where it ends there, too. Denied with ONLY_WAY. Clauses: S4-5.12.
     * @operation delete.account.unbind */
    accountUnbind(subject: string, recipient: string, more?: Because): Promise<Reply>;

    /** People may log in by a provider: one item that it gives, with issuer, client_id, leave and jwks as JSON text. For a caller
     * whose operations name it (docs/accounts.md).
     * @operation put.provider.add */
    providerAdd(recipient: string, values: Values, more?: Change): Promise<Reply>;

    /** Nobody logs in by a provider any more.
     * @operation delete.provider.remove */
    providerRemove(recipient: string, more?: Change): Promise<Reply>;

    /** By whom people may log in, and which keys sign for them: report.
     * @operation get.provider.list */
    providerList(more?: Call): Promise<Reply>;

    /** The session in which it is asked ends; with all, and for any other caller (subject_id), every session of the person,
     * and what they have shown counts no more.
     * @operation post.account.leave */
    accountLeave(more?: LeaveAccount): Promise<Reply>;

    /** A member of staff shows who they are: report.token is their credential, and their session of before is over. Denied with
     * LOGIN or TOO_OFTEN, whoever is named (docs/staff.md).
     * @operation post.session.open */
    sessionOpen(caller: string, password: string, code: string, more?: OpenSession): Promise<Reply>;

    /** The session of staff in which it is asked ends.
     * @operation delete.session.close */
    sessionClose(more?: Change): Promise<Reply>;

    /** How somebody's account stands (visitor, pending, active), and how sure we are of them now: report.
     * @operation get.account.show */
    accountShow(subject: string, more?: Call): Promise<Reply>;

    /** Lines of a log of the policy, at most 1 MiB of them: report has numbers (kept, bad, dropped, redacted).
     * @operation post.log.take */
    logTake(log: string, lines: string, more?: Change): Promise<Reply>;

    /** A page of the lines of a log, for a purpose of it: report.
     * @operation get.log.read */
    logRead(log: string, purpose: string, more?: ReadLog): Promise<Reply>;

    /** Orders to other systems that are open: report. A caller that may acknowledge sees its own.
     * @operation get.order.list */
    orderList(more?: Call): Promise<Reply>;

    /** A system has carried out an order; receipt: what it notes of it. Twice is once.
     * @operation post.order.done */
    orderDone(order: string, more?: OrderDone): Promise<Reply>;

    /** A system shows the ticket of a use of what it holds: report says for which reference, item and purpose it is allowed.
     * @operation post.order.show */
    orderShow(ticket: string, more?: Change): Promise<Reply>;

    /** Messages and orders that are due, for a sender: report; they are due again, a while later, until postTell says what became of them.
     * @operation get.post.take */
    postTake(more?: TakePost): Promise<Reply>;

    /** What became of a message: "sent", or "refused", with the receipt behind it.
     * @operation post.post.tell */
    postTell(message: string, became: string, more?: Change): Promise<Reply>;

    /** Values come in, for a function. Those that the policy does not allow are in reply.denied and are not stored, and
     * reply.stripped counts what it does not declare; Denied only when nothing was taken. Clauses: S0-0.1, S0-1.1, S0-0.6.
     * @operation post.collect */
    collect(subject: string, values: Values, more?: Collect): Promise<Reply>;

    /** Correct: as collect, and the values come in place of the former ones. To an item that the policy gives several values
     * one is added: eraseRecord the former. Clauses: S1-5.3.
     * @operation patch.collect */
    correct(subject: string, values: Values, more?: Collect): Promise<Reply>;

    /** Values go to a role for a purpose: reply.value(item), masked where the role sees no more; what is refused is in
     * reply.denied. Denied only when nothing is given out (404 NO_VALUE: nothing is held; 410 ERASED). With because it is
     * asked by POST: addresses are written down. Clauses: S0-0.6, S0-1.2, S1-1.25, S1-4.13.
     * @operation get.use post.use */
    use(subject: string, items: readonly string[], more?: Use): Promise<Reply>;

    /** Delete one item's records, or one of them. Denied with KEPT_BY_LAW: the answer says until when. For because, see
     * eraseSubject. Clauses: S0-6.4, S1-4.6.
     * @operation delete.erase.record */
    eraseRecord(subject: string, item: string, more?: EraseRecord): Promise<Reply>;

    /** Which contacts of an address book are members who may be found, without learning of the others: blinded on the device
     * first (kept_contact_blind of kept.h), each as bytes of the book's item; then finished there.
     * @operation post.contacts */
    contacts(subject: string, values: Values, purpose: string, more?: Contacts): Promise<Reply>;

    /** May this recipient have it: a decision that stands in the ledger, each item with its verdict; kept sends nothing.
     * Denied with NEEDS_SEPARATE_CONSENT, RECIPIENT, AGREEMENT_EXPIRED and others. Clauses: S0-4.1, S0-4.2, S0-4.8.
     * @operation post.disclose */
    disclose(subject: string, recipient: string, items: readonly string[], more?: Disclose): Promise<Reply>;

    /** Ask that another member of staff approve of exactly this, where the policy says that two must have looked:
     * report.approval is its number. Clauses: S0-5.6.
     * @operation post.approval.ask */
    approvalAsk(subject: string, items: readonly string[], purpose: string, because: string, more?: AskApproval): Promise<Reply>;

    /** It is approved: all of it, or items; never what one asked for oneself. Clauses: S0-5.6.
     * @operation post.approval.grant */
    approvalGrant(subject: string, approval: number, more?: GrantApproval): Promise<Reply>;

    /** It is not approved, or not any more, at once. Clauses: S0-5.6.
     * @operation post.approval.refuse */
    approvalRefuse(subject: string, approval: number, more?: Because): Promise<Reply>;

    /** What waits for approval, and what became of it, until it is over: report.approvals.
     * @operation get.approval.list */
    approvalList(more?: Call): Promise<Reply>;

    /** Why an item may or may not be used, rule by rule; what an erasure became. A no is an answer here, no error.
     * @operation get.why */
    why(subject: string, more?: Why): Promise<Reply>;

    /** A page of who read what of a person, when and why: report.entries, and report.next when there is more. Clauses:
     * S1-4.13.
     * @operation get.trail */
    trail(subject: string, more?: Trail): Promise<Reply>;

    /** All of its entries up to now, page by page of limit. */
    trailEntries(subject: string, more?: Trail): AsyncGenerator<Entry, void, void>;

    /** A page of what one actor did; for roles that may audit. Clauses: S0-7.2, S1-4.13.
     * @operation get.audit */
    audit(of: string, more?: Trail): Promise<Reply>;

    /** All of its entries up to now, page by page of limit. */
    auditEntries(of: string, more?: Trail): AsyncGenerator<Entry, void, void>;

    /** A version of the policy, the file as text, takes effect, at an instant. 422: it has mistakes, detail names the first.
     * Clauses: S1-6.2, S1-6.4.
     * @operation post.policy.publish */
    policyPublish(policy: string, more?: Publish): Promise<Reply>;

    /** The versions there are, and what governs now: report.versions.
     * @operation get.policy.show */
    policyShow(more?: Call): Promise<Reply>;

    /** The versions of an app's policy; public. 404: there is no such app.
     * @operation get.policies */
    policies(more?: OfApp): Promise<Record<string, any>>;

    /** A version of the policy as text; public, and not sent again while it is the same. as: notice (HTML for people; where
     * nothing is said), text, json, yaml (the file), collected, recipients, summary, ropa-json, ropa-csv or dpv; in: a
     * language (BCP 47), that of authority where nothing is said. Clauses: S0-0.1.
     * @operation get.policy */
    policy(version?: number | string, more?: Policy): Promise<string>;

    /** The newest signed checkpoint (C2SP signed note); public.
     * @operation get.checkpoint */
    ledgerCheckpoint(more?: OfApp): Promise<string>;

    /** A hash tile, by level and number as C2SP tlog-tiles writes them ("0/000", "0/000.p/17"); public. 404: the tree has no
     * such tile, or not yet.
     * @operation get.tile */
    ledgerTile(tile: string, more?: OfApp): Promise<Uint8Array>;

    /** Proof that an entry (reply.entry) stands in the ledger (C2SP tlog-proof); public.
     * @operation get.proof */
    ledgerProof(entry: string, more?: OfApp): Promise<string>;

    /** A bundle of sealed entries ("000", "000.p/17"); for callers in a role that may audit.
     * @operation get.entries */
    ledgerEntries(tile: string, more?: OfApp): Promise<Uint8Array>;

    /** The service ends, for good: nothing more is collected, everything is denied with CEASED; only for a token that was
     * made for it.
     * @operation post.service.cease */
    serviceCease(more?: Because): Promise<Reply>;

    /** Everyone who can see clear values: roles, items, callers; only for a token that was made for it.
     * @operation get.caller.review */
    callerReview(more?: Call): Promise<Reply>;
    /** Who may ask the service, and who could: report.callers, no tokens; only for a token that was made for it.
     * @operation get.caller.list */
    callerList(more?: Call): Promise<Reply>;

    /** From the next request on nobody is that caller any more; they are added on the machine, by kept caller add. Only for a
     * token that was made for it.
     * @operation delete.caller.revoke */
    callerRevoke(caller: string, more?: Because): Promise<Reply>;

    /** A member of staff has signed, was vetted or trained, as evidence shows, until expires; on: false takes it back, at once.
     * Nobody says it of themselves. Clauses: S1-4.12, S1-4.14.
     * @operation put.staff.attest */
    staffAttest(caller: string, attestation: 'confidentiality' | 'vetting' | 'training', on: boolean, more?: Attest): Promise<Reply>;

    /** Numbers: report.
     * @operation get.stat */
    stat(more?: Call): Promise<Reply>;

    /** At most 256 operations, in their order; neighbours that change something share a commit. Each is its "op" ("use",
     * "consent.grant", as docs/openapi.json ends its operationIds) and its members: {"op": "use", "subject": ..., "items":
     * ..., "purpose": ...}. Each has its own Reply or, returned and not thrown, its own Problem.
     * @operation post.batch */
    batch(operations: readonly Operation[], more?: Batched): Promise<Array<Reply | Problem>>;

    /** Every reason there is: its name, what it means, and what helps.
     * @operation get.problems */
    problems(more?: Listening): Promise<Array<{ name: string; means: string; remedy?: string }>>;

    /** The description of the API (OpenAPI 3.1), of this very server.
     * @operation get.openapi.json */
    openapi(more?: Listening): Promise<Record<string, any>>;

    /** A worker lives.
     * @operation get.healthz */
    health(more?: Listening): Promise<boolean>;

    /** The holder of keys answers, and takes work. False, and no error, when it does not, after the usual repeats.
     * @operation get.ready */
    ready(more?: Listening): Promise<boolean>;

    /** Numbers for Prometheus, as its text.
     * @operation get.metrics */
    metrics(more?: Listening): Promise<string>;
}
