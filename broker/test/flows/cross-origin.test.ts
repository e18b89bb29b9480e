import { request } from 'undici';
import { describe, expect, test } from 'vitest';
import { useWorld } from '../support/databases.ts';
import { machineSecret, spaCallback } from '../support/world.ts';

const getWorld = useWorld({
  change(seed) {
    const [, spa] = seed.clients;
    if (spa !== undefined) spa.allowed_origins = ['https://legacy.example.com'];
  },
});

type Init = {
  readonly method: 'GET' | 'POST' | 'OPTIONS';
  readonly headers: Record<string, string>;
  readonly body?: string;
};

async function send(path: string, init: Init) {
  const response = await request(getWorld().broker.url(path), init);
  await response.body.dump();
  return { status: response.statusCode, headers: response.headers };
}

const known = [spaCallback, 'https://legacy.example.com', 'https://app.example.com'];
/** API-24: what ends or begins like one that is known, or is one where a dot is any letter. */
const unknown = [
  'https://evil.example',
  'https://spa.example.com.evil.example',
  'https://evil-spa.example.com',
  'https://evilspa.example.com',
  'https://spaXexample.com',
  'https://spa.example.com:444',
  'https://user@spa.example.com',
  'https://spa.example.com/',
  'https://spa.example.com, https://evil.example',
  'http://spa.example.com',
  'https://SPA.example.com.',
  'null',
  '*',
];

describe.each(['oauth/token', 'userinfo', 'oauth/revoke'])('API-24: /%s from the pages of an application', (path) => {
  const preflight = (origin: string) =>
    send(path, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'auth0-client,authorization,content-type,dpop',
      },
    });

  test.each(known)('%s may send the Auth0-Client header', async (origin) => {
    const { status, headers } = await preflight(origin);
    expect(status).toBe(204);
    expect(headers['access-control-allow-origin']).toBe(origin);
    expect(headers.vary).toContain('Origin');
    const allowed = String(headers['access-control-allow-headers']).toLowerCase().split(/, */);
    expect(allowed).toEqual(expect.arrayContaining(['auth0-client', 'authorization', 'content-type', 'dpop']));
    expect(headers['access-control-allow-methods']).toContain('POST');
  });

  test.each(unknown)('%s gets no permission', async (origin) => {
    const { headers } = await preflight(origin);
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  test('no cookies travel with such a request', async () => {
    for (const origin of [...known, ...unknown]) {
      expect((await preflight(origin)).headers['access-control-allow-credentials']).toBeUndefined();
    }
  });
});

describe('an answer', () => {
  const token = (origin: string, body: string) =>
    send('oauth/token', {
      method: 'POST',
      headers: { origin, 'content-type': 'application/x-www-form-urlencoded' },
      body,
    });
  const good = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'machine',
    client_secret: machineSecret,
    audience: 'https://api.example.com/',
  }).toString();

  test('can be read by a known origin, errors too, and DPoP-Nonce with it', async () => {
    for (const [body, status] of [
      [good, 200],
      ['grant_type=magic', 400],
      ['grant_type=refresh_token', 401],
    ] as const) {
      const answer = await token(spaCallback, body);
      expect(answer.status).toBe(status);
      expect(answer.headers['access-control-allow-origin']).toBe(spaCallback);
      expect(answer.headers['access-control-expose-headers']).toContain('DPoP-Nonce');
    }
  });

  test('to a body that cannot be read can be read by a known origin too', async () => {
    for (const [body, contentType] of [
      ['{', 'application/json'],
      ['a', 'text/plain'],
      [`a=${'x'.repeat(100_000)}`, 'application/x-www-form-urlencoded'],
    ] as const) {
      const headers = { origin: spaCallback, 'content-type': contentType };
      const answer = await send('oauth/token', { method: 'POST', headers, body });
      expect([400, 413, 415]).toContain(answer.status);
      expect(answer.headers['access-control-allow-origin']).toBe(spaCallback);
    }
  });

  test('cannot be read by an unknown one', async () => {
    for (const origin of unknown) {
      expect((await token(origin, good)).headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  test('discovery and keys can be read by everybody', async () => {
    for (const path of ['.well-known/openid-configuration', '.well-known/jwks.json']) {
      const { headers } = await send(path, { method: 'GET', headers: { origin: 'https://anybody.example' } });
      expect(headers['access-control-allow-origin']).toBe('*');
    }
  });

  test('pages and redirects can be read by nobody', async () => {
    for (const path of ['authorize?client_id=web', 'v2/logout', 'oidc/logout', 'u/login', 'login/callback']) {
      const { headers } = await send(path, { method: 'GET', headers: { origin: spaCallback } });
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });
});
