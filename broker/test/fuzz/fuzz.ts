import { Pool } from 'undici';
import { expect } from 'vitest';
import { addClients, secretsOf } from '../differential/clients.ts';
import { findRedirectFaults } from '../differential/compare.ts';
import type { Handles, Preparation } from '../differential/draft.ts';
import { generateBent, type Part } from '../differential/generate.ts';
import { decideFor } from '../differential/run.ts';
import { createSeeded, type Seeded } from '../differential/seeded.ts';
import { type Sent, serialize } from '../differential/serialize.ts';
import { connect, type Server } from '../differential/server.ts';
import type { Response } from '../differential/verdict.ts';
import { createAgent } from '../support/agent.ts';
import { redeem, signIn, startWorld, type World } from '../support/world.ts';
import { bendJson } from './bend-json.ts';
import { bendHeaders, bendText } from './bend-text.ts';
import { createLogWatch, type LogWatch } from './log-watch.ts';

/*
 * Requests that begin as good ones and are bent until nobody knows what they mean. Whatever they are, the broker answers,
 * sends nobody to an address that is not proven, and keeps its secrets. The same seed makes the same requests:
 * FUZZ_SEED=7 makes others, FUZZ_REQUESTS=1000000 more of them.
 */

const seed = Number(process.env.FUZZ_SEED ?? 1);
const count = Number(process.env.FUZZ_REQUESTS ?? 100_000);
/** Pushed requests, revocations and devices share code with the other two. */
const countOf = (part: Part): number => (part === 'direct' ? Math.ceil(count / 5) : count);
const lanes = 64;
/** Codes and tokens that are good when they are sent are made anew after so many requests. */
const freshEvery = 500;
const mayGrowBytes = 200 * 1024 * 1024;

export type Fault = { readonly what: string; readonly request: string };

export type Outcome = {
  readonly sent: number;
  readonly statuses: ReadonlyMap<number, number>;
  readonly faults: readonly Fault[];
  /** Records of level `error`: what nobody expected. */
  readonly errors: readonly string[];
  readonly grownBytes: number;
};

export async function fuzz(part: Part): Promise<Outcome> {
  const watch = createLogWatch();
  const world = await startWorld({ change: addClients, log: watch.log });
  try {
    const server = await connect(world.broker.issuerUrl, decideFor(world));
    const pool = new Pool(server.url, { connections: lanes, keepAliveTimeout: 60_000 });
    const secrets = secretsIn(world);
    watch.secrets.push(...secrets);
    const statuses = new Map<number, number>();
    const faults: Fault[] = [];
    const grow = await measureGrowth(async () => {
      const requests = makeRequests({ part, server, watch }, createSeeded(seed));
      const lane = async () => {
        for await (const sent of requests) {
          const response = await ask(pool, sent);
          statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
          for (const what of findFaults(sent, response, { url: server.url, secrets })) {
            if (faults.length < 20) faults.push({ what, request: tell(sent) });
          }
        }
      };
      await Promise.all(Array.from({ length: lanes }, lane));
    });
    await pool.close();
    await server.close();
    await expectHealth(world);
    const sent = [...statuses.values()].reduce((sum, each) => sum + each, 0);
    return { sent, statuses, faults, errors: watch.found, grownBytes: grow };
  } finally {
    await world.close();
  }
}

type Making = { readonly part: Part; readonly server: Server; readonly watch: LogWatch };

/** Lanes take from one generator, so that the order of requests is the seed's. */
async function* makeRequests({ part, server, watch }: Making, seeded: Seeded): AsyncGenerator<Sent> {
  const prepared = new Map<string, Handles>();
  for (let index = 0; index < countOf(part); index += 1) {
    if (index % freshEvery === 0) prepared.clear();
    const draft = generateBent(seeded, part);
    const handles = await take(prepared, server, draft.preparation);
    for (const handle of [handles.code, handles.refreshToken, handles.deviceCode]) watch.addHandle(handle);
    yield bend(seeded, serialize(draft, handles));
  }
}

async function take(prepared: Map<string, Handles>, server: Server, preparation: Preparation | undefined) {
  const key = JSON.stringify(preparation ?? {});
  const known = prepared.get(key);
  if (known !== undefined) return known;
  const handles = await server.prepare(preparation);
  prepared.set(key, handles);
  return handles;
}

function bend(seeded: Seeded, sent: Sent): Sent {
  const headers = bendHeaders(seeded, sent.headers);
  if (seeded.below(5) === 0) return { ...sent, headers };
  if (sent.body !== null && sent.draft.endpoint !== 'authorize' && seeded.below(8) === 0) {
    return {
      ...sent,
      headers: { ...headers, 'content-type': 'application/json' },
      body: bendJson(seeded, sent.parameters),
    };
  }
  if (sent.body !== null) {
    const body = bendText(seeded, sent.body);
    return { ...sent, headers, body, parameters: new URLSearchParams(body) };
  }
  const [path = '', query = ''] = sent.path.split('?', 2);
  // What no HTTP client can write in an address is escaped.
  const bent = bendText(seeded, query).replace(/[^!-~]|#/g, encodeURIComponent);
  return { ...sent, headers, path: `${path}?${bent}`, parameters: new URLSearchParams(bent) };
}

async function ask(pool: Pool, { draft, path, body, headers }: Sent): Promise<Response & { readonly head: string }> {
  const answer = await pool.request({ path, method: draft.method, headers, body });
  const { location } = answer.headers;
  return {
    status: answer.statusCode,
    location: typeof location === 'string' ? location : undefined,
    head: JSON.stringify(answer.headers),
    body: await answer.body.text(),
  };
}

type Facts = { readonly url: string; readonly secrets: readonly string[] };

function findFaults(sent: Sent, response: Response & { readonly head: string }, { url, secrets }: Facts): string[] {
  const { status, body, head } = response;
  const faults = status >= 500 ? [`status ${status}`] : [];
  if (sent.draft.endpoint === 'authorize') faults.push(...findRedirectFaults(sent, withoutProvider(response), url));
  for (const secret of secrets) {
    const isShown = head.includes(secret) || body.includes(secret);
    if (isShown && !isMisplaced(sent, secret)) faults.push('a secret in the answer');
  }
  return faults;
}

/** Bending has made it a part of something else, which an error may repeat to whom sent it. */
const isMisplaced = ({ parameters }: Sent, secret: string): boolean =>
  [...parameters].some(
    ([name, value]) => name.includes(secret) || (name !== 'client_secret' && value.includes(secret)),
  );

/** A browser that is sent to the provider is asked to sign in, as one that is sent to a page of ours. */
function withoutProvider(response: Response): Response {
  const isProvider =
    response.location?.includes('/authorize?') === true && response.location.includes('login%2Fcallback');
  return isProvider ? { ...response, location: '/u/login' } : response;
}

const secretsIn = ({ provider }: World): string[] =>
  [...Object.values(secretsOf), provider.clientSecret].filter((secret) => secret !== undefined);

/** What stays in memory after everything is done. */
async function measureGrowth(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage();
  await work();
  const after = process.memoryUsage();
  return after.heapUsed + after.external - before.heapUsed - before.external;
}

/** Who comes afterwards is served as ever, and nobody was made on the way. */
async function expectHealth(world: World): Promise<void> {
  const { answer } = await signIn(world, {}, createAgent());
  const { status, body } = await redeem(world, answer.code);
  expect(status, JSON.stringify(body)).toBe(200);
  expect(await world.broker.store.users.count()).toBe(1);
}

const tell = ({ draft, path, headers, body }: Sent): string =>
  `${draft.title}\n  ${path}\n  ${JSON.stringify(headers)}\n  ${body}`.slice(0, 1500);

/** The same for both endpoints. */
export function expectUnharmed({ sent, statuses, faults, errors, grownBytes }: Outcome, part: Part): void {
  const byStatus = [...statuses].sort().map(([status, times]) => `${status}: ${times}`);
  process.stdout.write(
    `fuzz, ${part}, seed ${seed}: ${sent} requests (${byStatus.join(', ')}), ${grownBytes >> 20} MiB more in memory\n`,
  );
  expect(faults).toEqual([]);
  expect(errors).toEqual([]);
  expect(sent).toBe(countOf(part));
  // Not everything is refused: what is bent is still near to what is good.
  expect(statuses.size).toBeGreaterThan(3);
  expect(grownBytes).toBeLessThan(mayGrowBytes);
}

export const fuzzTimeoutMs = 60_000 + count * 20;
