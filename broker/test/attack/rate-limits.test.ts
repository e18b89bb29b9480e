import { connect } from 'node:net';
import { request } from 'undici';
import { describe, expect, test } from 'vitest';
import { databases, useWorld } from '../support/databases.ts';
import { authorizeUrl, postToken, type Reachable, type WorldOptions } from '../support/world.ts';

/*
 * API-11: whoever sends many requests is stopped, whatever they write into the headers that name addresses.
 */

const behindProxy: WorldOptions = {
  environment: { PORTICO_ADDRESS_RATE: '1', PORTICO_TRUST_PROXY: '127.0.0.1,::1' },
};
let count = 0;
const next = (): number => {
  count += 1;
  return count;
};
/** An address of an attacker's choice; never the same twice. */
const invented = () => `9.${next() % 250}.${Math.trunc(count / 250)}.7`;

const somebody = () => `8.9.${next() % 250}.${Math.trunc(count / 250)}`;

/** `proxy`: what the trusted proxy adds, which is the address that it sees. */
async function begin(world: Reachable, proxy: string, headers: Readonly<Record<string, string>> = {}) {
  const { 'x-forwarded-for': own, ...others } = headers;
  const forwarded = own === undefined ? proxy : `${own}, ${proxy}`;
  const { statusCode, body } = await request(authorizeUrl(world), {
    headers: { ...others, 'x-forwarded-for': forwarded },
  });
  await body.dump();
  return statusCode;
}
/** At once, so that no token comes back meanwhile. */
const times = (length: number, ask: () => Promise<number>) => Promise.all(Array.from({ length }, ask));
const passed = (statuses: readonly number[]) => statuses.filter((status) => status !== 429).length;

async function expectLimited(world: Reachable, headers: () => Readonly<Record<string, string>>): Promise<void> {
  const attacker = `8.8.4.${next() % 250}`;
  const statuses = await times(15, () => begin(world, attacker, headers()));
  expect(passed(statuses)).toBeLessThan(10);
  expect(passed(statuses)).toBeGreaterThan(5);
  expect(await begin(world, `8.8.5.${count % 250}`), 'somebody else').not.toBe(429);
}

describe.each(databases)('API-11: limits by address on %s', (database) => {
  const getWorld = useWorld(behindProxy, database);

  test.each([
    ['X-Forwarded-For before the proxy’s own', () => ({ 'x-forwarded-for': invented() })],
    ['two invented hops', () => ({ 'x-forwarded-for': `${invented()}, ${invented()}` })],
    ['what is no address', () => ({ 'x-forwarded-for': 'a' })],
    ['Forwarded', () => ({ forwarded: `for=${invented()}` })],
    ['X-Real-IP', () => ({ 'x-real-ip': invented() })],
    ['CF-Connecting-IP', () => ({ 'cf-connecting-ip': invented() })],
    ['True-Client-IP', () => ({ 'true-client-ip': invented() })],
  ])('a rotating %s gets nobody past the limit', (_, headers) => expectLimited(getWorld(), headers));

  test('an IPv6 subscriber is one address, however many of 2^64 they use', async () => {
    const statuses = await times(15, () => begin(getWorld(), `2600:1f18:aa:bb::${next().toString(16)}`));
    expect(passed(statuses)).toBeLessThan(10);
  });

  test('guessed secrets are stopped for the address that guesses, and for nobody else', async () => {
    const guess = (address: string, secret: string) =>
      postToken(
        getWorld(),
        { grant_type: 'client_credentials', client_id: 'machine', client_secret: secret },
        { 'x-forwarded-for': address },
      );
    for (let round = 0; round < 3; round += 1) {
      const statuses = await times(40, async () => (await guess('8.8.6.6', `guess-${round}`)).status);
      expect(new Set(statuses).isSubsetOf(new Set([401, 429]))).toBe(true);
      // What an address may ask comes back; what it failed at stays.
      getWorld().broker.clock.advance(10);
    }
    const { status, body, headers } = await guess('8.8.6.6', 'one more');
    expect([status, body.error]).toEqual([429, 'too_many_requests']);
    expect(Number(headers['retry-after'])).toBeGreaterThan(200);
    expect((await guess('8.8.6.7', 'wrong')).status).toBe(401);
  });
});

describe('API-11: what is refused', () => {
  const getWorld = useWorld(behindProxy);

  const ask = async (method: 'GET' | 'POST', path: string, address: string) => {
    const answer = await request(getWorld().broker.url(path), {
      method,
      headers: { 'x-forwarded-for': address, 'content-type': 'application/x-www-form-urlencoded' },
      body: method === 'POST' ? 'client_id=web' : null,
    });
    await answer.body.dump();
    return { status: answer.statusCode, headers: answer.headers };
  };

  test.each([
    ['a page', 'GET', 'authorize', 6],
    ['a page', 'POST', 'u/login', 6],
    ['a page', 'GET', 'oidc/logout', 6],
    ['JSON', 'POST', 'oauth/par', 6],
    ['JSON', 'POST', 'oauth/device/code', 6],
    ['JSON', 'POST', 'oauth/token', 60],
    ['JSON', 'POST', 'oauth/revoke', 60],
    ['JSON', 'GET', 'userinfo', 60],
    ['JSON', 'GET', '.well-known/openid-configuration', 60],
    ['JSON', 'GET', '.well-known/jwks.json', 60],
    ['JSON', 'GET', 'pem', 60],
    ['JSON', 'GET', 'readyz', 60],
    ['JSON', 'GET', 'metrics', 60],
    ['JSON', 'GET', 'api/v2/openapi.json', 60],
    ['JSON', 'GET', 'exports/x/y', 60],
  ] as const)('as %s says when to come back: %s /%s', async (_, method, path, burst) => {
    const address = somebody();
    const answers = await Promise.all(Array.from({ length: burst + 20 }, () => ask(method, path, address)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.headers).toMatchObject({
      'retry-after': '1',
      'x-ratelimit-limit': String(burst),
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': expect.stringMatching(/^\d{10}$/),
    });
    expect((await ask(method, path, `8.8.8.${next()}`)).status, 'somebody else').not.toBe(429);
  });
});

describe('API-11: addresses', () => {
  const getWorld = useWorld({ environment: { PORTICO_ADDRESS_RATE: '1' } });

  test('without a trusted proxy no header names an address, and one that is not public is not limited', async () => {
    const statuses = await times(15, () => begin(getWorld(), invented()));
    expect(passed(statuses)).toBe(15);
    await request(authorizeUrl(getWorld(), { redirect_uri: 'https://evil.example' }), {
      headers: { 'x-forwarded-for': invented() },
    }).then(({ body }) => body.dump());
    const [event] = await getWorld().broker.store.logs.list(1);
    expect(event?.ip).toMatch(/^(::1|127\.0\.0\.1|::ffff:127\.0\.0\.1)$/);
  });
});

describe('API-11: a forwarded address that is none', () => {
  const getWorld = useWorld(behindProxy);

  test('counts as not sent', async () => {
    await request(authorizeUrl(getWorld(), { redirect_uri: 'https://evil.example' }), {
      headers: { 'x-forwarded-for': 'a' },
    }).then(({ body }) => body.dump());
    const [event] = await getWorld().broker.store.logs.list(1);
    expect(event?.ip).toMatch(/^(::1|127\.0\.0\.1|::ffff:127\.0\.0\.1)$/);
  });
});

describe('API-11: lists of addresses', () => {
  const getWorld = useWorld(behindProxy);

  test.each([
    ['a thousand invented hops', () => ({ 'x-forwarded-for': `${invented()}, `.repeat(1000) + invented() })],
    ['what is no list of addresses', () => ({ 'x-forwarded-for': `${invented()};\t"a" ,,%00 [::1` })],
    ['an address of our own network', () => ({ 'x-forwarded-for': `10.0.${next() % 250}.1` })],
  ])('%s gets nobody past the limit', (_, headers) => expectLimited(getWorld(), headers));
});

describe('API-11: ten megabytes of forwarded addresses', () => {
  const getWorld = useWorld(behindProxy);

  test('are refused before they are read, and the next request is served', async () => {
    const text = await new Promise<string>((resolve) => {
      const socket = connect(getWorld().broker.port, 'localhost');
      let received = '';
      socket.on('data', (chunk) => {
        received += String(chunk);
      });
      socket.on('error', () => socket.destroy()).on('close', () => resolve(received));
      socket.write(
        `GET /authorize HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: ${'8.8.8.8, '.repeat(1_200_000)}\r\n\r\n`,
      );
    });
    // Whoever goes on sending after the answer may lose the answer with the connection.
    expect(text).toMatch(/^$|^HTTP\/1\.1 431 /);
    expect(await begin(getWorld(), somebody())).not.toBe(429);
  });
});
