// answers.js - what a call gives: a Reply, or one of the errors. Neither shows a value when it is printed.
const INSPECT = Symbol.for('nodejs.util.inspect.custom');
const hex = /^(?:[0-9a-f]{2})*$/i;

function fromHex(text) {
    if (!hex.test(text)) throw new KeptError('the answer has hex digits that are none');
    return Uint8Array.from({ length: text.length / 2 }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

/** One item's verdict. */
export class Field {
    constructor({ value_hex: bytes, ...told }) {
        Object.assign(this, told);
        if (bytes !== undefined) this.value = fromHex(bytes);
    }

    [INSPECT]() {
        const { value, ...shown } = this;
        return value === undefined ? shown : { ...shown, value: '(not shown)' };
    }
}

/** Yes, or yes in part: what was refused of it is in denied. */
export class Reply {
    constructor(told, request, replayed = false) {
        Object.assign(this, { stripped: 0, observed: false, in_part: false, report: {} }, told);
        this.fields = (told.fields ?? []).map((f) => new Field(f));
        this.request = request;
        this.replayed = replayed;
    }

    get denied() {
        return this.fields.filter((f) => f.decision === 'deny');
    }

    values(item) {
        return this.fields.filter((f) => f.item === item && f.decision !== 'deny' && f.value !== undefined).map((f) => f.value);
    }

    value(item) {
        return this.values(item)[0];
    }

    [INSPECT]() {
        return { ...this, report: '(not shown)' };
    }
}

/** What any call may throw. */
export class KeptError extends Error {
    constructor(text, options) {
        super(text, options);
        this.name = new.target.name;
    }
}

/** No answer: the connection was lost, or the time was over. */
export class Unreachable extends KeptError {
    constructor(text, idempotencyKey, options) {
        super(text, options);
        this.idempotencyKey = idempotencyKey;
    }
}

function sentence(status, told) {
    const clause = told.clause ? ` (clause ${told.clause})` : '';
    const remedy = told.remedy ? `; what helps: ${told.remedy}` : '';
    return `${status} ${told.reason ?? told.title ?? ''}: ${told.detail ?? ''}${clause}${remedy}`;
}

const MEMBERS = ['type', 'title', 'detail', 'reason', 'means', 'remedy', 'clause', 'line', 'policy_version', 'operation', 'entry', 'request'];

/** An answer of 4xx or 5xx: a problem document (RFC 9457), which says nothing of anybody. */
export class Problem extends KeptError {
    constructor(status, told, idempotencyKey) {
        super(sentence(status, told));
        this.status = status;
        for (const name of MEMBERS) this[name] = told[name];
        this.fields = (told.fields ?? []).map((f) => new Field(f));
        this.idempotencyKey = idempotencyKey;
    }

    static of(status, told, idempotencyKey) {
        return new (told.decision === 'deny' ? Denied : Problem)(status, told, idempotencyKey);
    }
}

/** The policy says no. */
export class Denied extends Problem {}
