// kept.js - client of kept, a personal-data engine that makes a privacy policy true: a method for each operation of the HTTP
// API (docs/api.md, docs/openapi.json). Node 18 or later, and browsers; no dependencies. What each method does, and when it
// throws, stands in kept.d.ts.
import { Denied, Field, KeptError, Problem, Reply, Unreachable } from './answers.js';
import { makeKey, piece, query, Wire } from './wire.js';

export { Denied, Field, KeptError, Problem, Reply, Unreachable };

const MANY_ITEMS = 64; // more of them are asked for by POST: an address has its limit

// Operations that change nothing: no key is sent with them, so that no answer with values is remembered.
const READS = new Set(['subject.list', 'subject.find', 'subject.show', 'use', 'why', 'trail', 'audit', 'policy.show', 'stat', 'caller.list', 'caller.review', 'account.show', 'provider.list', 'approval.list']);

function toValue(item, value) {
    if (typeof value === 'string') return value;
    if (value instanceof Uint8Array) return { hex: Array.from(value, (b) => b.toString(16).padStart(2, '0')).join('') };
    if (Array.isArray(value)) return value.map((v) => toValue(item, v));
    throw new TypeError(`a value of ${item} is text or bytes, not ${value === null ? 'null' : typeof value}`);
}

function toValues(values) {
    if (values === null || typeof values !== 'object' || Array.isArray(values)) throw new TypeError('values are items and their values');
    return Object.fromEntries(Object.entries(values).map(([item, value]) => [item, toValue(item, value)]));
}

function toItems(items) {
    if (!Array.isArray(items)) throw new TypeError('items are several: put the one into an array');
    return items;
}

// The members of a request; what is said of the call itself is none of them.
function given({ timeout, signal, idempotencyKey, ...more }) {
    const all = Object.entries(more).filter(([, v]) => v !== undefined && v !== null);
    return Object.fromEntries(all.map(([k, v]) => [k, v instanceof Date ? v.toISOString() : v]));
}

export class Client {
    #wire;
    #who;

    constructor(url, token, options = {}) {
        const { app, actor, role, ...how } = options;
        this.#wire = new Wire(url, token, how);
        this.#who = given({ app, actor, role });
    }

    acting(who) {
        const other = new Client('http://localhost');
        other.#wire = this.#wire;
        other.#who = { ...this.#who, ...given(who) };
        return other;
    }

    // ---- how all of them ask ----

    async #json(method, path, told, more, change) {
        const key = change ? more.idempotencyKey ?? makeKey() : undefined;
        const inAddress = method === 'GET' || method === 'DELETE';
        const answer = await this.#wire.send(method, inAddress ? path + query(told) : path,
            { body: inAddress ? undefined : told, key, timeout: more.timeout, signal: more.signal });
        if (answer.status >= 300) throw answer.problem(key);
        return { answer, key };
    }

    async #call(method, path, told, more = {}, change = true) {
        const { answer } = await this.#json(method, path, { ...this.#who, ...given(more), ...told }, more, change);
        return new Reply(answer.json(), answer.headers.get('x-request-id') ?? undefined, answer.headers.get('idempotency-replayed') !== null);
    }

    async #read(path, told, more) {
        return this.#call('GET', path, told, more, false);
    }

    #app(how) {
        const name = how?.app ?? this.#who.app;
        if (name === undefined) throw new TypeError('say app, here or when the client is made: documents are of an app');
        return piece('app', name);
    }

    // To what was there when the first page was asked for: each page is an entry of the ledger itself, and a trail that is read
    // in small pages would never end.
    static async* #pages(page, rows, more = {}) {
        let began;
        for (let from = more.from; ;) {
            const { report, entry } = await page({ ...more, from });
            began ??= entry;
            for (const row of report[rows]) {
                if (row.entry === began) return;
                yield row;
            }
            if (report.next === undefined) return;
            from = report.next;
        }
    }

    static #of(subject) {
        return `/v1/subjects/${piece('subject', subject)}`;
    }

    // ---- people ----

    async subjectNew({ values, ...more } = {}) {
        return this.#call('POST', '/v1/subjects', values === undefined ? {} : { values: toValues(values) }, more);
    }

    async subjectList(more) {
        return this.#read('/v1/subjects', {}, more);
    }

    subjects(more) {
        return Client.#pages((told) => this.subjectList(told), 'subjects', more);
    }

    async subjectFind(values, more) {
        return this.#call('POST', '/v1/subjects/find', { values: toValues(values) }, more, false);
    }

    async subjectShow(subject, more) {
        return this.#read(Client.#of(subject), {}, more);
    }

    async subjectSet(subject, more) {
        return this.#call('PATCH', Client.#of(subject), {}, more);
    }

    async eraseSubject(subject, more) {
        return this.#call('DELETE', Client.#of(subject), {}, more);
    }

    // ---- what they agreed to ----

    async consentAcknowledge(subject, more) {
        return this.#call('POST', `${Client.#of(subject)}/acknowledgements`, {}, more);
    }

    async consentGrant(subject, more) {
        return this.#call('POST', `${Client.#of(subject)}/consents`, {}, more);
    }

    async consentRefuse(subject, more) {
        return this.#call('POST', `${Client.#of(subject)}/refusals`, {}, more);
    }

    async consentWithdraw(subject, more) {
        return this.#call('POST', `${Client.#of(subject)}/withdrawals`, {}, more);
    }

    async permissionSet(subject, permission, on, more) {
        return this.#call('PUT', `${Client.#of(subject)}/permissions/${piece('permission', permission)}`, { on }, more);
    }

    async guardianAdd(subject, relation, method, more) {
        return this.#call('POST', `${Client.#of(subject)}/guardians`, { relation, method }, more);
    }

    async guardianRevoke(subject, guardian, more) {
        return this.#call('DELETE', `${Client.#of(subject)}/guardians/${piece('guardian', guardian)}`, {}, more);
    }

    // ---- minors ----

    async minorReport(subject, because, more) {
        return this.#call('POST', `${Client.#of(subject)}/minor`, { because }, more);
    }

    async minorSettle(subject, child, because, more) {
        return this.#call('PUT', `${Client.#of(subject)}/minor`, { child, because }, more);
    }

    // ---- accounts ----

    async accountBegin(values, more) {
        return this.#call('POST', '/v1/accounts/begin', values === undefined ? {} : { values: toValues(values) }, more);
    }

    async accountProve({ values, ...more } = {}) {
        return this.#call('POST', '/v1/accounts/prove', values === undefined ? {} : { values: toValues(values) }, more);
    }

    async accountBind(subject, recipient, id_token, more) {
        return this.#call('PUT', `${Client.#of(subject)}/bindings/${piece('recipient', recipient)}`, { id_token }, more);
    }

    async accountUnbind(subject, recipient, more) {
        return this.#call('DELETE', `${Client.#of(subject)}/bindings/${piece('recipient', recipient)}`, {}, more);
    }

    async providerAdd(recipient, values, more) {
        return this.#call('PUT', `/v1/providers/${piece('recipient', recipient)}`, { values: toValues(values) }, more);
    }

    async providerRemove(recipient, more) {
        return this.#call('DELETE', `/v1/providers/${piece('recipient', recipient)}`, {}, more);
    }

    async providerList(more) {
        return this.#call('GET', '/v1/providers', {}, more);
    }

    async accountLeave(more) {
        return this.#call('POST', '/v1/accounts/leave', {}, more);
    }

    async sessionOpen(caller, password, code, more) {
        return this.#call('POST', '/v1/sessions', { caller, password, code }, more);
    }

    async sessionClose(more) {
        return this.#call('DELETE', '/v1/sessions', {}, more);
    }

    async accountShow(subject, more) {
        return this.#read(`${Client.#of(subject)}/account`, {}, more);
    }

    async logTake(log, lines, more) {
        return this.#call('POST', `/v1/logs/${piece('log', log)}`, { values: { lines } }, more);
    }

    async logRead(log, purpose, more) {
        return this.#read(`/v1/logs/${piece('log', log)}`, { purpose }, more);
    }

    async orderList(more) {
        return this.#read('/v1/orders', {}, more);
    }

    async orderDone(order, more) {
        return this.#call('POST', `/v1/orders/${piece('order', order)}/done`, {}, more);
    }

    async orderShow(ticket, more) {
        return this.#call('POST', '/v1/tickets/show', { ticket }, more);
    }

    async postTake(more) {
        return this.#read('/v1/post', {}, more);
    }

    async postTell(message, became, more) {
        return this.#call('POST', `/v1/post/${piece('message', message)}`, { became }, more);
    }

    // ---- values ----

    async collect(subject, values, more) {
        return this.#call('POST', `${Client.#of(subject)}/values`, { values: toValues(values) }, more);
    }

    async correct(subject, values, more) {
        return this.#call('PATCH', `${Client.#of(subject)}/values`, { values: toValues(values) }, more);
    }

    async use(subject, items, more = {}) {
        const told = { items: toItems(items) };
        if (more.because !== undefined || items.length > MANY_ITEMS) return this.#call('POST', `${Client.#of(subject)}/use`, told, more, false);
        return this.#read(`${Client.#of(subject)}/values`, told, more);
    }

    async eraseRecord(subject, item, more) {
        return this.#call('DELETE', `${Client.#of(subject)}/values/${piece('item', item)}`, {}, more);
    }

    async contacts(subject, values, purpose, more) {
        return this.#call('POST', `${Client.#of(subject)}/contacts`, { values: toValues(values), purpose }, more);
    }

    async disclose(subject, recipient, items, more) {
        return this.#call('POST', `${Client.#of(subject)}/disclosures`, { recipient, items: toItems(items) }, more);
    }

    // ---- approval by two ----

    async approvalAsk(subject, items, purpose, because, more) {
        return this.#call('POST', `${Client.#of(subject)}/approvals`, { items: toItems(items), purpose, because }, more);
    }

    async approvalGrant(subject, approval, { items, ...more } = {}) {
        const told = items === undefined ? {} : { items: toItems(items) };
        return this.#call('POST', `${Client.#of(subject)}/approvals/${piece('approval', approval)}/grant`, told, more);
    }

    async approvalRefuse(subject, approval, more) {
        return this.#call('POST', `${Client.#of(subject)}/approvals/${piece('approval', approval)}/refusal`, {}, more);
    }

    async approvalList(more) {
        return this.#read('/v1/approvals', {}, more);
    }

    // ---- what was done, and why ----

    async why(subject, more) {
        return this.#read(`${Client.#of(subject)}/why`, {}, more);
    }

    async trail(subject, more) {
        return this.#read(`${Client.#of(subject)}/trail`, {}, more);
    }

    trailEntries(subject, more) {
        return Client.#pages((told) => this.trail(subject, told), 'entries', more);
    }

    async audit(of, more) {
        return this.#read('/v1/audit', { of }, more);
    }

    auditEntries(of, more) {
        return Client.#pages((told) => this.audit(of, told), 'entries', more);
    }

    // ---- policies ----

    async policyPublish(policy, more) {
        return this.#call('POST', '/v1/policies', { policy }, more);
    }

    async policyShow(more) {
        return this.#read('/v1/policies', {}, more);
    }

    async policies(how) {
        return (await this.#wire.document(`/v1/policies/${this.#app(how)}`, how)).json();
    }

    async policy(version = 'current', how = {}) {
        const told = given({ as: how.as, in: how.in });
        return (await this.#wire.document(`/v1/policies/${this.#app(how)}/${piece('version', version)}${query(told)}`, how)).text();
    }

    // ---- the ledger ----

    async ledgerCheckpoint(how) {
        return (await this.#wire.document(`/v1/ledger/${this.#app(how)}/checkpoint`, how)).text();
    }

    async ledgerTile(tile, how) {
        return (await this.#wire.document(`/v1/ledger/${this.#app(how)}/tile/${piece('tile', tile, true)}`, how)).body.slice();
    }

    async ledgerProof(entry, how) {
        return (await this.#wire.document(`/v1/ledger/${this.#app(how)}/proof/${piece('entry', entry)}`, how)).text();
    }

    async ledgerEntries(tile, how) {
        const answer = await this.#wire.send('GET', `/v1/ledger/${this.#app(how)}/entries/${piece('tile', tile, true)}`, { timeout: how?.timeout, signal: how?.signal });
        if (answer.status !== 200) throw answer.problem();
        return answer.body;
    }

    // ---- the service ----

    async serviceCease(more) {
        return this.#call('POST', '/v1/service/cease', {}, more);
    }

    async callerReview(more) {
        return this.#read('/v1/access', {}, more);
    }

    async callerList(more) {
        return this.#read('/v1/callers', {}, more);
    }

    async callerRevoke(caller, more) {
        return this.#call('DELETE', `/v1/callers/${piece('caller', caller)}`, {}, more);
    }

    async staffAttest(caller, attestation, on, more) {
        return this.#call('PUT', `/v1/callers/${piece('caller', caller)}/attestations/${piece('attestation', attestation)}`, { on }, more);
    }

    async stat(more) {
        return this.#read('/v1/stat', {}, more);
    }

    async batch(operations, more = {}) {
        const told = operations.map(({ values, ...o }) => ({ ...this.#who, ...given(o), ...(values === undefined ? {} : { values: toValues(values) }) }));
        const change = operations.some((o) => !READS.has(o.op));
        const { answer, key } = await this.#json('POST', '/v1/batch', { operations: told }, more, change);
        return answer.json().replies.map(({ status, reply }) => (status >= 300 ? Problem.of(status, reply, key) : new Reply(reply)));
    }

    async problems(how) {
        return (await this.#wire.document('/v1/problems', how)).json().problems;
    }

    async openapi(how) {
        return (await this.#wire.document('/v1/openapi.json', how)).json();
    }

    async health(how) {
        return (await this.#wire.document('/healthz', how)).json().alive === true;
    }

    async ready(how) {
        try {
            return (await this.#wire.document('/readyz', how)).json().status === 'ready';
        } catch (no) {
            if (no instanceof KeptError) return false;
            throw no;
        }
    }

    async metrics(how) {
        return (await this.#wire.document('/metrics', how)).text();
    }
}
