import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { endpointsOf } from '../../../src/management/management.ts';
import { scopesOf } from '../../../src/management/openapi.ts';
import { addressOf, managementRoutes } from '../../../src/management/routes.ts';
import { createSeeded, type Seeded } from '../../differential/seeded.ts';
import {
  type Asked,
  issuerUrl,
  type ManagementInProcess,
  openManagement,
} from '../../support/management-in-process.ts';
import { type Corpus, idFor, mutate, searchFor, valueFor } from './values.ts';

/*
 * A hundred thousand requests that nobody would send: whatever is in them, no failure is ours, every answer has the
 * contract's shape, and memory stays what it was. In rounds, each with a tenant of its own, so that what one makes does not
 * slow down the next.
 */

const rounds = 10;
const perRound = 10_000;
const atOnce = 25;

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;
const heapMegabytes = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed / 1_048_576;
};

const open = () =>
  openManagement({
    clients: [
      { client_id: 'web', client_secret: 'web-secret-0123456789', name: 'Web', callbacks: ['https://a.example/cb'] },
      { client_id: 'machine', client_secret: 'machine-secret-0123456789', name: 'Machine' },
    ],
    resource_servers: [{ identifier: 'https://api.example.com/', name: 'API', scopes: [{ value: 'read:x' }] }],
    connections: [
      { name: 'one', strategy: 'oauth2', enabled_clients: ['web'], options: { client_id: 'a', client_secret: 'b' } },
      { name: 'two', strategy: 'oauth2', options: { scope: 'a b' } },
    ],
    actions: [
      { name: 'Act', supported_triggers: [{ id: 'post-login' }], code: 'exports.onExecutePostLogin = () => {};' },
    ],
    rules: [{ name: 'Rule', script: 'function (u, c, cb) { cb(null, u, c); }' }],
  });

/** How many requests had which status: the generator has to get past validation, and to be refused in every way. */
const answered = new Map<number, number>();

/** What exists: most of the ids that are asked for do. */
async function listIds({ deps: { store } }: ManagementInProcess): Promise<Corpus> {
  const lists = await Promise.all([
    store.clients.list(),
    store.connections.list(),
    store.resourceServers.list(),
    store.clientGrants.list(),
    store.actions.list(),
    store.rules.list(),
  ]);
  return [...lists.flatMap((list) => list.map(({ id }) => String(id))), 'post-login', 'https://api.example.com/'];
}

/** The heap after the round, having checked every answer. */
async function runRound(number: number): Promise<number> {
  const management = await open();
  try {
    const endpoints = endpointsOf(management.deps);
    const { store, keys, clock } = management.deps;
    const caller = { store, keys, clock, issuerUrl, audience: `${issuerUrl}api/v2/` };
    const routes = managementRoutes({ caller, limit: async () => ({}) }, endpoints);
    const token = await management.createToken(scopesOf(endpoints));
    const seeded = createSeeded(20_261_122 + number);
    const corpus = await listIds(management);
    const draw = (): Asked => {
      const { method, query, body, ...address } = seeded.pick(endpoints);
      const path = addressOf(address).replace(/:\w+/g, () => idFor(seeded, corpus));
      const json = body === undefined ? undefined : drawBody(seeded, () => valueFor(seeded, body, corpus), corpus);
      return { method, path, search: searchFor(seeded, query, corpus), json, token };
    };
    for (let sent = 0; sent < perRound; sent += atOnce) {
      const batch = Array.from({ length: atOnce }, draw);
      await Promise.all(batch.map((asked) => check(management, asked, () => management.ask(routes, asked))));
    }
    return heapMegabytes();
  } finally {
    await management.close();
  }
}

/** Some as they should be, most with one or two things done to them. */
function drawBody(seeded: Seeded, make: () => unknown, corpus: Corpus): unknown {
  const whole = make();
  const times = seeded.below(4);
  return Array.from({ length: times }).reduce((value) => mutate(seeded, value, corpus), whole);
}

type Reply = Awaited<ReturnType<ManagementInProcess['ask']>>;

async function check({ failures }: ManagementInProcess, asked: Asked, ask: () => Promise<Reply>): Promise<void> {
  const { status, body } = await ask();
  const said = `${asked.method} ${asked.path}?${asked.search} ${JSON.stringify(asked.json)?.slice(0, 500)}`;
  if (status >= 500 || failures.length > 0) throw new Error(`${status} for ${said}: ${JSON.stringify(failures[0])}`);
  answered.set(status, (answered.get(status) ?? 0) + 1);
  if (body === '') return;
  const parsed: unknown = JSON.parse(body);
  const { statusCode, error, message } = (parsed ?? {}) as Record<string, unknown>;
  if (status >= 400 && (statusCode !== status || typeof error !== 'string' || typeof message !== 'string')) {
    throw new Error(`not the contract's error for ${said}: ${body.slice(0, 500)}`);
  }
  if (status >= 400 && body.length > 10_000) throw new Error(`${body.length} characters of error for ${said}`);
}

describe('a hundred thousand mutated requests', () => {
  const heaps: number[] = [];

  test.each(Array.from({ length: rounds }, (_, index) => index + 1))(
    'round %i: none fails on our side, and every refusal has the shape of the contract',
    async (number) => {
      heaps.push(await runRound(number));
    },
    120_000,
  );

  test('the requests reached the endpoints, and were refused in every way', () => {
    for (const [status, least] of Object.entries({
      200: 5_000,
      201: 50,
      204: 1_000,
      400: 20_000,
      404: 5_000,
      409: 5,
    })) {
      expect(answered.get(Number(status)) ?? 0, status).toBeGreaterThanOrEqual(least);
    }
  });

  test('afterwards as much memory is used as after the first of them', () => {
    expect(heaps).toHaveLength(rounds);
    expect((heaps.at(-1) ?? 0) - (heaps[1] ?? 0)).toBeLessThan(64);
  });
});
