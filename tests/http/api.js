// api.js SERVER... - the HTTP API from outside, on real sockets: what routes.def says is served, the rest refused with a
// reason, every example of the description works, and hostile clients hold up nobody. SERVER (serve) is started, prints where it
// listens (plain, TLS), a token, the worker's process id and the store's folder, and ends when its input does. The last line is
// `N passed, N failed`.
'use strict';
const { spawn, spawnSync } = require('child_process');
const http = require('http');
const https = require('https');
const http2 = require('http2');
const net = require('net');
const fs = require('fs');

let passed = 0;
let failed = 0;
function is(name, good, detail) {
    if (good) {
        passed++;
    } else {
        failed++;
        console.log(`FAILED ${name}${detail === undefined ? '' : `: ${typeof detail === 'string' ? detail : JSON.stringify(detail)}`}`);
    }
}
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

// ---- the server ----
let child;
let plain;
let tls;
let token;
let worker;
let folder;
let said = '';
function start(args) {
    return new Promise((done, fail) => {
        child = spawn(args[0], args.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
        child.stderr.on('data', (d) => { said += d; });
        child.on('exit', (code) => { child.code = code; });
        child.stdout.once('data', (d) => {
            [plain, tls, token, worker, folder] = String(d).trim().split(' ');
            done();
        });
        setTimeout(() => fail(new Error(`no server: ${said}`)), 20000).unref();
    });
}

// ---- asking ----
const [host, port] = [() => plain.split(':')[0], () => Number(plain.split(':')[1])];
const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
function ask(method, path, body, headers = {}, more = {}) {
    return new Promise((done, fail) => {
        const text = body === undefined ? undefined : Buffer.isBuffer(body) || typeof body === 'string' ? body : JSON.stringify(body);
        const all = { authorization: `Bearer ${token}`, ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }), ...headers };
        for (const k of Object.keys(all)) if (all[k] === undefined) delete all[k];
        const q = (more.secure ? https : http).request({ host: host(), port: more.secure ? Number(tls.split(':')[1]) : port(), method, path, headers: all, agent: more.secure ? undefined : agent, rejectUnauthorized: false, timeout: 20000, ...more }, (r) => {
            const parts = [];
            r.on('data', (d) => parts.push(d));
            r.on('end', () => {
                const raw = Buffer.concat(parts).toString();
                let json;
                try { json = JSON.parse(raw); } catch { json = undefined; }
                done({ status: r.statusCode, headers: r.headers, raw, json });
            });
        });
        q.on('error', fail);
        q.on('timeout', () => q.destroy(new Error('timeout')));
        q.end(text);
    });
}
// Bytes as they are; everything that comes until the other side closes, or ms have passed.
function raw(bytes, ms = 3000, from) {
    return new Promise((done) => {
        let got = '';
        const s = net.connect({ host: host(), port: port(), localAddress: from });
        const end = () => { s.destroy(); done(got); };
        s.on('connect', () => s.write(bytes));
        s.on('data', (d) => { got += d; });
        s.on('close', () => done(got));
        s.on('error', () => done(got));
        setTimeout(end, ms).unref();
    });
}
async function problem(name, answer, status, word) {
    const a = await answer;
    const p = a.json || {};
    is(name, a.status === status && a.headers['content-type'] === 'application/problem+json' && p.status === status &&
        typeof p.title === 'string' && typeof p.detail === 'string' && p.type.startsWith('/v1/problems#') &&
        p.request === a.headers['x-request-id'] && (word === undefined || a.raw.includes(word)), [a.status, a.raw.slice(0, 300)]);
}
async function person(birth = '1990-04-01') {
    const a = await ask('POST', '/v1/subjects', { birth_date: birth });
    return a.json.subject;
}
async function writer(birth) {
    const s = await person(birth);
    await ask('POST', `/v1/subjects/${s}/acknowledgements`, { language: 'en' });
    await ask('POST', `/v1/subjects/${s}/consents`, { function: 'feedback', language: 'en' });
    await ask('POST', `/v1/subjects/${s}/values`, { function: 'feedback', user_action: true, values: { message: 'Please call me.', 'contact-mail': 'ada@example.org', 'contact-phone': '13800001111' } });
    return s;
}

async function basics() {
    let a = await ask('POST', '/v1/subjects', { birth_date: '1990-04-01' });
    is('a person appears', a.status === 201 && /^[0-9a-f]{32}$/.test(a.json.subject) && a.headers.location === `/v1/subjects/${a.json.subject}`, a.raw);
    const s = a.json.subject;
    a = await ask('POST', `/v1/subjects/${s}/values`, { function: 'feedback', user_action: true, values: { message: 'x' } });
    is('no notice was seen: denied with reason, clause and remedy', a.status === 403 && a.json.reason === 'NO_NOTICE' && a.json.remedy !== undefined && a.json.clause !== undefined && a.json.policy_version === 1 && a.headers['content-type'] === 'application/problem+json', a.raw);
    const w = await writer();
    a = await ask('GET', `/v1/subjects/${w}/values?items=message,contact-mail&purpose=support`);
    is('values are read back', a.status === 200 && a.json.fields.find((f) => f.item === 'contact-mail').value === 'ada@example.org', a.raw);
    is('and are not to be stored', a.headers['cache-control'] === 'no-store');
    a = await ask('POST', `/v1/subjects/${w}/use`, { items: ['message', 'imei'], purpose: 'support' });
    is('in part: each with its verdict', a.status === 200 && a.json.in_part === true && a.json.refused === 1, a.raw);
    a = await ask('POST', `/v1/subjects/${w}/use`, { items: ['message', 'contact-mail'], purpose: 'support', role: 'support', actor: 'clerk-7' });
    is('a role sees the masked form', a.status === 200 && a.json.fields.find((f) => f.item === 'contact-mail').decision === 'mask', a.raw);
    a = await ask('PATCH', `/v1/subjects/${w}/values`, { function: 'feedback', user_action: true, values: { message: 'b\u00e4r "q" \\ \n \u{1F43B}', undeclared: '1' } });
    is('corrected; what is not declared is dropped and counted', a.status === 200 && a.json.stripped === 1, a.raw);
    a = await ask('GET', `/v1/subjects/${w}/values?items=message&purpose=support`);
    is('texts come back as they were', a.json.fields.some((f) => f.value === 'b\u00e4r "q" \\ \n \u{1F43B}'), a.raw);
    a = await ask('GET', `/v1/subjects/${w}/trail?limit=2&newest=true`);
    is('a page of the trail', a.status === 200 && a.json.report.entries.length === 2 && a.json.report.next !== undefined, a.raw);
    const b = await ask('GET', `/v1/subjects/${w}/trail?limit=2&newest=true&from=${a.json.report.next}`);
    is('and the next one', b.status === 200 && b.json.report.entries[0].entry !== a.json.report.entries[0].entry, b.raw);
    a = await ask('GET', `/v1/audit?of=clerk-7&role=auditor`);
    is('an audit', a.status === 200 && a.json.report.entries.length === 1, a.raw);
    await problem('an audit is not for support', ask('GET', '/v1/audit?of=clerk-7&role=support'), 403);
    await problem('a person that nobody is', ask('GET', `/v1/subjects/${w.slice(0, 31)}${w[31] === '0' ? '1' : '0'}`), 404);
    a = await ask('DELETE', `/v1/subjects/${w}`);
    is('erased, with a certificate', a.status === 200 && a.json.report !== undefined, a.raw);
    await problem('and gone', ask('GET', `/v1/subjects/${w}/values?items=message&purpose=support`), 410, 'ERASED');
    a = await ask('HEAD', `/v1/stat`);
    is('HEAD is GET without its body', a.status === 200 && a.raw === '' && Number(a.headers['content-length']) > 10);
    const ids = new Set((await Promise.all([1, 2, 3].map(() => ask('GET', '/healthz')))).map((r) => r.headers['x-request-id']));
    is('each request has its id', ids.size === 3);
}

async function refusals() {
    const s = await writer();
    const at = `/v1/subjects/${s}`;
    await problem('no such address', ask('GET', '/v1/nothing'), 404);
    await problem('nor with a slash behind', ask('GET', '/v1/subjects/'), 404);
    const a = await ask('PUT', '/v1/subjects');
    is('a method it does not know, and which it does', a.status === 405 && a.headers.allow === 'GET, HEAD, POST', a.headers);
    await problem('an unknown method', ask('PURGE', '/v1/subjects'), 405);
    const b = await ask('GET', '/v1/stat', undefined, { authorization: undefined });
    is('nobody is 401, and told how', b.status === 401 && b.headers['www-authenticate'].startsWith('Bearer'), b.headers);
    await problem('a wrong token', ask('GET', '/v1/stat', undefined, { authorization: 'Bearer wrong' }), 401);
    await problem('another scheme', ask('GET', '/v1/stat', undefined, { authorization: 'Basic YTpi' }), 401);
    await problem('a token with a blank in it', ask('GET', '/v1/stat', undefined, { authorization: `Bearer ${token} x` }), 401);
    await problem('two credentials are none', ask('GET', '/v1/stat', undefined, { authorization: [`Bearer ${token}`, `Bearer ${token}`] }, {}), 401).catch(() => is('two credentials', false));
    await problem('a token of 600 bytes', ask('GET', '/v1/stat', undefined, { authorization: `Bearer ${'x'.repeat(600)}` }), 401);
    const bodies = [['no JSON', '{', 400], ['nothing but a number', '7', 400], ['an array', '[]', 400], ['text behind it', '{} x', 400],
        ['a member twice', '{"items":["a"],"items":["b"]}', 400], ['a member that is not known', '{"itmes":[]}', 400],
        ['a member of another operation', '{"items":["message"],"birth_date":"1990-01-01"}', 400],
        ['no items', '{"purpose":"support"}', 400], ['items that are no array', '{"items":"message"}', 400],
        ['items that are numbers', '{"items":[1]}', 400], ['a number where text is', '{"items":["message"],"purpose":1}', 400],
        ['text where a number is', '{"items":["message"],"launch":"1"}', 400], ['a number that is too large', '{"items":["message"],"launch":1e99}', 400],
        ['a negative number', '{"items":["message"],"launch":-1}', 400], ['yes where true is', '{"items":["message"],"in_use":"yes"}', 400],
        ['a NUL', '{"items":["mess\\u0000age"]}', 400], ['bad UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400],
        ['half a surrogate', '{"items":["\\ud800"]}', 400], ['deep arrays', `{"items":${'['.repeat(5000)}${']'.repeat(5000)}}`, 413],
        ['deep objects', `${'{"a":'.repeat(9)}1${'}'.repeat(9)}`, 413], ['deeper than any', '['.repeat(1000000), 413],
        ['too many items', JSON.stringify({ items: Array(4001).fill('message') }), 413]];
    for (const [name, body, status] of bodies) await problem(name, ask('POST', `${at}/use`, body), status);
    await problem('no JSON by its type', ask('POST', `${at}/use`, '{}', { 'content-type': 'text/plain' }), 415);
    await problem('a GET with a body', ask('GET', '/v1/stat', '{}'), 400);
    await problem('a broken escape', ask('GET', '/v1/subjects/%zz'), 400);
    await problem('half an escape', ask('GET', '/v1/subjects/%4'), 400);
    await problem('a NUL in the path', ask('GET', '/v1/subjects/%00'), 400);
    await problem('no UTF-8 in the path', ask('GET', '/v1/subjects/%ff'), 400);
    await problem('a query that is not known', ask('GET', `${at}/values?itmes=message`), 400);
    await problem('the same twice', ask('GET', `${at}/values?items=message&items=message`), 400);
    await problem('an empty item', ask('GET', `${at}/values?items=message,`), 400);
    await problem('the subject in path and query', ask('GET', `${at}/values?items=message&subject=${s}`), 400);
    await problem('values in a query', ask('GET', `${at}/values?items=message&values=1`), 400);
    await problem('a time that is none', ask('POST', `${at}/consents`, { function: 'feedback', expires: 'tomorrow' }), 400);
    await problem('a date that is none', ask('PATCH', at, { birth_date: '1990-02-30' }), 400);
    await problem('a kind that is none', ask('POST', `${at}/consents`, { function: 'feedback', kind: 'yes' }), 400);
    await problem('a long address', ask('GET', `/v1/subjects/${'a'.repeat(9000)}`), 414);
    await problem('a path of many pieces', ask('GET', '/a'.repeat(100)), 414);
    await problem('large header fields', ask('GET', '/healthz', undefined, { 'x-a': 'a'.repeat(15000), 'x-b': 'b'.repeat(15000), 'x-c': 'c'.repeat(15000) }), 431);
    const big = await ask('POST', `${at}/values`, `{"values":{"message":"${'x'.repeat(3 << 20)}"}}`).catch(() => ({ status: 413 }));
    is('a large body', big.status === 413, big.status);
    await problem('a consent that is signed by nothing', ask('POST', `${at}/consents`, { function: 'feedback', signed: '2026-01-01' }), 400);
    const hex = await ask('POST', `${at}/values`, { function: 'feedback', user_action: true, values: { message: [{ hex: '6869' }, 'two'] } });
    is('bytes as hex digits, several of an item', hex.status === 200, hex.raw);
    await problem('a book of addresses for no purpose', ask('POST', `${at}/contacts`, { values: { 'contact-phone': [{ hex: '00'.repeat(32) }] } }), 400, 'purpose');
    await problem('hex digits that are none', ask('POST', `${at}/values`, { function: 'feedback', values: { message: { hex: '6' } } }), 400);
}

async function documents() {
    let a = await ask('GET', '/v1/policies/widgets/current?as=json', undefined, { authorization: undefined });
    is('a policy, by nobody', a.status === 200 && a.headers.etag !== undefined && a.headers['cache-control'] === 'no-cache', a.headers);
    a = await ask('GET', '/v1/policies/widgets/current?as=json', undefined, { 'if-none-match': a.headers.etag });
    is('and not again', a.status === 304 && a.raw === '', a.status);
    a = await ask('GET', '/v1/policies/widgets/current?as=json', undefined, { 'if-none-match': '"other"' });
    is('but when it changed', a.status === 200);
    a = await ask('GET', '/v1/policies/widgets/current?as=collected');
    is('a list for people is a page', a.status === 200 && a.headers['content-type'].startsWith('text/html') && a.raw.startsWith('<!DOCTYPE html>'), a.headers);
    await problem('no such policy', ask('GET', '/v1/policies/nobody/current'), 404);
    a = await ask('GET', '/healthz');
    is('it lives', a.status === 200 && a.json.alive);
    a = await ask('GET', '/readyz');
    is('and is ready', a.status === 200);
    a = await ask('GET', '/v1/problems');
    is('all problems', a.status === 200 && a.json.problems.length > 30 && a.json.problems.every((p) => p.means), a.raw.slice(0, 100));
    a = await ask('GET', '/metrics');
    const tool = spawnSync('promtool', ['check', 'metrics'], { input: a.raw, encoding: 'utf8' });
    if (tool.error === undefined) is('promtool accepts the metrics', tool.status === 0 && tool.stderr === '', tool.stderr);
    is('they count', /kept_http_answers_total\{worker="0",status="4xx"\} [1-9]/.test(a.raw) && /kept_http_request_seconds_count\{worker="0"\} [1-9]/.test(a.raw));
}

async function keys() {
    const h = { 'idempotency-key': `k-${process.pid}` };
    const a = await ask('POST', '/v1/subjects', { region: 'CN' }, h);
    const b = await ask('POST', '/v1/subjects', { region: 'CN' }, h);
    is('with the same key nothing is done twice', a.status === 201 && b.status === 201 && a.raw === b.raw && b.headers['idempotency-replayed'] === 'true' && b.headers.location === a.headers.location, [a.raw, b.raw]);
    is('the first was not given again', a.headers['idempotency-replayed'] === undefined);
    await problem('with another body it is a mistake', ask('POST', '/v1/subjects', { region: 'DE' }, h), 422);
    await problem('another caller has keys of their own', ask('POST', '/v1/subjects', { region: 'CN' }, { ...h, authorization: 'Bearer other' }), 401);
    const c = await ask('POST', '/v1/subjects', { region: 'CN' }, { 'idempotency-key': 'other' });
    is('another key is another request', c.json.subject !== a.json.subject);
    await problem('a key of 200 bytes', ask('POST', '/v1/subjects', {}, { 'idempotency-key': 'k'.repeat(200) }), 400);
    await problem('what was refused is refused again', ask('POST', '/v1/subjects', { region: 7 }, { 'idempotency-key': 'bad' }), 400);
}

async function batches() {
    const s = await writer();
    const a = await ask('POST', '/v1/batch', { operations: [{ op: 'use', subject: s, items: ['message'], purpose: 'support' }, { op: 'subject.set', subject: s, region: 'CN' }, { op: 'use', subject: s, items: ['imei'], purpose: 'support' }, { op: 'subject.show', subject: 'f'.repeat(32) }] });
    is('a batch: each its own answer, in order', a.status === 200 && a.json.replies.map((r) => r.status).join() === '200,200,404,404' && a.json.replies[0].reply.operation === 'use', a.raw);
    await problem('an operation that is none', ask('POST', '/v1/batch', { operations: [{ op: 'format' }] }), 400, 'operation 1');
    await problem('no operations', ask('POST', '/v1/batch', { operations: [] }), 400);
    await problem('a member missing in the second', ask('POST', '/v1/batch', { operations: [{ op: 'stat' }, { op: 'use', subject: s }] }), 400, 'operation 2');
    const most = await ask('POST', '/v1/batch', { operations: Array(256).fill({ op: 'subject.show', subject: s }) });
    is('256 operations', most.status === 200 && most.json.replies.length === 256, most.status);
    await problem('257 are too many', ask('POST', '/v1/batch', { operations: Array(257).fill({ op: 'stat' }) }), 413);
}

// The command line as the owner: it asks who serves.
function kept(...words) {
    const run = spawnSync(`build/${process.env.VARIANT || 'release'}/kept`, ['--json', ...words], { encoding: 'utf8', env: { ...process.env, KEPT_STORE: `${folder}/store`, KEPT_KEYRING: `${folder}/keyring`, KEPT_ROOT_KEY: `${folder}/root.key` } });
    return { code: run.status, json: run.stdout === '' ? undefined : JSON.parse(run.stdout), error: run.stderr };
}
const caller = (name, ...how) => kept('caller', 'add', name, ...how).json.report.token;
const as = (who) => ({ authorization: `Bearer ${who}` });

// Services are known by their tokens: limited to what they were made for, and nobody once they are revoked.
async function callers() {
    const s = await writer();
    const at = `/v1/subjects/${s}`;
    const form = caller('form', '--functions', 'feedback', '--operations', 'subject.new,consent.acknowledge,consent.grant,collect');
    is('a token is of its form', /^kept_[0-9a-f]{72}$/.test(form), form);
    let a = await ask('POST', `${at}/values`, { user_action: true, values: { message: 'from the form' } }, as(form));
    is('limited to one function: that is filled in', a.status === 200, a.raw);
    await problem('another function is not theirs', ask('POST', `${at}/values`, { function: 'profiling', user_action: true, values: { message: 'x' } }, as(form)), 403, 'CALLER');
    await problem('nor to read', ask('GET', `${at}/values?items=message&purpose=support`, undefined, as(form)), 403, 'CALLER');
    await problem('nor another role', ask('POST', `${at}/values`, { role: 'support', user_action: true, values: { message: 'x' } }, as(form)), 403, 'CALLER');
    await problem('nor another app', ask('POST', `${at}/values`, { app: 'other', user_action: true, values: { message: 'x' } }, as(form)), 400);
    await problem('nor who the callers are', ask('GET', '/v1/callers', undefined, as(form)), 403, 'CALLER');
    a = await ask('POST', '/v1/batch', { operations: [{ op: 'collect', subject: s, user_action: true, values: { message: 'y' } }, { op: 'use', subject: s, items: ['message'], purpose: 'support' }, { op: 'subject.new', values: { 'contact-phone': '13800001111' } }] }, as(form));
    is('in a batch each is judged; whoever may not find nobody finds nobody', a.json.replies.map((r) => r.status).join() === '200,403,403', a.raw);
    const desk = caller('help-desk', '--roles', 'support', '--purposes', 'support');
    a = await ask('GET', `${at}/values?items=contact-mail`, undefined, as(desk));
    is('its role and purpose are filled in: masked', a.status === 200 && a.json.fields[0].decision === 'mask', a.raw);
    await problem('the app itself is another role', ask('GET', `${at}/values?items=contact-mail&role=app`, undefined, as(desk)), 403, 'CALLER');
    await ask('GET', `${at}/values?items=contact-mail&actor=anna`, undefined, as(desk));
    a = await ask('GET', '/v1/audit?of=help-desk&role=auditor');
    is('every answer and every refusal is on record under its name', a.json.report.entries.map((e) => [e.actor, e.decision].join(' ')).join() === 'help-desk mask,help-desk deny,help-desk/anna mask', a.json.report.entries);
    a = await ask('GET', '/v1/audit?of=anna&role=auditor');
    is('and whom it asked for', a.json.report.entries.length === 1, a.raw);
    await problem('a name that is too long to be one', ask('GET', `${at}/values?items=contact-mail&actor=${'a'.repeat(60)}`, undefined, as(desk)), 400);
    const auditor = caller('outside', '--roles', 'auditor');
    await ask('GET', `/v1/ledger/widgets/checkpoint`);
    a = await ask('GET', '/v1/ledger/widgets/entries/000.p/1', undefined, as(auditor));
    is('entries are an auditor\'s', a.status === 200 && a.raw.length > 10, a.status);
    await problem('and nobody else\'s', ask('GET', '/v1/ledger/widgets/entries/000.p/1', undefined, as(desk)), 403);
    // Revoked, the next request is nobody's: what was answered before is not told again either.
    const h = { ...as(form), 'idempotency-key': 'once' };
    const body = { user_action: true, values: { message: 'once' } };
    const first = await ask('POST', `${at}/values`, body, h);
    const again = await ask('POST', `${at}/values`, body, h);
    is('the same again, while it is somebody', first.status === 200 && again.raw === first.raw && again.headers['idempotency-replayed'] === 'true', again.raw);
    is('revoked by the owner', kept('caller', 'revoke', 'form').code === 0);
    await problem('nobody', ask('POST', '/v1/subjects', {}, as(form)), 401);
    await problem('not even the former answer', ask('POST', `${at}/values`, body, h), 401);
    is('revoked once', kept('caller', 'revoke', 'form').code === 5);
    is('the name is free again', caller('form') !== form);
    is('once only', kept('caller', 'add', 'form').code === 6);
    const brief = caller('brief', '--expires', new Date(Date.now() + 2000).toISOString().slice(0, 19) + 'Z');
    await wait(2100);
    await problem('ended', ask('GET', '/v1/stat', undefined, as(brief)), 401);
    // Who manages callers reads nothing.
    const manager = caller('manager', '--operations', 'caller.list,caller.revoke,caller.review,staff.attest');
    a = await ask('GET', '/v1/callers', undefined, as(manager));
    is('the list: who, and no token', a.status === 200 && a.json.report.callers.some((c) => c.name === 'help-desk' && c.state === 'live') && a.json.report.callers.some((c) => c.name === 'form' && c.state === 'revoked') && !a.raw.includes(desk.slice(5, 40)), a.raw);
    await problem('who manages them reads nothing', ask('GET', `${at}/values?items=message&purpose=support`, undefined, as(manager)), 403, 'CALLER');
    await problem('nor makes any', ask('POST', '/v1/batch', { operations: [{ op: 'caller.add', caller: 'friend' }] }, as(manager)), 400);
    a = await ask('DELETE', '/v1/callers/help-desk', undefined, as(manager));
    is('revoked over HTTP', a.status === 200, a.raw);
    await problem('and nobody', ask('GET', `${at}/values?items=contact-mail`, undefined, as(desk)), 401);
    is('managing and reading do not go together', kept('caller', 'add', 'both', '--operations', 'caller.list,use').code === 2);
    is('a caller of a role that is none', kept('caller', 'add', 'none', '--roles', 'queen').code === 5);
    managing = manager;
    posting = caller('posting', '--operations', 'post.take,post.tell');
    caller('desk');
}
let managing;
let posting;

// RFC 6238, as an authenticator has it: of this half minute, or of those beside it.
function code(uri, step = 0) {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
    const bits = [...new URL(uri).searchParams.get('secret')].map((c) => letters.indexOf(c).toString(2).padStart(5, '0')).join('');
    const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
    const at = Buffer.alloc(8);
    at.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + step));
    const mac = require('crypto').createHmac('sha1', key).update(at).digest();
    return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1000000).padStart(6, '0');
}

// People of the staff log in, ask under their own name, and log out.
async function staff() {
    const none = { authorization: undefined };
    const s = await writer();
    const { otpauth, password } = kept('caller', 'add', 'ann', '--staff', '--roles', 'support').json.report;
    const mine = 'seven blue Kites over Ulm';
    const login = async (more) => {
        const a = await ask('POST', '/v1/sessions', { caller: 'ann', password: mine, code: code(otpauth), ...more }, none);
        return a.status === 503 ? wait(1000).then(() => login(more)) : a; // so many a second
    };
    const rush = await Promise.all(Array.from({ length: 12 }, () => ask('POST', '/v1/sessions', { caller: 'crowd', password: mine, code: '000000' }, none)));
    is('who tries many at once waits', rush.some((r) => r.status === 503) && rush.some((r) => r.status === 403), rush.map((r) => r.status).join());
    const wrong = await login({ password, code: '000000' }), nobody = await login({ caller: 'nobody' });
    is('a wrong code, and a name nobody has: the same answer', wrong.status === 403 && nobody.status === 403 && wrong.json.reason === 'LOGIN' && wrong.json.detail === nobody.json.detail, [wrong.raw, nobody.raw]);
    let a = await login({ password, code: code(otpauth, -1) });
    is('the first password alone opens nothing', a.status >= 400 && !a.raw.includes('kses_'), a.raw);
    a = await login({ password, new_password: 'annannannann' });
    is('nor beside one that is easily guessed', a.status >= 400 && !a.raw.includes('kses_') && !a.raw.includes('annann'), a.raw);
    a = await login({ password, new_password: mine });
    const session = a.json.report.session ? a.json.report.session.token : a.json.report.token;
    is('with a new one they are in', a.status === 200 && /^kses_/.test(session), a.raw);
    const used = await login({ code: code(otpauth) });
    is('a code is good once', used.status === 403 && used.json.reason === 'LOGIN', used.raw);
    a = await ask('GET', `/v1/subjects/${s}/values?items=contact-mail&purpose=support`, undefined, as(session));
    is('and may what their role may', a.status === 200, a.raw);
    await problem('in no other', ask('GET', `/v1/subjects/${s}/values?items=contact-mail&purpose=support&role=auditor`, undefined, as(session)), 403, 'CALLER');
    a = await ask('GET', '/v1/audit?of=ann&role=auditor');
    is('the ledger says who it was', a.status === 200 && a.json.report.entries.length >= 2 && !a.raw.includes(mine), a.raw);
    a = await ask('DELETE', '/v1/sessions', undefined, as(session));
    is('they log out', a.status === 200, a.raw);
    await problem('and are nobody', ask('GET', `/v1/subjects/${s}/values?items=contact-mail&purpose=support`, undefined, as(session)), 401);
    await problem('a service has no session to end', ask('DELETE', '/v1/sessions'), 403);
    is('no log says a password', !said.includes(mine) && !said.includes(password));
}

// Lines of a log: as text, as JSON, and for whom they are.
async function logs() {
    const line = (address, agentText) => `${address} - - [01/Feb/2026:10:00:00 +0000] "GET /a?phone=13800001111 HTTP/1.1" 200 12 "-" "${agentText}"\n`;
    let a = await ask('POST', '/v1/logs/web', line('192.0.2.7', 'agent/1 13912345678') + 'not a line\n', { 'content-type': 'text/plain' });
    is('lines as text: numbers', a.status === 200 && a.json.report.kept === 1 && a.json.report.bad === 1 && a.json.report.redacted >= 1, a.raw);
    a = await ask('GET', '/v1/logs/web?purpose=security&limit=10&role=auditor');
    const b = await ask('GET', '/v1/logs/web?purpose=security&limit=10');
    is('who may not read logs', [a, b].some((r) => r.status === 403 || r.status === 200), [a.raw, b.raw]);
    is('what is read has neither address nor number', ![a.raw, b.raw].some((t) => t.includes('192.0.2.7') || t.includes('13912345678') || t.includes('13800001111')), [a.raw, b.raw]);
    await problem('a log that the policy has not', ask('POST', '/v1/logs/nowhere', 'x\n', { 'content-type': 'text/plain' }), 403, 'UNDECLARED');
    await problem('a body of another kind', ask('POST', '/v1/logs/web', 'x\n', { 'content-type': 'text/html' }), 415);
}

// A key and a certificate of its own, as a service makes them; days: how long it holds.
function certificate(name, days = 1) {
    const file = `${folder}/${name}`;
    for (const words of [`req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=${name} -keyout ${file}.key -out ${file}.csr`, `x509 -req -days ${days} -in ${file}.csr -signkey ${file}.key -out ${file}.pem`]) {
        const run = spawnSync('openssl', words.split(' '), { encoding: 'utf8' });
        if (run.status !== 0) throw new Error(run.stderr);
    }
    return { file: `${file}.pem`, pair: { cert: fs.readFileSync(`${file}.pem`), key: fs.readFileSync(`${file}.key`) } };
}
// In the ledger: under whose name did it ask for this person's values?
async function asked(who) {
    return (await ask('GET', `/v1/audit?of=${who}&role=auditor`)).json.report.entries.length;
}

// Services are known by a certificate, too: the one, and no other, whoever signed it; and by it no longer than it holds.
async function certificates() {
    const s = await writer();
    const at = `/v1/subjects/${s}/values?items=message&purpose=support`;
    const none = { authorization: undefined };
    const [back, other, past, brief] = [certificate('back'), certificate('other'), certificate('past', -1), certificate('short')];
    const show = (c, headers = none, more = {}) => ask('GET', at, undefined, headers, { secure: true, agent: new https.Agent({ maxCachedSessions: 0 }), ...c.pair, ...more });
    const added = kept('caller', 'add', 'back', '--certificate', back.file);
    is('a caller with a certificate: no token, and the end of the certificate is the caller\'s', added.code === 0 && added.json.report.token === undefined && added.json.report.shows === 'certificate' && Math.abs(Date.parse(added.json.report.expires) - Date.now() - 86400000) < 60000, added);
    is('one that is over is none', kept('caller', 'add', 'past', '--certificate', past.file).code === 2);
    is('nor is a key one', kept('caller', 'add', 'past', '--certificate', `${folder}/back.key`).code === 2);
    is('nor can a caller outlive it', kept('caller', 'add', 'past', '--certificate', other.file, '--expires', '2099-01-01').code === 2);
    is('of one certificate there is one caller', kept('caller', 'add', 'twin', '--certificate', back.file).code === 6);
    let a = await show(back);
    is('who shows it is that caller', a.status === 200 && await asked('back') === 1, a.raw);
    await problem('who shows none is nobody', show({ pair: {} }), 401, 'certificate');
    await problem('who shows another is nobody', show(other), 401);
    await problem('in the clear there is none to show', ask('GET', at, undefined, none), 401);
    a = await show(back, { authorization: `Bearer ${token}` });
    is('a token goes before a certificate', a.status === 200 && await asked('back') === 1, a.raw);
    for (const wrong of ['Bearer wrong', 'Basic YTpi', 'Bearer', 'Bearer a b', ''])
        await problem(`a header that is no token is nobody, whatever certificate is there: ${wrong}`, show(back, { authorization: wrong }), 401);
    const two = spawnSync('curl', ['-sk', '--cert', back.file, '--key', `${folder}/back.key`, '-H', `Authorization: Bearer ${token}`, '-H', `Authorization: Bearer ${token}`, '-o', '/dev/null', '-w', '%{http_code}', `https://${tls}${at}`], { encoding: 'utf8' });
    const curl = spawnSync('curl', ['-sk', '--cert', back.file, '--key', `${folder}/back.key`, '-o', '/dev/null', '-w', '%{http_code} %{http_version}', `https://${tls}${at}`], { encoding: 'utf8' });
    is('nor are two of them', two.stdout === '401', two);
    is('by curl, HTTP/2', curl.stdout === '200 2', curl);
    await resumed(back, other, at);
    kept('caller', 'add', 'short', '--certificate', brief.file, '--expires', new Date(Date.now() + 4000).toISOString().slice(0, 19) + 'Z');
    const open = new https.Agent({ keepAlive: true, maxSockets: 1 });
    const [now, later] = [await show(brief, none, { agent: open }), (await wait(4100), await show(brief, none, { agent: open }))];
    is('ended, on the same connection', now.status === 200 && later.status === 401, [now.status, later.status]);
    is('revoked', kept('caller', 'revoke', 'back').code === 0);
    await problem('and nobody', show(back), 401);
    is('the certificate is free again', kept('caller', 'add', 'back', '--certificate', back.file).code === 0);
    is('and is somebody', (await show(back)).status === 200);
    open.destroy();
}

// One connection after another: what a session was begun with is what it shows when it is resumed.
async function resumed(back, other, at) {
    const connect = (pair, session, version) => new Promise((done, fail) => {
        let [ticket, reused, got] = [session, false, ''];
        const c = require('tls').connect({ host: tls.split(':')[0], port: Number(tls.split(':')[1]), rejectUnauthorized: false, maxVersion: version, minVersion: version, session, ...pair });
        c.on('session', (t) => { ticket = t; });
        c.on('secureConnect', () => { reused = c.isSessionReused(); c.write(`GET ${at} HTTP/1.1\r\nHost: x\r\n\r\n`); });
        c.on('data', (d) => {
            got += d;
            if (!/\r\n\r\n\{[^]*\}$/.test(got)) return;
            done({ status: Number((got.match(/^HTTP\/1.1 (\d+)/) || [])[1]), ticket, reused });
            c.destroy();
        });
        c.on('error', fail);
    });
    for (const version of ['TLSv1.2', 'TLSv1.3']) {
        const first = await connect(back.pair, undefined, version);
        const again = await connect(back.pair, first.ticket, version);
        is(`${version}: resumed, it is that caller still`, first.status === 200 && again.status === 200 && again.reused, [first.status, again.status, again.reused]);
        const nobody = await connect({}, undefined, version);
        const still = await connect(back.pair, nobody.ticket, version);
        is(`${version}: begun as nobody, it is nobody still`, nobody.status === 401 && still.reused && still.status === 401, [nobody.status, still.status, still.reused]);
        const stranger = await connect(other.pair, undefined, version);
        const after = await connect(other.pair, stranger.ticket, version);
        is(`${version}: begun with another, it is the other still`, stranger.status === 401 && after.reused && after.status === 401, [stranger.status, after.status, after.reused]);
    }
}

// Every example of the description, on people for whom it can work.
async function examples() {
    const api = (await ask('GET', '/v1/openapi.json')).json;
    const prepare = {
        'post.guardian.add': () => writer('2015-04-01'),
        'delete.guardian.revoke': async () => {
            const s = await writer('2015-04-01');
            await ask('POST', `/v1/subjects/${s}/guardians`, { contact: 'Kim', relation: 'parent', method: 'document', written: true, evidence: 'archive 1' });
            return s;
        },
        'delete.erase.record': writer,
    };
    const fill = { caller: 'desk', permission: 'location', guardian: '1', item: 'message', name: 'widgets', version: 'current', log: 'web', attestation: 'training' };
    const later = ['post.service.cease', 'post.policy.publish', 'post.contacts', 'post.account.begin', 'post.account.prove', 'post.account.leave', 'post.post.tell', 'post.session.open', 'delete.session.close', 'post.order.done', 'post.order.show',
        'put.account.bind', 'delete.account.unbind', 'put.provider.add', 'delete.provider.remove', 'post.approval.grant', 'post.approval.refuse'];
    let ran = 0;
    for (const [path, verbs] of Object.entries(api.paths)) {
        for (const [verb, op] of Object.entries(verbs)) {
            if (later.includes(op.operationId) || path.startsWith('/v1/ledger') || path === '/v1/policies/{name}') continue;
            const subject = await (prepare[op.operationId] || writer)();
            const at = path.replace(/\{(\w+)\}/g, (_, name) => (name === 'subject' ? subject : op.operationId === 'put.staff.attest' && name === 'caller' ? 'ann' : fill[name]));
            const example = op.requestBody && op.requestBody.content['application/json'].example;
            const body = example === undefined ? undefined : JSON.stringify(example).replaceAll('{subject}', subject);
            const query = op['x-example-query'] ? `?${op['x-example-query']}` : '';
            const a = await ask(verb.toUpperCase(), at + query, body, /\.caller\.|\.staff\./.test(op.operationId) ? as(managing) : /\.post\.(take|tell)$/.test(op.operationId) ? as(posting) : {});
            ran++;
            is(`example of ${op.operationId}`, a.status === 200 || a.status === 201, [a.status, a.raw.slice(0, 400)]);
        }
    }
    is('there are examples', ran > 25, ran);
}

// The person, by a session: of themselves, and until they leave.
async function themselves(s, own) {
    const other = await writer(), none = { authorization: undefined };
    let a = await ask('GET', `/v1/subjects/${s}/values?items=contact-phone`, undefined, as(own));
    is('people see what is theirs', a.status === 200 && a.json.fields[0].value === '13800001111', a.raw);
    a = await ask('GET', `/v1/subjects/${other}/values?items=contact-phone`, undefined, as(own));
    is('and of nobody else', a.status === 403 && a.json.reason === 'CALLER' && !a.raw.includes('13800001111'), a.raw);
    a = await ask('GET', `/v1/subjects/${s}/values?items=contact-phone&purpose=support&role=support`, undefined, as(own));
    is('in no role', a.status === 403 && a.json.reason === 'CALLER', a.raw);
    a = await ask('GET', '/v1/subjects', undefined, as(own));
    is('not whom there is', a.status === 403 && a.json.reason === 'OPERATION', a.raw);
    await problem('nor what auditors have', ask('GET', '/v1/ledger/widgets/entries/000', undefined, as(own)), 403);
    a = await ask('POST', '/v1/batch', { operations: [{ op: 'subject.show', subject: s }, { op: 'subject.show', subject: other }] }, as(own));
    is('one by one in a batch', a.status === 200 && a.json.replies.map((r) => r.status).join() === '200,403', a.raw);
    await problem('a token with another end', ask('GET', `/v1/subjects/${s}`, undefined, as(`${own.slice(0, -1)}x`)), 401);
    await problem('nobody comes by themselves here', ask('POST', '/v1/accounts/begin', { values: { 'contact-phone': '13900009999' } }, none), 401);
    await problem('two credentials are not none', ask('POST', '/v1/accounts/begin', {}, { authorization: [`Bearer ${own}`, `Bearer ${own}`] }), 401);
    a = await ask('POST', '/v1/accounts/leave', {}, as(own));
    is('they leave', a.status === 200 && a.json.report.ended === 'this', a.raw);
    await problem('and are nobody', ask('GET', `/v1/subjects/${s}`, undefined, as(own)), 401);
}

// Accounts elsewhere: this policy has none. tests/login has them, with a provider.
async function elsewhere() {
    const s = await writer();
    let a = await ask('POST', '/v1/accounts/begin', { recipient: 'court' });
    is('nobody logs in elsewhere where there are no accounts', a.status === 403 && a.json.reason === 'NO_ACCOUNTS', a.raw);
    a = await ask('PUT', `/v1/subjects/${s}/bindings/court`, { id_token: 'a.b.c', function: 'feedback' });
    is('and binds nothing', a.status === 403 && a.json.reason === 'NO_ACCOUNTS', a.raw);
    await problem('what was never added is not unbound', ask('DELETE', `/v1/subjects/${s}/bindings/court`), 404);
    a = await ask('GET', '/v1/providers');
    is('there are no providers', a.status === 200 && a.json.report.providers.length === 0, a.raw);
    a = await ask('PUT', '/v1/providers/court', { values: { message: '{}' } });
    is('providers are added by who may', a.status === 403 && a.json.reason === 'CALLER', a.raw);
    a = await ask('PUT', '/v1/providers/court', { values: { message: '{}' } }, as(caller('providers', '--operations', 'provider.add,provider.remove')));
    is('of recipients that give the item', a.status === 400 && /gives/.test(a.raw), a.raw);
    await problem('and go by name', ask('DELETE', '/v1/providers/court', undefined, as(caller('providers-end', '--operations', 'provider.remove'))), 404);
}

// A code goes to what somebody has on file, and comes back; in an app without accounts nobody registers.
async function codes() {
    const sender = caller('sender', '--operations', 'post.take,post.tell');
    const s = await writer(), values = { 'contact-phone': '' };
    let a = await ask('POST', '/v1/accounts/begin', { values: { 'contact-phone': '13900009999' } });
    is('nobody registers where there are no accounts', a.status === 403 && a.json.reason === 'NO_ACCOUNTS', a.raw);
    a = await ask('POST', '/v1/accounts/begin', { values, subject_id: s, source: '192.0.2.7' });
    is('a code is sent', a.status === 200 && a.json.report.digits === 6, a.raw);
    a = await ask('GET', '/v1/post?limit=64', undefined, as(sender));
    const message = a.json.report.messages.find((m) => m.to === '13800001111') || { text: '' };
    const code = (message.text.match(/[0-9]{6}/) || ['none'])[0];
    is('a sender gets it', a.status === 200 && code !== 'none', a.status);
    a = await ask('POST', '/v1/accounts/prove', { values, subject_id: s, code: code === '000000' ? '111111' : '000000' });
    is('a wrong code shows nothing', a.status === 403 && a.json.reason === 'CODE', a.raw);
    a = await ask('POST', '/v1/accounts/prove', { values, subject_id: s, code, session: true });
    is('the right one does', a.status === 200 && a.json.report.level === 'code', a.raw);
    await themselves(s, a.json.report.session.token);
    a = await ask('GET', `/v1/subjects/${s}/account`);
    is('and for a while', a.status === 200 && a.json.report.level === 'code', a.raw);
    a = await ask('POST', `/v1/post/${message.id}`, { became: 'sent 202' }, as(sender));
    is('it is told that it went', a.status === 200, a.raw);
    a = await ask('POST', `/v1/post/${message.id}`, { became: 'sent 202' }, as(sender));
    is('once', a.status !== 200, a.raw);
}

// Another system: names lie there. Its orders, and tickets of uses.
async function orders() {
    const desk = caller('names', '--operations', 'order.list,order.done,order.show');
    const other = caller('other', '--operations', 'order.list,order.done,order.show');
    const none = '00112233445566778899aabbccddeeff';
    const s = await writer();
    let a = await ask('GET', `/v1/subjects/${s}/values?items=contact-name&purpose=support`);
    const there = a.json.report.held_elsewhere[0];
    is('a use of what lies there has a ticket', a.status === 200 && there.held_in === 'names' && a.json.fields[0].value === undefined, a.raw);
    a = await ask('POST', '/v1/tickets/show', { ticket: there.ticket }, as(desk));
    is('which is shown', a.status === 200 && a.json.report.reference === there.reference && !a.raw.includes(s), a.raw);
    await problem('by that system', ask('POST', '/v1/tickets/show', { ticket: there.ticket }, as(other)), 403, 'CALLER');
    await ask('DELETE', `/v1/subjects/${s}`);
    await problem('not of who is erased', ask('POST', '/v1/tickets/show', { ticket: there.ticket }, as(desk)), 410, 'ERASED');
    a = await ask('GET', '/v1/orders', undefined, as(desk));
    const order = a.json.report.orders.find((o) => o.reference === there.reference);
    is('orders that are open', a.status === 200 && order.items[0].item === 'contact-name' && !a.raw.includes(s), a.raw);
    a = await ask('GET', '/v1/orders', undefined, as(other));
    is('of itself', a.status === 200 && a.json.report.orders.length === 0, a.raw);
    await problem('another system closes none', ask('POST', `/v1/orders/${order.order}/done`, {}, as(other)), 403, 'CALLER');
    for (const _ of [1, 2]) {
        a = await ask('POST', `/v1/orders/${order.order}/done`, { receipt: 'job 17' }, as(desk));
        is('it is done, once or twice', a.status === 200 && a.json.report.state === 'acknowledged', a.raw);
    }
    await problem('an order that nobody gave', ask('POST', `/v1/orders/${none}/done`, { receipt: 'job 17' }, as(desk)), 404, 'NO_VALUE');
    await problem('an order that is none', ask('POST', '/v1/orders/one/done', {}, as(desk)), 400);
    await problem('a receipt as long as a letter', ask('POST', `/v1/orders/${none}/done`, { receipt: 'x'.repeat(201) }, as(desk)), 400);
    await problem('a ticket that is none', ask('POST', '/v1/tickets/show', { ticket: '0a1b2c' }, as(desk)), 403, 'CODE');
    await problem('no ticket', ask('POST', '/v1/tickets/show', {}, as(desk)), 400);
    await problem('who was not made for it', ask('POST', `/v1/orders/${none}/done`, {}), 403, 'CALLER');
    await problem('nor for tickets', ask('POST', '/v1/tickets/show', { ticket: '0a1b2c' }), 403, 'CALLER');
    await problem('and that system for nothing else', ask('GET', '/v1/stat', undefined, as(desk)), 403, 'CALLER');
}

// The page's own lines do what the page says: refused once, and everything after that goes through.
async function page() {
    const text = fs.readFileSync('docs/api.md', 'utf8');
    const lines = [...text.matchAll(/^```sh\n([^]*?)^```/gm)].map((m) => m[1]).join('').replace('127.0.0.1:8080', plain);
    const run = spawnSync('sh', ['-e'], { input: lines, encoding: 'utf8', env: { ...process.env, TOKEN: token }, timeout: 30000 });
    if (/not found/.test(run.stderr)) return;
    const all = run.stdout.replaceAll('}{', '}\n{').trim().split('\n').map((l) => JSON.parse(l));
    is('the page in order', run.status === 0 && all.map((a) => a.operation).join() === 'collect,consent.acknowledge,consent.grant,collect,use,use,trail,consent.withdraw,erase.subject', all.map((a) => a.operation));
    is('refused once, masked once, and else allowed', all.map((a) => a.decision).join() === 'deny,allow,allow,allow,allow,mask,allow,allow,allow' && all[0].reason === 'NO_NOTICE', all.map((a) => a.decision));
}

async function protocols() {
    let a = await ask('GET', '/healthz', undefined, {}, { secure: true });
    is('TLS', a.status === 200);
    a = await ask('GET', '/healthz', undefined, {}, { secure: true, maxVersion: 'TLSv1.1' }).catch((e) => e);
    is('but not of yesterday', a instanceof Error);
    for (const url of [`https://${tls}`, `http://${plain}`]) {
        const c = http2.connect(url, { rejectUnauthorized: false });
        const one = (path) => new Promise((done, fail) => {
            const r = c.request({ ':path': path, authorization: `Bearer ${token}` });
            let status;
            let text = '';
            r.on('response', (h) => { status = h[':status']; });
            r.on('data', (d) => { text += d; });
            r.on('end', () => done({ status, text }));
            r.on('error', fail);
        });
        c.on('error', () => {});
        const many = await Promise.all(Array.from({ length: 50 }, () => one('/v1/stat')));
        is(`HTTP/2, many at once, ${url.slice(0, 5)}`, many.every((r) => r.status === 200 && JSON.parse(r.text).operation === 'stat'), many.map((r) => r.status).join());
        c.close();
    }
    const r = await raw(`${`GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(100)}`, 1500);
    is('a hundred requests in one piece: all answered, in order', (r.match(/HTTP\/1.1 200/g) || []).length === 100, (r.match(/HTTP\/1.1 200/g) || []).length);
    const cut = await raw('GET /healthz HTTP/1.0\r\n\r\n');
    is('HTTP/1.0 is answered and closed', cut.includes(' 200 '));
    const chunked = await raw(`POST /v1/subjects HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n`);
    is('a body in chunks', chunked.includes(' 201 '), chunked.slice(0, 200));
}

// While others do their worst, an honest client is served within a second.
async function served(name) {
    const from = Date.now();
    const a = await ask('GET', '/v1/stat', undefined, {}, { agent: new http.Agent(), localAddress: '127.0.0.2' }).catch((e) => ({ status: e.message }));
    is(name, a.status === 200 && Date.now() - from < 1500, [a.status, Date.now() - from]);
}
function hold(count, bytes) {
    return Promise.all(Array.from({ length: count }, () => new Promise((done) => {
        const s = net.connect({ host: host(), port: port() });
        s.on('connect', () => { s.write(bytes); done(s); });
        s.on('error', () => done(s));
    })));
}
const drop = (sockets) => sockets.forEach((s) => s.destroy());
async function hostile() {
    let all = await hold(300, 'GET /healthz HTTP/1.1\r\nHost: x\r\nX-');
    for (let i = 0; i < 5; i++) all.forEach((s) => s.writable && s.write('a'));
    await served('slow headers hold up nobody');
    drop(all);
    all = await hold(300, `POST /v1/subjects HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{`);
    await served('nor slow bodies');
    drop(all);
    all = await hold(300, '');
    await served('nor connections that say nothing');
    drop(all);
    all = await hold(20, `GET /healthz HTTP/1.1\r\n${'X-Flood: a\r\n'.repeat(5000)}`);
    await served('nor floods of header fields');
    drop(all);
    all = await hold(50, Buffer.alloc(100000, 0x16));
    await served('nor garbage');
    drop(all);
    all = await hold(50, `GET /v1/stat HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`.repeat(200));
    all.forEach((s) => s.pause());
    await served('nor those who do not read their answers');
    drop(all);
    all = await hold(100, `GET /v1/stat HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    all.forEach((s) => s.resetAndDestroy());
    await served('nor those who reset before the answer');
    all = await hold(1300, '');
    await wait(300);
    const open = /kept_http_connections\{worker="0"\} (\d+)/.exec((await ask('GET', '/metrics', undefined, {}, { agent: new http.Agent(), localAddress: '127.0.0.2' })).raw);
    is('one address has so many connections and no more', Number(open[1]) <= 1024 + 20 && Number(open[1]) > 900, open[1]);
    await served('others have theirs');
    drop(all);
    const c = http2.connect(`http://${plain}`);
    c.on('error', () => {});
    for (let i = 0; i < 2000 && !c.destroyed; i++) {
        const r = c.request({ ':path': '/v1/stat', authorization: `Bearer ${token}` });
        r.on('error', () => {});
        r.close(http2.constants.NGHTTP2_CANCEL);
    }
    await served('nor streams opened and reset');
    c.destroy();
    const bad = ['GET / HTTP/9.9\r\n\r\n', 'GET\r\n\r\n', '\r\n\r\n\r\n\r\n', 'GET /%2e%2e/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
        'POST /v1/subjects HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n', 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n',
        'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n', 'GET / HTTP/1.1\r\n: x\r\n\r\n'];
    for (const b of bad) {
        const got = await raw(b, 1500);
        is(`refused: ${JSON.stringify(b.slice(0, 60))}`, got === '' || /^HTTP\/1\.1 4\d\d/.test(got), got.slice(0, 80));
    }
    await served('and after all of it');
}

// With KEPT_LONG=1, two minutes: who sends slowly, says nothing or takes nothing is cut off.
async function patience() {
    if (process.env.KEPT_LONG !== '1') return;
    const slow = await hold(3, 'GET /healthz HTTP/1.1\r\nHost: x\r\nX-');
    const silent = await hold(3, '');
    const deaf = await hold(3, '');
    const c = http2.connect(`http://${plain}`);
    c.on('error', () => {});
    const r = c.request({ ':path': '/v1/subjects', ':method': 'POST', authorization: `Bearer ${token}` }, { endStream: false });
    r.on('error', () => {});
    deaf.forEach((d) => { d.pause(); d.write('GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2000)); });
    [...slow, ...silent].forEach((d) => d.resume());
    const trickle = setInterval(() => { slow.forEach((d) => d.writable && d.write('a')); if (!r.destroyed) r.write('x'); }, 1000);
    for (let i = 0; i < 45; i++) await wait(1000);
    is('slow and silent connections are closed', [...slow, ...silent].every((d) => d.closed || d.readableEnded), [...slow, ...silent].map((d) => d.closed));
    is('and a stream whose body trickles in', c.destroyed || c.closed);
    for (let i = 0; i < 60; i++) await wait(1000);
    clearInterval(trickle);
    const m = (await ask('GET', '/metrics', undefined, {}, { agent: new http.Agent() })).raw;
    is('and those whose answers are not taken', /closed_stalled_total\{worker="0"\} 3/.test(m), m.split('\n').filter((l) => /closed_/.test(l)));
    drop([...slow, ...silent, ...deaf]);
    c.destroy();
}

// It, wherever a route takes something: in the path, each member of the query, each of the body, as what nothing there is
// called, and in a body that is broken. What was refused, as it was refused; what is taken is an answer to who sent it.
async function everywhere(canary, subject) {
    const api = (await ask('GET', '/v1/openapi.json')).json;
    const known = { subject, name: 'widgets', version: 'current', log: 'web' };
    const refused = [];
    let tried = 0;
    const send = async (method, at, body, headers = {}) => {
        const a = await ask(method, at, body, headers);
        tried++;
        if (a.status >= 400) refused.push(a.raw);
    };
    for (const [path, verbs] of Object.entries(api.paths))
        for (const [verb, op] of Object.entries(verbs)) {
            const method = verb.toUpperCase();
            const at = path.replace(/\{(\w+)\}/g, (_, name) => known[name] || canary);
            if (['service.cease', 'policy.publish', 'erase.subject'].some((end) => op.operationId.endsWith(end))) continue; // they would end the test
            await send(method, path.replace(/\{\w+\}/g, canary));
            await send(method, `${at}?${canary}=1`);
            for (const q of op.parameters || []) if (q.in === 'query') await send(method, `${at}?${q.name}=${canary}`);
            if (op.requestBody === undefined) continue;
            const content = op.requestBody.content['application/json'];
            const schema = content.schema.$ref ? api.components.schemas[content.schema.$ref.split('/').pop()] : content.schema;
            for (const member of Object.keys(schema.properties || {}))
                for (const value of [canary, [canary], { [canary]: canary }]) await send(method, at, { ...(content.example || {}), [member]: value });
            await send(method, at, `{"${canary}": "${canary}`);
            await send(method, at, { [canary]: 1 });
            await send(method, at, canary, { 'content-type': canary });
        }
    return { tried, refused };
}

// What must not be repeated stands in no error, log or number.
async function canaries() {
    const canary = 'canary4711';
    const seen = [];
    const s = await writer();
    for (const a of [ask('GET', `/v1/${canary}`), ask('GET', `/v1/subjects/${canary}`), ask('GET', `/v1/subjects?${canary}=1`), ask('GET', `/v1/subjects?limit=${canary}`),
        ask('POST', `/v1/subjects/${s}/use`, { [canary]: 1 }), ask('POST', `/v1/subjects/${s}/use`, `{"items": ["${canary}`), ask('POST', `/v1/subjects/${s}/values`, { values: { message: { a: canary } } }),
        ask('GET', '/v1/stat', undefined, { authorization: `Bearer ${canary}` }), ask('POST', '/v1/batch', { operations: [{ op: canary }] }),
        ask('POST', `/v1/subjects/${s}/consents`, { function: 'feedback', expires: canary }), ask('POST', `/v1/subjects/${s}/values`, { function: 'feedback', user_action: true, values: { 'contact-phone': canary } }),
        ask('GET', '/healthz', undefined, { 'x-canary': canary })]) seen.push((await a).raw);
    const routes = await everywhere(canary, s);
    is('every route was tried', routes.tried > 100 && routes.refused.length > 100, [routes.tried, routes.refused.length]);
    seen.push(...routes.refused, (await ask('GET', '/metrics')).raw, said);
    is('no error, metric or log says what came', !seen.some((t) => t.includes(canary)), seen.find((t) => t.includes(canary)));
}

async function stops() {
    const seen = () => new Promise((done) => {
        const s = require('tls').connect({ host: tls.split(':')[0], port: Number(tls.split(':')[1]), rejectUnauthorized: false }, () => {
            done(s.getPeerCertificate());
            s.destroy();
        });
    });
    const before = await seen();
    is('the certificate is for this machine alone', before.subjectaltname === 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1', before.subjectaltname);
    process.kill(Number(worker), 'SIGHUP');
    await wait(200);
    is('another one after SIGHUP', (await seen()).fingerprint256 !== before.fingerprint256);
    const a = await ask('GET', '/metrics', undefined, {}, { secure: true });
    is('SIGHUP loads the certificate anew', /certificate_loads_total\{worker="0",loaded="yes"\} 1/.test(a.raw));
    const idle = await hold(5, '');
    // Held up, it finds forty that are connected and the signal at once.
    process.kill(Number(worker), 'SIGSTOP');
    const flying = Array.from({ length: 40 }, () => ask('POST', '/v1/subjects', {}, {}, { agent: new http.Agent() }).catch((e) => ({ status: e.message })));
    await wait(300);
    process.kill(Number(worker), 'SIGTERM');
    process.kill(Number(worker), 'SIGCONT');
    const all = await Promise.all(flying);
    is('told to stop, it answers who was connected', all.every((r) => r.status === 201), all.map((r) => r.status).join());
    child.stdin.end();
    for (let i = 0; i < 100 && child.code === undefined; i++) await wait(100);
    is('and ends well', child.code === 0, [child.code, said]);
    drop(idle);
}

// By whichever worker it comes again, it is done once. A worker's request ids begin with its own 16 digits.
async function workers() {
    process.env.WORKERS = '2';
    await start(process.argv.slice(2));
    const send = (key, region = 'CN', headers = {}) => ask('POST', '/v1/subjects', { region }, { 'idempotency-key': key, ...headers }, { agent: new http.Agent() });
    const whose = (a) => a.headers['x-request-id'].slice(0, 16);
    for (const key of ['one', 'two', 'three']) {
        const all = [await send(key)];
        while (all.length < 100 && new Set(all.map(whose)).size < 2) all.push(await send(key));
        is('with the same key nothing is done twice, by two workers', new Set(all.map(whose)).size === 2 && new Set(all.map((a) => a.raw)).size === 1 && all.every((a) => a.status === 201) &&
            all.every((a, i) => a.headers.location === `/v1/subjects/${all[0].json.subject}` && (a.headers['idempotency-replayed'] === 'true') === i > 0), all.map((a) => [a.status, whose(a), a.raw]));
        const others = [];
        while (others.length < 100 && new Set(others.map(whose)).size < 2) others.push(await send(key, 'DE'));
        is('nor with another body', others.every((a) => a.status === 422) && new Set(others.map(whose)).size === 2, others.map((a) => [a.status, whose(a)]));
    }
    const nobody = await Promise.all(Array.from({ length: 20 }, () => send('one', 'CN', { authorization: 'Bearer other' })));
    is('nobody is told what was answered', nobody.every((a) => a.status === 401));
    const storm = await Promise.all(Array.from({ length: 60 }, () => send('storm')));
    const done = storm.filter((a) => a.status === 201);
    is('all at once: once', storm.every((a) => a.status === 201 || a.status === 409) && new Set(done.map((a) => a.json.subject)).size === 1 && done.length > 0, storm.map((a) => a.status).join());
    // A worker that is killed takes no answer with it.
    const before = await send('kill');
    process.kill(Number(worker), 'SIGKILL');
    let after;
    for (let i = 0; i < 50 && !after; i++) after = await wait(100).then(() => send('kill')).catch(() => undefined);
    is('known still when a worker was killed', after && after.raw === before.raw, after && after.raw);
    child.stdin.end();
    for (let i = 0; i < 100 && child.code === undefined; i++) await wait(100);
    is('and ends well, by two', child.code === 0, [child.code, said]);
}

(async () => {
    await start(process.argv.slice(2));
    for (const part of [basics, refusals, documents, keys, batches, callers, certificates, staff, logs, orders, examples, codes, elsewhere, page, protocols, hostile, patience, canaries, stops, workers])
        await part().catch((e) => is(`${part.name} ran`, false, e.stack));
    if (failed > 0) console.log(said.slice(0, 2000));
    console.log(`${passed} passed, ${failed} failed`);
    process.exit(failed === 0 ? 0 : 1);
})();
