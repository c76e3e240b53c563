// typed.mts - what TypeScript takes of the JavaScript client, and what it must not; compiled, never run.
import { Client, Denied, Problem, Reply, type Values } from 'kept';
const kept = new Client('http://localhost:8080', 'x', { app: 'widgets', timeout: 5, retries: 0, fetch });
const values: Values = { message: 'x', blob: new Uint8Array(3), many: ['a', 'b'] };
const reply: Reply = await kept.collect('id', values, { function: 'feedback', user_action: true, idempotencyKey: 'k' });
const v: string | Uint8Array | undefined = reply.value('message');
for await (const e of kept.trailEntries('id', { limit: 1 })) console.log(e.operation);
const r = await kept.batch([{ op: 'use', subject: 'id', items: ['a'], purpose: 'p' }]);
if (r[0] instanceof Problem) console.log(r[0].reason); else console.log(r[0].denied);
await kept.policy('current', { as: 'json', in: 'en' });
// @ts-expect-error a number is no value
await kept.collect('id', { message: 7 });
// @ts-expect-error misspelt
await kept.use('id', ['a'], { porpose: 'x' });
// @ts-expect-error one item
await kept.use('id', 'a');
// @ts-expect-error reads have no key
await kept.stat({ idempotencyKey: 'x' });
