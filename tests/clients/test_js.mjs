// The JavaScript client against the real server (tests/clients/run starts it).
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { promisify } from 'node:util';
import { inspect } from 'node:util';
import { Client, Denied, Field, KeptError, Problem, Reply, Unreachable } from '../../clients/js/kept.js';

const root = new URL('../..', import.meta.url).pathname;
const { KEPT_URL: url, KEPT_TOKEN: token } = process.env;
const mail = 'canary.mail@example.org';
const feedback = { function: 'feedback', user_action: true };
const asked = new Set(); // "METHOD path" of all that was answered with 200 or 201

const line = async (path, told) => (await fetch(url + path, told === undefined ? {} : { method: 'POST', body: JSON.stringify(told) })).json();
const seen = () => line('/-/seen');
async function note() {
    for (const s of await seen()) if ([200, 201].includes(s.status)) asked.add(`${s.method} ${s.path.split('?')[0]}`);
}
async function cut(...faults) {
    await note();
    await line('/-/next', faults);
}
afterEach(() => cut());

const client = (who = token, how = {}) => new Client(url, who, { app: 'widgets', ...how });
const c = client();
async function person(birth_date = '1990-04-01') {
    const { subject } = await c.subjectNew({ birth_date });
    await c.consentAcknowledge(subject, { language: 'en' });
    return subject;
}
async function writer() {
    const subject = await person();
    await c.consentGrant(subject, { function: 'feedback', language: 'en' });
    await c.collect(subject, { message: 'canary text', 'contact-mail': mail, 'contact-phone': '13800001111' }, feedback);
    return subject;
}
async function all(rows) {
    const got = [];
    for await (const row of rows) got.push(row);
    return got;
}
const fails = async (what, kind, more = {}) => {
    const no = await what.then(() => undefined, (e) => e);
    assert.ok(no instanceof kind, `${kind.name}: ${no}`);
    for (const [k, v] of Object.entries(more)) assert.equal(no[k], v, k);
    return no;
};

// ---- each operation does what it says, and refuses what it says ----

test('the notice first, then values', async () => {
    const { subject } = await c.subjectNew({ birth_date: '1990-04-01', region: 'CN' });
    const no = await fails(c.collect(subject, { message: 'canary' }, feedback), Denied, { status: 403, reason: 'NO_NOTICE', clause: 'S0-0.1', policy_version: 1 });
    assert.match(no.remedy, /show the notice/);
    assert.match(no.request, /^[0-9a-f]{32}$/);
    assert.match(String(no), /^Denied: 403 NO_NOTICE/);
    await c.consentAcknowledge(subject, { language: 'en' });
    await fails(c.collect(subject, { message: 'canary' }, feedback), Denied, { reason: 'NEEDS_CONSENT' });
    await c.consentGrant(subject, { function: 'feedback', language: 'en', expires: new Date('2090-01-01T00:00:00Z') });
    let reply = await c.collect(subject, { message: ['one', 'two'], 'contact-mail': mail, 'shoe-size': '43', imei: '1' }, feedback);
    assert.deepEqual([reply.decision, reply.in_part, reply.stripped], ['allow', true, 1]);
    assert.deepEqual(reply.denied.map((f) => f.reason).sort(), ['FUNCTION', 'UNDECLARED']);
    assert.ok(reply.denied.every((f) => f.remedy && f.clause));
    reply = await c.use(subject, ['message', 'contact-mail'], { purpose: 'support' });
    assert.deepEqual([reply.values('message'), reply.value('contact-mail')], [['one', 'two'], mail]);
    await c.correct(subject, { 'contact-mail': 'canary.new@example.org' }, feedback);
    assert.deepEqual((await c.use(subject, ['contact-mail'], { purpose: 'support' })).values('contact-mail'), ['canary.new@example.org']);
});

test('values stay text, or bytes', async () => {
    const subject = await person();
    await c.consentGrant(subject, { function: 'feedback' });
    const odd = 'b\u00e4r "q" \\ \n \u{1F43B} 007 1e3 true';
    await c.collect(subject, { message: [odd, new TextEncoder().encode(odd)] }, feedback);
    assert.deepEqual((await c.use(subject, ['message'], { purpose: 'support' })).values('message'), [odd, odd]);
    assert.deepEqual(new Field({ item: 'x', decision: 'allow', value_hex: 'ff00' }).value, Uint8Array.of(255, 0));
    assert.throws(() => new Field({ item: 'x', value_hex: 'f' }), KeptError);
    for (const bad of [7, null, true, 1.5, { hex: '00' }, undefined]) await fails(c.collect(subject, { message: bad }, feedback), TypeError);
});

test('a role sees the masked form', async () => {
    const subject = await writer();
    const clerk = c.acting({ role: 'support', actor: 'clerk-7' });
    const reply = await clerk.use(subject, ['contact-mail'], { purpose: 'support' });
    assert.equal(reply.fields[0].decision, 'mask');
    assert.notEqual(reply.value('contact-mail'), mail);
    await fails(clerk.use(subject, ['contact-mail'], { purpose: 'marketing' }), Denied);
    assert.deepEqual((await all(c.auditEntries('clerk-7', { role: 'auditor', limit: 1 }))).map((e) => e.decision), ['mask', 'deny']);
    await fails(c.audit('clerk-7', { role: 'support' }), Denied);
});

test('justified uses go into a body', async () => {
    const subject = await writer();
    await cut();
    await c.use(subject, ['message'], { purpose: 'support', because: 'canary because' });
    await c.use(subject, ['message', ...Array.from({ length: 70 }, (_, i) => `nothing-${i}`)], { purpose: 'support' });
    const sent = await seen();
    assert.deepEqual(sent.map((s) => s.method), ['POST', 'POST']);
    assert.ok(!sent[0].path.includes('because'));
});

test('consents and guardians', async () => {
    const subject = await writer();
    await c.consentRefuse(subject, { function: 'profiling' });
    await c.permissionSet(subject, 'location', true);
    await c.subjectSet(subject, { region: 'CN' });
    assert.equal((await c.subjectShow(subject)).operation, 'subject.show');
    await c.consentWithdraw(subject, { function: 'feedback' });
    await fails(c.use(subject, ['message'], { purpose: 'support' }), Denied);
    await fails(c.consentGrant(subject, { function: 'no-such-function' }), Problem, { status: 404 });
    const child = await person('2015-04-01');
    await c.guardianAdd(child, 'parent', 'document', { contact: 'Kim', written: true, evidence: 'archive 1', signed: new Date('2026-01-01') });
    await c.guardianRevoke(child, 1);
    await fails(c.guardianRevoke(child, 7), Problem);
    assert.equal((await c.minorReport(child, 'says so')).report.state, 'reported');
    await fails(c.use(child, ['message'], { purpose: 'support' }), Denied, { reason: 'RESTRICTED' });
    await fails(c.minorSettle(child, false, 'a guess'), Problem, { status: 409 });
    assert.equal((await c.minorSettle(child, true, 'case 12', { birth_date: '2016-04-01' })).report.state, 'confirmed');
});

test('lines of a log, and a session that is none', async () => {
    const line = '192.0.2.7 - - [01/Feb/2026:10:00:00 +0000] "GET /canary HTTP/1.1" 200 12 "-" "agent/1"';
    const taken = await c.logTake('web', `${line}\nno line\n`);
    assert.deepEqual([taken.report.kept, taken.report.bad], [1, 1]);
    assert.equal((await c.logRead('web', 'security', { limit: 10 })).operation, 'log.read');
    await fails(c.logTake('nowhere', 'x'), Denied, { reason: 'UNDECLARED' });
});

test('a system is ordered, and shows tickets', async () => {
    const desk = client(process.env.KEPT_SYSTEM);
    const subject = await writer();
    const [there] = (await c.use(subject, ['contact-name'], { purpose: 'support' })).report.held_elsewhere;
    assert.equal((await desk.orderShow(there.ticket)).report.reference, there.reference);
    await c.eraseSubject(subject);
    const order = (await desk.orderList()).report.orders.find((o) => o.reference === there.reference);
    assert.equal((await desk.orderDone(order.order, { receipt: 'job 17' })).report.state, 'acknowledged');
    await fails(desk.orderDone('00112233445566778899aabbccddeeff', { receipt: 'job 17' }), Denied, { reason: 'NO_VALUE' });
    await fails(desk.orderShow('0a1b2c'), Denied, { reason: 'CODE' });
    await fails(c.orderShow('0a1b2c'), Denied, { reason: 'CALLER' });
});

// RFC 6238, as an authenticator has it.
function totp(uri) {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
    const bits = [...new URL(uri).searchParams.get('secret')].map((l) => letters.indexOf(l).toString(2).padStart(5, '0')).join('');
    const at = Buffer.alloc(8);
    at.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
    const mac = createHmac('sha1', Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)))).update(at).digest();
    return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1000000).padStart(6, '0');
}

test('staff log in and out', async () => {
    await fails(c.sessionClose(), Denied, {});
    const nobody = new Client(url, undefined, { app: 'widgets' });
    await fails(nobody.sessionOpen('nobody', 'twelve bytes and more', '000000'), Denied, { reason: 'LOGIN' });
    const opened = await nobody.sessionOpen('ann', process.env.KEPT_STAFF_PASSWORD, totp(process.env.KEPT_STAFF_URI), { new_password: 'seven blue Kites over Ulm' });
    const ann = client(opened.report.token);
    // Two have looked: the app asked, and she says yes, and no again.
    const subject = await writer(), demand = { recipient: 'court', exemption: 'legal-demand' }, because = 'order 12/2026';
    const asked = (await c.approvalAsk(subject, ['contact-mail'], 'support', because, demand)).report;
    const granted = await ann.approvalGrant(subject, asked.approval, { items: ['contact-mail'], role: 'officer' });
    assert.deepEqual(granted.report.granted, ['contact-mail']);
    assert.equal((await c.disclose(subject, 'court', ['contact-mail'], { purpose: 'support', exemption: 'legal-demand', because })).fields[0].item, 'contact-mail');
    assert.equal((await ann.approvalRefuse(subject, asked.approval, { because: 'no case', role: 'officer' })).report.state, 'refused');
    await fails(c.disclose(subject, 'court', ['contact-mail'], { purpose: 'support', exemption: 'legal-demand', because }), Denied, { reason: 'APPROVAL' });
    assert.equal((await ann.sessionClose()).operation, 'session.close');
    await fails(ann.sessionClose(), KeptError, { status: 401 });
});

test('a code comes back', async () => {
    const subject = await writer();
    const values = { 'contact-phone': '' };
    await fails(c.accountBegin({ 'contact-phone': '13900009999' }), Denied, { reason: 'NO_ACCOUNTS' });
    await c.accountBegin(values, { subject_id: subject, source: '192.0.2.7' });
    const sender = client(process.env.KEPT_SENDER);
    await fails(c.postTake(), Denied, { reason: 'CALLER' });
    const message = (await sender.postTake({ limit: 64 })).report.messages.at(-1);
    const [code] = /[0-9]{6}/.exec(message.text);
    await fails(c.accountProve({ values, subject_id: subject, code: code === '000000' ? '111111' : '000000' }), Denied);
    const proved = await c.accountProve({ values, subject_id: subject, code, session: true });
    const own = client(proved.report.session.token);
    assert.equal((await own.use(subject, ['contact-phone'])).fields[0].item, 'contact-phone');
    await fails(own.subjectList(), Denied, { reason: 'OPERATION' });
    await own.accountLeave();
    await fails(own.subjectShow(subject), KeptError, { status: 401 });
    await sender.postTell(message.id, 'sent 202');
    assert.equal((await c.accountShow(subject)).operation, 'account.show');
});

test('accounts elsewhere', async () => {
    const subject = await writer();
    await fails(c.accountBegin(undefined, { recipient: 'court' }), Denied, { reason: 'NO_ACCOUNTS' });
    await fails(c.accountProve({ recipient: 'court', id_token: 'a.b.c' }), Denied, { reason: 'NO_ACCOUNTS' });
    await fails(c.accountBind(subject, 'court', 'a.b.c', { function: 'feedback' }), Denied, { reason: 'NO_ACCOUNTS' });
    await fails(c.accountUnbind(subject, 'court'), KeptError, { status: 404 });
    assert.deepEqual((await c.providerList()).report.providers, []);
    await fails(c.providerAdd('court', { message: '{}' }), Denied, { reason: 'CALLER' });
    await fails(c.providerRemove('court'), Denied, { reason: 'CALLER' });
});

test('disclosing needs grounds; finding needs a look-up token', async () => {
    const subject = await writer();
    await fails(c.disclose(subject, 'court', ['contact-mail'], { purpose: 'support' }), Denied);
    const reply = await c.disclose(subject, 'court', ['contact-mail'], { purpose: 'support', exemption: 'vital-interest', because: 'case 12/2026' });
    assert.equal(reply.fields[0].item, 'contact-mail');
    await c.correct(subject, { 'contact-phone': '13900002222' }, feedback);
    assert.equal((await c.subjectFind({ 'contact-phone': '13900002222' })).subject, subject);
    assert.equal((await c.subjectNew({ values: { 'contact-phone': '13900002222' } })).subject, subject);
    await fails(c.subjectFind({ 'contact-phone': '13900009999' }), Problem, { status: 404 });
    await fails(c.subjectFind({ message: 'x' }), Denied, { reason: 'NOT_SEARCHABLE' });
    const no = await fails(c.contacts(subject, { 'contact-phone': [new Uint8Array(32)] }, 'support'), Problem);
    assert.ok(no.status !== 404 && !no.detail.includes('member'));
});

test('what two must have looked at', async () => {
    const subject = await writer(), demand = { recipient: 'court', exemption: 'legal-demand' }, because = 'order 12/2026';
    await fails(c.disclose(subject, 'court', ['contact-mail'], { purpose: 'support', exemption: 'legal-demand', because }), Denied, { reason: 'APPROVAL' });
    const asked = (await c.approvalAsk(subject, ['contact-mail'], 'support', because, demand)).report;
    assert.ok((await c.approvalList()).report.approvals.some((a) => a.approval === asked.approval && a.state === 'asked'));
    await fails(c.approvalGrant(subject, asked.approval, { items: ['contact-mail'] }), Denied, { reason: 'OPERATION' });
    await fails(c.approvalRefuse(subject, asked.approval), Denied, { reason: 'OPERATION' });
    await fails(c.approvalAsk(subject, ['no-such'], 'support', because), Problem, { status: 404 });
});

test('pages', async () => {
    const subject = await writer();
    const first = await c.trail(subject, { limit: 2 });
    assert.deepEqual([first.report.entries.length, first.report.next !== undefined], [2, true]);
    const operations = (await all(c.trailEntries(subject, { limit: 1 }))).map((e) => e.operation);
    assert.deepEqual(operations.slice(0, 4), ['subject.new', 'consent.acknowledge', 'consent.grant', 'collect']);
    const { value: newest } = await c.trailEntries(subject, { limit: 1, newest: true }).next();
    assert.notEqual(newest.operation, 'subject.new');
    const more = [await writer(), await writer()];
    const everybody = await all(c.subjects({ limit: 1 }));
    assert.ok(more.every((s) => everybody.includes(s)) && everybody.length === new Set(everybody).size);
    assert.equal((await c.subjectList({ limit: 2 })).report.subjects.length, 2);
});

test('why, and erasing', async () => {
    const subject = await writer();
    assert.equal((await c.why(subject, { item: 'imei', purpose: 'support' })).report.collect.decision, 'deny');
    await c.eraseRecord(subject, 'message', { record: 1 });
    await fails(c.use(subject, ['message'], { purpose: 'support' }), Denied, { status: 404, reason: 'NO_VALUE' });
    assert.equal((await c.eraseSubject(subject, { because: 'code 4' })).report.certificate, 'erasure');
    await fails(c.use(subject, ['contact-mail'], { purpose: 'support' }), Denied, { status: 410, reason: 'ERASED' });
});

test('batches', async () => {
    const subject = await writer();
    await cut();
    const use = { op: 'use', subject, items: ['message'], purpose: 'support' };
    const replies = await c.batch([use, { op: 'collect', subject, values: { message: new TextEncoder().encode('x') }, ...feedback }, { ...use, items: ['imei'] }]);
    assert.ok((await seen())[0].key);
    assert.deepEqual(replies.map((r) => r.constructor), [Reply, Reply, Denied]);
    assert.deepEqual([replies[0].value('message'), replies[2].reason], ['canary text', 'NO_VALUE']);
    await cut();
    await c.batch([{ op: 'stat' }]);
    assert.equal((await seen())[0].key, null);
    await fails(c.batch([{ op: 'format' }]), Problem, { status: 400 });
    await fails(c.batch([{ op: 'collect', subject, values: { message: 7 } }]), TypeError);
});

test('policies come once', async () => {
    await cut();
    const text = await c.policy('current', { as: 'text', in: 'en' });
    assert.match(text, /Privacy notice/);
    assert.equal(await c.acting({ role: 'support' }).policy('current', { as: 'text', in: 'en' }), text);
    assert.deepEqual((await seen()).map((s) => [s.status, s.tag === null, s.authorised]), [[200, true, false], [304, false, false]]);
    assert.equal(JSON.parse(await c.policy(1, { as: 'json' })).app, 'widgets');
    assert.equal((await c.policies()).versions[0].version, 1);
    assert.ok((await c.policyShow()).report.versions[0].in_force);
    await fails(c.policy('current', { app: 'nobody' }), Problem, { status: 404 });
    await fails(new Client(url).policy(), TypeError);
});

test('the ledger', async () => {
    const { entry } = await c.stat();
    assert.match(await c.ledgerCheckpoint(), /\/widgets\n/);
    assert.match(await c.ledgerProof(entry), /^c2sp.org\/tlog-proof@v1\n/);
    assert.equal((await c.ledgerTile('0/000.p/1')).length, 32);
    assert.ok((await client(process.env.KEPT_AUDITOR).ledgerEntries('000.p/1')).length > 10);
    await fails(new Client(url, undefined, { app: 'widgets' }).ledgerEntries('000.p/1'), Problem, { status: 401 });
    await fails(c.ledgerTile('0/999'), Problem);
});

test('the service', async () => {
    assert.ok('people_ever' in (await c.stat()).report);
    assert.ok(await c.health() && await c.ready());
    assert.match(await c.metrics(), /kept_http_requests_total/);
    assert.equal((await c.openapi()).info.title, 'kept');
    assert.ok((await c.problems()).some((p) => p.name === 'NO_NOTICE'));
    await fails(c.callerList(), Denied, { reason: 'CALLER' });
    const manager = client(process.env.KEPT_MANAGER);
    assert.ok((await manager.callerList()).report.callers.some((d) => d.name === 'desk'));
    assert.ok((await manager.callerReview()).report);
    const attested = await manager.staffAttest('ann', 'training', true, { evidence: 'course 7', expires: '2099-01-31T00:00:00Z' });
    assert.ok(attested.report.attested.some((a) => a.what === 'training' && a.holds));
    assert.deepEqual((await manager.staffAttest('ann', 'training', false)).report.attested, []);
    await fails(manager.staffAttest('ann', 'training', false), Problem, { status: 404 });
    await fails(c.staffAttest('ann', 'training', false), Denied, { reason: 'CALLER' });
    await manager.callerRevoke('desk', { because: 'moved' });
    await fails(manager.callerRevoke('desk'), Problem);
    const no = await fails(client(`kept_${'0'.repeat(72)}`).stat(), Problem, { status: 401 });
    assert.ok(!(no instanceof Denied));
});

// ---- what lines do: nothing is done twice, and nobody waits for ever ----

test('an answer that was lost', async () => {
    const before = (await all(c.subjects())).length;
    await cut('lose');
    const reply = await c.subjectNew({ region: 'CN' });
    const sent = await seen();
    assert.deepEqual([sent.length, sent[0].status, sent[0].key], [2, 201, sent[1].key]);
    assert.ok(sent[0].key && reply.replayed);
    assert.equal((await all(c.subjects())).length, before + 1);
});

test('each change has a key of its own, and reads have none', async () => {
    await cut();
    const subject = await writer();
    await c.use(subject, ['message'], { purpose: 'support' });
    await c.use(subject, ['message'], { purpose: 'support', because: 'x' });
    const keys = (await seen()).map((s) => s.key);
    assert.equal(new Set(keys.slice(0, 4)).size, 4);
    assert.deepEqual(keys.map((k) => k === null), [false, false, false, false, true, true]);
});

test('busy and under way are asked again, but not for ever', async () => {
    await cut('busy', 'drop', 'under way');
    assert.equal((await c.subjectNew()).replayed, false);
    assert.equal(new Set((await seen()).map((s) => s.key)).size, 1);
    await cut(...Array(9).fill('busy'));
    await fails(c.stat(), Problem, { status: 503 });
    assert.equal((await seen()).length, 4);
    await cut(...Array(9).fill('drop'));
    const { idempotencyKey } = await fails(c.subjectNew(), Unreachable);
    assert.deepEqual((await seen()).map((s) => s.key), Array(4).fill(idempotencyKey));
    await cut(...Array(9).fill('drop'));
    await fails(client(token, { retries: 0 }).stat(), Unreachable);
    assert.equal((await seen()).length, 1);
    await cut(...Array(9).fill('busy'));
    assert.equal(await c.ready(), false);
});

test('what was refused is not asked again', async () => {
    await cut();
    await fails(c.subjectShow('0'.repeat(32)), Problem);
    assert.equal((await seen()).length, 1);
});

test('after Unreachable the key goes on', async () => {
    await cut('lose');
    const { idempotencyKey } = await fails(client(token, { retries: 0 }).subjectNew({ region: 'CN' }), Unreachable);
    assert.ok((await c.subjectNew({ region: 'CN', idempotencyKey })).replayed);
    await fails(c.subjectNew({ region: 'DE', idempotencyKey }), Problem, { status: 422 });
});

test('waiting ends', async () => {
    await cut('slow');
    const began = Date.now();
    await fails(c.stat({ timeout: 500 }), Unreachable);
    await cut('busy for long');
    await fails(c.stat(), Problem, { status: 503 });
    await cut('slow');
    const stop = new AbortController();
    setTimeout(() => stop.abort(new RangeError('enough')), 100);
    await fails(c.stat({ signal: stop.signal }), RangeError);
    await fails(c.stat({ signal: AbortSignal.abort(new RangeError('before')) }), RangeError);
    assert.ok(Date.now() - began < 2800);
    await fails(new Client('http://127.0.0.1:1', undefined, { retries: 0 }).stat(), Unreachable);
});

test('something else answers', async () => {
    await cut('page');
    const no = await fails(c.stat(), Problem, { status: 502 });
    assert.ok(!String(no).includes('secret'));
    await cut('no json');
    assert.ok(!inspect(await fails(c.stat(), KeptError)).includes('secret'));
    await cut('half');
    assert.equal((await c.stat()).operation, 'stat');
    assert.equal((await seen()).length, 2);
});

// ---- mistakes, silence ----

test('mistakes are found before anything is sent', async () => {
    const subject = '0'.repeat(32);
    await cut();
    // Dots would make "erase this item" into "erase this person".
    for (const wrong of [() => c.eraseRecord(subject, '..'), () => c.eraseRecord(subject, '.'), () => c.eraseSubject(''), () => c.subjectShow(undefined),
        () => c.ledgerTile('0/../../x'), () => c.use(subject, 'message'), () => c.collect(subject, ['message']), () => c.collect(subject, null)]) await fails(wrong(), TypeError);
    for (const wrong of ['ftp://x', 'http://', 'http://x/path', '127.0.0.1:80', 'http://u:p@x']) assert.throws(() => new Client(wrong), TypeError);
    assert.throws(() => new Client(url, 'two words\r\nX: y'), TypeError);
    assert.throws(() => new Client(url, token, { retries: -1 }), TypeError);
    assert.deepEqual(await seen(), []);
    await fails(c.subjectShow('a/b?c=d#e'), Problem);
    assert.equal((await seen())[0].path.split('?')[0], '/v1/subjects/a%2Fb%3Fc%3Dd%23e');
    await fails(c.collect(subject, { message: 'x' }, { porpose: 'support' }), Problem, { status: 400 });
});

test('nothing is shown or logged', async () => {
    const said = [];
    const before = Object.fromEntries(['log', 'info', 'warn', 'error', 'debug'].map((k) => [k, console[k]]));
    for (const k of Object.keys(before)) console[k] = (...all) => said.push(all);
    let shown;
    try {
        const subject = await writer();
        const reply = await c.use(subject, ['message', 'contact-mail'], { purpose: 'support' });
        assert.equal(reply.value('contact-mail'), mail);
        const no = await fails(c.collect(subject, { imei: mail }, feedback), Problem);
        shown = [reply, reply.fields, reply.fields[0], c, no].map((x) => inspect(x, { depth: 9 }) + String(x)).join() + JSON.stringify(c) + JSON.stringify(no);
    } finally {
        Object.assign(console, before);
    }
    assert.deepEqual(said, []);
    assert.ok(!shown.includes('canary') && !shown.includes(token));
});

test('the example of the README prints what it says', async () => {
    const text = readFileSync(join(root, 'clients/js/README.md'), 'utf8');
    const folder = mkdtempSync(join(tmpdir(), 'kept-'));
    after(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(join(root, 'clients/js'), join(folder, 'node_modules/kept'));
    writeFileSync(join(folder, 'example.mjs'), /```js\n([^]*?)```\n/.exec(text)[1]);
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['example.mjs'], { cwd: folder, timeout: 60000 });
    const promised = [.../It prints (.*)/.exec(text)[1].matchAll(/`([^`]+)`/g)].map((m) => m[1]);
    assert.deepEqual([stdout.trim().split('\n'), stderr], [promised, '']);
});

// ---- nothing is forgotten; and what cannot be undone, at the end ----

const api = JSON.parse(readFileSync(join(root, 'docs/openapi.json'), 'utf8'));
const operations = Object.entries(api.paths).flatMap(([path, verbs]) => Object.entries(verbs).map(([verb, o]) => ({ verb: verb.toUpperCase(), path, o })));
const types = readFileSync(join(root, 'clients/js/kept.d.ts'), 'utf8');
const interfaces = Object.fromEntries([...types.matchAll(/export interface (\w+)(?: extends ([\w, ]+))? \{([^]*?)\n?\}/g)].map(([, name, bases, body]) =>
    [name, { bases: bases?.split(', ') ?? [], members: [...body.matchAll(/^ {4}(\w+)\??:/gm)].map((m) => m[1]) }]));
const members = (name) => [...interfaces[name].members, ...interfaces[name].bases.flatMap(members)];
const declared = Object.fromEntries([.../export class Client \{([^]*)\n\}/.exec(types)[1].matchAll(/\/\*\*((?:(?!\*\/)[^])*)\*\/\n {4}(\w+)\(([^\n]*)\): /g)].map(([, doc, name, args]) =>
    [name, { doc, ids: /@operation (.*?)\s*$/.exec(doc)?.[1].split(' ') ?? [], args: args.split(', ').filter((a) => a !== '').map((a) => a.split(/\??: /)) }]));
delete declared.constructor;

test('each operation has a method, and each method an operation', () => {
    assert.deepEqual(Object.values(declared).flatMap((d) => d.ids).sort(), operations.map(({ o }) => o.operationId).sort());
    assert.deepEqual(Object.keys(declared).sort(), Object.getOwnPropertyNames(Client.prototype).filter((n) => n !== 'constructor').sort());
    assert.deepEqual(Object.keys(declared).filter((n) => declared[n].ids.length === 0), ['acting', 'subjects', 'trailEntries', 'auditEntries']);
});

test('with all its members', () => {
    for (const { o } of operations) {
        const [name, { args }] = Object.entries(declared).find(([, d]) => d.ids.includes(o.operationId));
        const told = new Set((o.parameters ?? []).filter((p) => p.in !== 'header').map((p) => p.name));
        for (const { schema } of Object.values(o.requestBody?.content ?? {})) Object.keys(schema.properties).forEach((m) => told.add(m));
        if (told.delete('name')) told.add('app');
        const takes = new Set(args.flatMap(([arg, type]) => (arg === 'more' ? members(type) : [arg])));
        const change = (o.parameters ?? []).some((p) => p.in === 'header');
        if (!['use', 'subjectFind'].includes(name)) assert.equal(takes.has('idempotencyKey'), change, name);
        for (const of of ['timeout', 'signal', 'idempotencyKey']) takes.delete(of);
        if (takes.delete('lines')) takes.add('values'); // of a log: one member of them
        assert.deepEqual([...takes].sort(), [...told].sort(), name);
    }
});

test('the end: publishing and ceasing; and all of them were really asked', async () => {
    const owner = client(process.env.KEPT_OWNER);
    await fails(owner.policyPublish('kept: 1\napp: ['), Problem, { status: 422 });
    const text = await owner.policy('current', { as: 'yaml' });
    assert.equal((await owner.policyPublish(text.replace('\nversion: 1\n', '\nversion: 2\n'), { at: '2090-01-01' })).operation, 'policy.publish');
    await fails(c.serviceCease(), Denied);
    await owner.serviceCease({ because: 'test' });
    await note();
    for (const { verb, path, o } of operations) {
        if (o.operationId === 'post.contacts') continue; // wants what a device has blinded
        if (/\.provider\.(add|remove)$|\.account\.(un)?bind$/.test(o.operationId)) continue; // want a provider: tests/login
        const pattern = new RegExp(`^${verb} ${path.replaceAll('.', '\\.').replace('{tile}', '.+').replace(/\{\w+\}/g, '[^/]+')}$`);
        assert.ok([...asked].some((a) => pattern.test(a)), `${verb} ${path}`);
    }
});
