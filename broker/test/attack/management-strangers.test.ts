import { connect } from 'node:net';
import { request } from 'undici';
import { describe, expect, test } from 'vitest';
import { databases, useWorld } from '../support/databases.ts';
import { addAdmin, createApi } from '../support/management.ts';
import type { World, WorldOptions } from '../support/world.ts';

/*
 * API-11: whoever has no good token for the Management API is stopped by their address, and takes nothing from those who
 * have one.
 */

const options: WorldOptions = {
  change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, ['read:clients']),
  environment: { PORTICO_ADDRESS_RATE: '1', PORTICO_MANAGEMENT_RATE: '10', PORTICO_TRUST_PROXY: '127.0.0.1,::1' },
};
let count = 0;
const someAddress = () => {
  count += 1;
  return `8.8.9.${count}`;
};

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
/** As a good one in everything but the signature. */
const forge = (token: string) =>
  `${token.slice(0, token.lastIndexOf('.'))}.${Buffer.alloc(256, 7).toString('base64url')}`;
const unsigned = `${encode({ alg: 'none' })}.${encode({ azp: 'admin', sub: 'admin@clients' })}.`;

async function ask(world: World, path: string, headers: Readonly<Record<string, string>>) {
  const answer = await request(world.broker.url(path), { headers });
  const body = (await answer.body.json()) as Record<string, unknown>;
  return { status: answer.statusCode, headers: answer.headers, body };
}

describe.each(databases)('API-11: the Management API without a good token on %s', (database) => {
  const getWorld = useWorld(options, database);

  test.each([
    ['no token', () => undefined, 401],
    ['what is no token', () => 'x', 400],
    ['a token without signature', () => unsigned, 401],
    ['a forged one of an application', forge, 401],
  ])('%s: an address is stopped, whatever it asks for, and nobody else is', async (_, make, status) => {
    const { token } = await createApi(getWorld());
    const bad = make(token);
    const address = someAddress();
    const credentials = bad === undefined ? {} : { authorization: `Bearer ${bad}` };
    const from = (ip: string) => ({ ...credentials, 'x-forwarded-for': ip });
    const paths = ['api/v2/clients', 'api/v2/there-is-no-such-thing', 'api/portico/v1/connections/warnings'];
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_each, index) => ask(getWorld(), paths[index % 3] ?? '', from(address))),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([status, 429]));
    const refused = answers.filter((answer) => answer.status === 429);
    expect(refused.length).toBeGreaterThan(15);
    expect(refused[0]).toMatchObject({
      headers: { 'retry-after': '1', 'x-ratelimit-limit': '6', 'x-ratelimit-remaining': '0' },
      body: { statusCode: 429, error: 'Too Many Requests', errorCode: 'too_many_requests' },
    });
    expect((await ask(getWorld(), 'api/v2/clients', from(someAddress()))).status).toBe(status);
    // From the very same address.
    const good = { authorization: `Bearer ${token}`, 'x-forwarded-for': address };
    expect((await ask(getWorld(), 'api/v2/clients', good)).status).toBe(200);
  });

  test('forged tokens of an application spend nothing of what it may ask', async () => {
    const { token } = await createApi(getWorld());
    getWorld().broker.clock.advance(60);
    const authorization = `Bearer ${forge(token)}`;
    const answers = await Promise.all(
      Array.from({ length: 60 }, () =>
        ask(getWorld(), 'api/v2/clients', { authorization, 'x-forwarded-for': someAddress() }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    const own = await ask(getWorld(), 'api/v2/clients', { authorization: `Bearer ${token}` });
    expect(own).toMatchObject({ status: 200, headers: { 'x-ratelimit-limit': '30', 'x-ratelimit-remaining': '29' } });
  });
});

describe('API-11: a body', () => {
  const getWorld = useWorld(options);

  /** The first line of the answer to the head of a request, whose body never comes. */
  const answerToHead = (lines: readonly string[]) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(getWorld().broker.port, 'localhost');
      socket.once('data', (data) => {
        socket.destroy();
        resolve(data.toString().split('\r\n', 1)[0] ?? '');
      });
      socket.once('error', reject);
      socket.write(`${['POST /api/v2/clients HTTP/1.1', 'host: a', ...lines].join('\r\n')}\r\n\r\n`);
    });
  const large = ['content-type: application/json', 'content-length: 1000000'];

  test('is not waited for before it is known that the caller may send it', async () => {
    const { token } = await createApi(getWorld());
    expect(await answerToHead(large)).toBe('HTTP/1.1 401 Unauthorized');
    expect(await answerToHead([...large, `authorization: Bearer ${forge(token)}`])).toBe('HTTP/1.1 401 Unauthorized');
    expect(await answerToHead([...large, `authorization: Bearer ${token}`])).toBe('HTTP/1.1 403 Forbidden');
  });
});
