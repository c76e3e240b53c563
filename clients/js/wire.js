// wire.js - HTTP by fetch: repeats where nothing is done twice, documents that did not change.
import { KeptError, Problem, Unreachable } from './answers.js';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5000;
const CACHED_DOCUMENTS = 64;

/** A key is unique, and no secret. */
export function makeKey() {
    const bytes = new Uint8Array(16);
    if (globalThis.crypto?.getRandomValues) globalThis.crypto.getRandomValues(bytes);
    else bytes.forEach((_, i) => { bytes[i] = Math.random() * 256; }); // Node 18
    return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

/** A piece of a path. An empty one, or dots, would make it another path. */
export function piece(name, value, slashes = false) {
    if (typeof value !== 'string' && !Number.isSafeInteger(value)) throw new TypeError(`${name} is a text, not ${value === null ? 'null' : typeof value}`);
    const parts = slashes ? String(value).split('/') : [String(value)];
    if (parts.some((p) => p === '' || p === '.' || p === '..')) throw new TypeError(`${name} may be neither empty nor dots`);
    return parts.map(encodeURIComponent).join('/');
}

export function query(members) {
    const all = Object.entries(members).map(([k, v]) => `${k}=${encodeURIComponent(Array.isArray(v) ? v.join(',') : v)}`);
    return all.length > 0 ? `?${all.join('&')}` : '';
}

function parse(body, status) {
    try {
        return JSON.parse(new TextDecoder().decode(body));
    } catch {
        throw new KeptError(`the answer (${status}) is no JSON: is it kept that answers there?`);
    }
}

class Answer {
    constructor(status, headers, body) {
        Object.assign(this, { status, headers, body });
    }

    json() {
        return parse(this.body, this.status);
    }

    text() {
        return new TextDecoder().decode(this.body);
    }

    problem(key) {
        const form = this.headers.get('content-type')?.startsWith('application/problem+json');
        const told = form ? this.json() : { title: 'Unknown', request: this.headers.get('x-request-id') ?? undefined,
            detail: 'the answer is no problem document: is it kept that answers there?' };
        return Problem.of(this.status, told, key);
    }
}

function sleep(ms, signal) {
    return new Promise((done, fail) => {
        const stop = () => { clearTimeout(timer); fail(signal.reason); };
        const timer = setTimeout(() => { signal.removeEventListener('abort', stop); done(); }, ms);
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop, { once: true });
    });
}

// 503 says that the holder of keys is busy; 409 of a key, that the same request is still under way.
function worthRepeating(answer, key) {
    return answer.status === 503 || (answer.status === 409 && key !== undefined && answer.text().includes('"/v1/problems#key"'));
}

export class Wire {
    #url;
    #token;
    #fetch;
    #documents = new Map();

    constructor(url, token, { timeout = 30000, retries = 3, fetch = globalThis.fetch }) {
        const at = new URL(url);
        if (!['http:', 'https:'].includes(at.protocol) || at.pathname !== '/' || at.search !== '' || at.username !== '') throw new TypeError('url is http://HOST:PORT or https://HOST:PORT');
        if (token !== undefined && !/^[!-~]+$/.test(token)) throw new TypeError('the token is not one that kept caller add makes');
        if (!(timeout > 0) || !Number.isInteger(retries) || retries < 0) throw new TypeError('retries are 0 or more, a timeout is more than 0 ms');
        if (typeof fetch !== 'function') throw new TypeError('there is no fetch: Node 18 has one, or give one');
        this.#url = at.origin;
        this.#token = token;
        this.#fetch = fetch;
        this.timeout = timeout;
        this.retries = retries;
    }

    async #once(path, request) {
        const call = this.#fetch; // as a function of nobody: browsers insist
        const r = await call(this.#url + path, request);
        return new Answer(r.status, r.headers, new Uint8Array(await r.arrayBuffer()));
    }

    // Whatever is sent may be sent again: it only reads, or it has a key.
    async send(method, path, { body, key, tag, token = true, timeout = this.timeout, signal } = {}) {
        const headers = { accept: 'application/json, application/problem+json, */*' };
        if (token && this.#token !== undefined) headers.authorization = `Bearer ${this.#token}`;
        if (key !== undefined) headers['idempotency-key'] = key;
        if (tag !== undefined) headers['if-none-match'] = tag;
        if (body !== undefined) headers['content-type'] = 'application/json';
        const control = new AbortController();
        const stop = () => control.abort(signal.reason);
        const late = new Unreachable(`no answer within ${timeout} ms`, key);
        const until = Date.now() + timeout;
        const timer = setTimeout(() => control.abort(late), timeout);
        if (signal?.aborted) stop();
        signal?.addEventListener('abort', stop, { once: true });
        const request = { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: control.signal, redirect: 'error', credentials: 'omit' };
        try {
            return await this.#repeat(path, request, key, until);
        } catch (lost) {
            if (control.signal.aborted) throw control.signal.reason;
            throw lost;
        } finally {
            clearTimeout(timer);
            signal?.removeEventListener('abort', stop);
        }
    }

    async #repeat(path, request, key, until) {
        for (let turn = 0; ; turn++) {
            let wait = (0.5 + Math.random() / 2) * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** turn);
            let answer;
            try {
                answer = await this.#once(path, request);
            } catch (lost) {
                if (request.signal.aborted || turn >= this.retries || wait >= until - Date.now()) {
                    throw new Unreachable(`the connection was lost, or never made (${lost.cause?.code ?? lost.name})`, key, { cause: lost });
                }
            }
            if (answer !== undefined) {
                if (turn >= this.retries || !worthRepeating(answer, key)) return answer;
                wait = Math.max(wait, 1000 * (Number(answer.headers.get('retry-after')) || 0));
                if (wait >= until - Date.now()) return answer;
            }
            await sleep(wait, request.signal);
        }
    }

    // A public document: asked for with the tag of before, and not sent again when it is the same.
    async document(path, { timeout, signal } = {}) {
        const before = this.#documents.get(path);
        const answer = await this.send('GET', path, { tag: before?.headers.get('etag'), token: false, timeout, signal });
        if (answer.status === 304 && before !== undefined) return before;
        if (answer.status !== 200) throw answer.problem();
        if (answer.headers.get('etag') !== null) {
            this.#documents.delete(path);
            this.#documents.set(path, answer);
            if (this.#documents.size > CACHED_DOCUMENTS) this.#documents.delete(this.#documents.keys().next().value);
        }
        return answer;
    }
}
