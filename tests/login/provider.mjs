// provider.mjs - people log in by a real provider: what it signs binds and shows them, once, and nothing else does.
import { spawn, spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import http from 'node:http';
import { Provider } from 'oidc-provider';
import { Client, Denied, KeptError } from '../../clients/js/kept.js';

console.warn = console.info = () => {}; // the provider tells that it is none to be lived with
let passed = 0, failed = 0;
function is(what, good, seen) {
    if (good) passed++;
    else { failed++; console.log(`FAILED ${what}: ${typeof seen === 'string' ? seen : JSON.stringify(seen)}`); }
}
async function denied(what, promise, reason) {
    try { is(what, false, (await promise).report); } catch (e) { is(what, e instanceof Denied && e.reason === reason, e.reason ?? String(e)); }
}

// ---- the provider: two keys, a client of ours for each algorithm, and one of somebody else

const REDIRECT = 'http://127.0.0.1:9/back'; // nobody listens there: what it is sent to is what is wanted
const keys = [['rsa', { modulusLength: 2048 }, 'RS256', 'r1'], ['ec', { namedCurve: 'P-256' }, 'ES256', 'e1']].map(([kind, how, alg, kid]) => (
    { ...crypto.generateKeyPairSync(kind, how).privateKey.export({ format: 'jwk' }), alg, kid, use: 'sig' }));
const clients = [['lantern', 'RS256'], ['lantern-es', 'ES256'], ['somebody-else', 'RS256']].map(([client_id, alg]) => (
    { client_id, client_secret: 'a secret of this test alone', redirect_uris: [REDIRECT], response_types: ['code'],
        grant_types: ['authorization_code'], id_token_signed_response_alg: alg }));

async function provide() {
    const server = http.createServer().listen(0, '127.0.0.1');
    await new Promise((up) => { server.once('listening', up); });
    const issuer = `http://127.0.0.1:${server.address().port}`;
    const provider = new Provider(issuer, { clients, jwks: { keys }, cookies: { keys: ['of this test alone'] },
        findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }) });
    server.on('request', provider.callback());
    return { issuer, server };
}

// Somebody in a browser: cookies, redirects, and the provider's two pages, until it sends them back with a code.
async function logIn(issuer, client_id, who, nonce) {
    const jar = new Map(), verifier = crypto.randomBytes(32).toString('base64url');
    const step = async (url, form) => {
        const r = await fetch(new URL(url, issuer), { redirect: 'manual', method: form ? 'POST' : 'GET', body: form && new URLSearchParams(form),
            headers: { cookie: [...jar].map(([k, v]) => `${k}=${v}`).join('; ') } });
        for (const c of r.headers.getSetCookie()) {
            const [name, value] = c.split(';')[0].split(/=(.*)/);
            if (value) jar.set(name, value); else jar.delete(name);
        }
        return r;
    };
    const asked = new URLSearchParams({ client_id, response_type: 'code', scope: 'openid', redirect_uri: REDIRECT, nonce, state: 'of this test',
        code_challenge: crypto.createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256' });
    let at = `/auth?${asked}`;
    for (let i = 0; i < 20; i++) {
        const r = await step(at, undefined);
        if (r.status !== 302 && r.status !== 303) {
            const page = await r.text(), [, action] = /action="([^"]+)"/.exec(page) ?? [], [, prompt] = /name="prompt" value="([^"]+)"/.exec(page) ?? [];
            if (!action) throw new Error(`a page that nobody expects: ${r.status} ${page.slice(0, 300)}`);
            at = (await step(action, prompt === 'login' ? { prompt, login: who, password: 'any' } : { prompt })).headers.get('location');
        } else at = r.headers.get('location');
        if (at.startsWith(REDIRECT)) break;
    }
    const code = new URL(at).searchParams.get('code');
    const r = await fetch(`${issuer}/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: verifier }),
        headers: { authorization: `Basic ${Buffer.from(`${client_id}:${encodeURIComponent('a secret of this test alone').replaceAll('%20', '+')}`).toString('base64')}` } });
    const told = await r.json();
    if (!told.id_token) throw new Error(JSON.stringify(told));
    return told;
}

// ---- kept: the real service, with the policy of an app that takes such accounts

async function serve() {
    const child = spawn('tests/http/serve', { stdio: ['pipe', 'pipe', 'inherit'] });
    const line = await new Promise((done, fail) => { child.stdout.once('data', (d) => done(String(d))); child.once('exit', () => fail(new Error('it does not serve'))); });
    const [plain, , token, , dir] = line.trim().split(' ');
    const env = { ...process.env, KEPT_STORE: `${dir}/store`, KEPT_KEYRING: `${dir}/keyring`, KEPT_ROOT_KEY: `${dir}/root.key` };
    const kept = (...words) => spawnSync(`build/${process.env.VARIANT}/kept`, words, { env, encoding: 'utf8' });
    return { url: `http://${plain}`, token, kept, stop: () => new Promise((done) => { child.once('exit', done); child.stdin.end(); }) };
}

const RECIPIENT = 'social-platform', HERE = { function: 'social-login', user_action: true };
const { issuer, server } = await provide();
const service = await serve();
const client = (token) => new Client(service.url, token, { app: 'media' });
const c = client(service.token);

async function person(agrees = true) {
    const { subject } = await c.subjectNew();
    await c.consentAcknowledge(subject);
    if (agrees) {
        await c.consentGrant(subject, { kind: 'separate', recipient: RECIPIENT });
        await c.consentGrant(subject, { kind: 'explicit', function: 'social-login' });
    }
    return subject;
}
const begin = async (as, more) => (await as.accountBegin(undefined, { recipient: RECIPIENT, ...more })).report.nonce;
const token = async (who, nonce, by = 'lantern') => (await logIn(issuer, by, who, nonce)).id_token;

// The operator fetches the provider's set of keys; kept never does.
async function operator() {
    const jwks = await (await fetch(`${issuer}/jwks`)).json();
    const owner = client(JSON.parse(service.kept('--json', 'caller', 'add', 'operator', '--operations', 'provider.add,provider.remove,provider.list').stdout).report.token);
    const said = (client_id, keep = () => true) => ({ 'social-id': JSON.stringify({ issuer, client_id, leave: `${issuer}/apps`, jwks: { keys: jwks.keys.filter(keep) } }) });
    await denied('an app adds no provider', c.providerAdd(RECIPIENT, said('lantern')), 'CALLER');
    const { report } = await owner.providerAdd(RECIPIENT, said('lantern'));
    is('a provider and its keys', report.keys.length === 2 && report.issuer === issuer, report);
    return { owner, said };
}

async function bindings({ owner, said }) {
    const lei = await person(), mei = await person(), undecided = await person(false);
    const told = await logIn(issuer, 'lantern', 'lei', await begin(c, { subject_id: lei }));
    is('the provider signs as it says', JSON.parse(Buffer.from(told.id_token.split('.')[0], 'base64url')).alg === 'RS256', told);
    const claims = JSON.parse(Buffer.from(told.id_token.split('.')[1], 'base64url'));
    is('and says who', claims.sub === 'lei' && claims.aud === 'lantern', claims);
    await denied('another token of it is none', c.accountBind(lei, RECIPIENT, told.access_token, HERE), 'ID_TOKEN');
    const [head, body, signature] = told.id_token.split('.');
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'mei' })).toString('base64url');
    await denied('a claim that was changed', c.accountBind(lei, RECIPIENT, `${head}.${forged}.${signature}`, HERE), 'ID_TOKEN');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    await denied('a token without a signature', c.accountBind(lei, RECIPIENT, `${none}.${body}.`, HERE), 'ID_TOKEN');
    await denied('begun for somebody else', c.accountBind(mei, RECIPIENT, told.id_token, HERE), 'ID_TOKEN');
    const bound = await c.accountBind(lei, RECIPIENT, told.id_token, HERE);
    is('bound', bound.report.bound === RECIPIENT && bound.report.leave === `${issuer}/apps`, bound.report);
    await denied('once', c.accountBind(lei, RECIPIENT, told.id_token, HERE), 'ID_TOKEN');
    await denied('not without consent', c.accountBind(undecided, RECIPIENT, await token('an', await begin(c, { subject_id: undecided })), HERE), 'NEEDS_CONSENT');
    await denied('to one person', c.accountBind(mei, RECIPIENT, await token('lei', await begin(c, { subject_id: mei })), HERE), 'BOUND');
    await denied('a nonce of one\'s own', c.accountProve({ recipient: RECIPIENT, id_token: await token('lei', 'a nonce of mine') }), 'ID_TOKEN');
    await denied('a token for somebody else', c.accountProve({ recipient: RECIPIENT, id_token: await token('lei', await begin(c), 'somebody-else') }), 'ID_TOKEN');
    await owner.providerAdd(RECIPIENT, said('lantern', (k) => k.kid === 'e1'));
    await denied('a key that is not its any more', c.accountProve({ recipient: RECIPIENT, id_token: await token('lei', await begin(c)) }), 'ID_TOKEN');
    await owner.providerAdd(RECIPIENT, said('lantern-es'));
    const es = await c.accountProve({ recipient: RECIPIENT, id_token: await token('lei', await begin(c), 'lantern-es') });
    is('by its other key, the same person', es.subject === lei, es.subject);
    await owner.providerAdd(RECIPIENT, said('lantern'));
    return { lei, mei };
}

// People by themselves, from a login there to leaving for good.
async function themselves({ lei, mei }) {
    const nobody = client(undefined);
    const id_token = await token('lei', await begin(nobody));
    const shown = await nobody.accountProve({ recipient: RECIPIENT, id_token, session: true });
    is('whoever it is bound to', shown.subject === lei && shown.report.level === 'code', shown.report);
    await denied('each login once', nobody.accountProve({ recipient: RECIPIENT, id_token, session: true }), 'ID_TOKEN');
    await denied('who is bound to nobody', nobody.accountProve({ recipient: RECIPIENT, id_token: await token('stranger', await begin(nobody)) }), 'ID_TOKEN');
    const own = client(shown.report.session.token);
    is('it is told', (await own.accountShow(lei)).report.bound[0].provider === RECIPIENT, 'nothing');
    await denied('a login that others began', own.accountBind(lei, RECIPIENT, await token('mallory', await begin(nobody)), HERE), 'ID_TOKEN');
    await denied('the only way stays', own.accountUnbind(lei, RECIPIENT), 'ONLY_WAY');
    const { report } = await own.eraseSubject(lei);
    is('who leaves is told where it ends there', report.unbound?.[0].provider === RECIPIENT && report.unbound[0].leave === `${issuer}/apps`, report);
    await denied('and is nobody', nobody.accountProve({ recipient: RECIPIENT, id_token: await token('lei', await begin(nobody)) }), 'ID_TOKEN');
    await c.accountBind(mei, RECIPIENT, await token('lei', await begin(c, { subject_id: mei })), HERE);
    await c.collect(mei, { phone: '13900000007' }, { function: 'register', user_action: true });
    is('with another way it is unbound', (await c.accountUnbind(mei, RECIPIENT)).report.leave === `${issuer}/apps`, 'not');
    await denied('and shows nobody', c.accountProve({ recipient: RECIPIENT, id_token: await token('lei', await begin(c)) }), 'ID_TOKEN');
}

// The same words at the command line, and the end of it.
async function commands({ owner }) {
    const listed = service.kept('--json', 'provider', 'list', '--app', 'media');
    is('provider list', listed.status === 0 && JSON.parse(listed.stdout).report.providers[0].issuer === issuer, listed.stdout + listed.stderr);
    const subject = await person();
    const begun = service.kept('--json', 'account', 'begin', '--recipient', RECIPIENT, '--subject', subject, '--app', 'media');
    const bound = service.kept('--json', 'account', 'bind', subject, RECIPIENT, '--app', 'media', '--function', 'social-login', '--user-action',
        '--code', await token('zoe', JSON.parse(begun.stdout).report.nonce));
    is('account bind', bound.status === 0 && JSON.parse(bound.stdout).report.bound === RECIPIENT, bound.stdout + bound.stderr);
    const unbound = service.kept('account', 'unbind', subject, RECIPIENT, '--app', 'media');
    is('account unbind, and says why not', unbound.status === 1 && /ONLY_WAY/.test(unbound.stdout + unbound.stderr), unbound.stdout + unbound.stderr);
    await owner.providerRemove(RECIPIENT);
    try { await c.accountBegin(undefined, { recipient: RECIPIENT }); is('no provider any more', false, ''); } catch (e) {
        is('no provider any more', e instanceof KeptError && e.status === 404, String(e));
    }
}

try {
    const as = await operator();
    await themselves(await bindings(as));
    await commands(as);
} catch (e) {
    failed++;
    console.log(`FAILED ${e.stack}`, JSON.stringify(e.detail ?? e.reason ?? ''));
}
server.close();
server.closeAllConnections();
is('it stops as it should', await service.stop() === 0, 'not');
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
