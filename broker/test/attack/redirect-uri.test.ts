import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { startBroker } from '../support/broker.ts';
import { authorizeUrl, callback, redeem, signIn, startWorld, type World } from '../support/world.ts';
import { expectErrorRedirect, expectPage } from './refusal.ts';

/* An answer goes to an address that is on its client's list, to the letter, or nowhere. */

let world: World;
beforeAll(async () => {
  world = await startWorld({
    change: (seed) => {
      seed.clients.push({
        client_id: 'native',
        name: 'Native application',
        app_type: 'native',
        callbacks: ['com.example.app:/callback', 'http://127.0.0.1/callback'],
        grant_types: ['authorization_code'],
      });
      seed.clients.push({
        client_id: 'wild',
        client_secret: 'wild-secret-0123456789',
        name: 'Previews',
        callbacks: ['https://*.example.com/callback', 'https://pr-*.preview.example.com/callback'],
        web_origins: ['https://pr-*.preview.example.com'],
        allowed_logout_urls: ['https://pr-*.preview.example.com/bye?x=1', 'https://www.example.com/bye'],
      });
      seed.connections[0]?.enabled_clients?.push('wild');
    },
  });
});
afterAll(() => world.close());

const vectors = [
  'https://app.example.com.evil.com/callback',
  'https://app.example.com@evil.com/callback',
  'https://evil.com#https://app.example.com/callback',
  'https://app.example.com/callback#x',
  'https://app.example.com/callback#',
  'https://app.example.com/callback/',
  'https://app.example.com/callback/../evil',
  'https://app.example.com/callback/..%2Fevil',
  'https://app.example.com/callback%252f..%252fevil',
  'https://app.example.com/callback/..;/evil',
  'https://app.example.com/CALLBACK',
  'https://APP.example.com/callback',
  'HTTPS://app.example.com/callback',
  'https://app.example.com:443/callback',
  'https://app.example.com:8443/callback',
  'http://app.example.com/callback',
  'https://appXexample.com/callback',
  'https://app.example.com/callback?x=1',
  'https://app.example.com/callback?',
  'https://app.example.com/callback%00',
  'https://app.example.com/callback\u0000',
  'https://app.example.com\\@evil.com/callback',
  'https:/\\evil.com',
  '//evil.com',
  '///evil.com',
  '/\\evil.com',
  '/%09/evil.com',
  '\\/evil.com',
  'https://app.example.com%0d%0aLocation:%20x',
  'https://app.example.com/callback\r\nLocation: https://evil.com',
  'https://\u0430pp.example.com/callback',
  'https://app.example\u3002com/callback',
  'https://app.example.com\uff0eevil.com',
  'http://127.0.0.1:9999/cb',
  'http://localhost.evil.com:8080/cb',
  'com.app:/cb',
  'com.app://cb',
  'https://app.example.com',
  'https://app.example.com/callbac',
  'https://app.example.com/callback ',
  ' https://app.example.com/callback',
  'https://app.example.com/callback,https://evil.com',
  'https://app.example.com/callback https://app.example.com/other',
  'https://*.example.com/callback',
  'https://app.example.com/c%61llback',
  'https://user:password@app.example.com/callback',
  'https://app.example.com./callback',
  'javascript:alert(1)//https://app.example.com/callback',
  'data:text/html,https://app.example.com/callback',
  'callback',
  '/callback',
  'null',
];

test.each(vectors)(
  'DN-01 the redirect URI %j is a page for every response type, and nothing is redirected',
  async (uri) => {
    for (const responseType of ['code', 'token', 'id_token', 'code id_token token', 'invalid']) {
      const parameters = { redirect_uri: uri, response_type: responseType, nonce: 'n' };
      const answer = await createAgent().get(authorizeUrl(world, parameters));
      await expectPage(world, answer, { error: 'unauthorized_client', step: 'request' });
      expect(answer.body).not.toContain('evil');
    }
  },
);

/** The same attacks on `https://*.example.com/callback`: whatever stands for the star is one plain label. */
const wildVectors = vectors.filter((uri) => uri !== 'https://appXexample.com/callback');

test.each([
  ...wildVectors,
  'https://a.b.example.com/callback',
  'https://evil.com/.example.com/callback',
  'https://evil.com?.example.com/callback',
  'https://evil.com#.example.com/callback',
  'https://evil.com\\.example.com/callback',
  'https://user@evil.example.com/callback',
  'https://pr-.preview.example.com/callback',
  'https://pr-1.preview.example.com.evil.com/callback',
  'https://pr-1.evil.preview.example.com/callback',
  'https://*.example.com/callback',
  'https://.example.com/callback',
  'https://app.example.com:8443/callback',
])('DN-01 against a wildcard, %j is a page, and nothing is redirected', async (redirectUri) => {
  const answer = await createAgent().get(authorizeUrl(world, { client_id: 'wild', redirect_uri: redirectUri }));
  await expectPage(world, answer, { error: 'unauthorized_client', step: 'request' });
  expect(answer.body).not.toContain('evil');
});

test.each(['https://app.example.com/callback', 'https://pr-17.preview.example.com/callback'])(
  'DN-01 %s fits a wildcard and gets an answer; the code is bound to that one address',
  async (redirectUri) => {
    const { answer } = await signIn(world, { client_id: 'wild', redirect_uri: redirectUri });
    const credentials = { client_id: 'wild', client_secret: 'wild-secret-0123456789' };
    const elsewhere = redirectUri.replace(/(?<=https:..)\w+/, 'other');
    const refused = await redeem(world, answer.code, { ...credentials, redirect_uri: elsewhere });
    expect(refused.body.error).not.toBe(undefined);
    const { answer: second } = await signIn(world, { client_id: 'wild', redirect_uri: redirectUri });
    expect((await redeem(world, second.code, { ...credentials, redirect_uri: redirectUri })).status).toBe(200);
  },
);

test('DN-11 a web message goes to an origin that a wildcard of the web origins stands for, and to no other', async () => {
  const ask = (redirectUri: string) =>
    createAgent().get(
      authorizeUrl(world, {
        client_id: 'wild',
        redirect_uri: redirectUri,
        response_mode: 'web_message',
        prompt: 'none',
      }),
    );
  const told = await ask('https://pr-17.preview.example.com/callback');
  expect(told.headers['content-security-policy']).toContain('frame-ancestors https://pr-17.preview.example.com;');
  await expectPage(world, await ask('https://app.example.com/callback'), { step: 'request' });
});

describe('DN-21 a wildcard of the logout URLs', () => {
  const leave = (path: string, target: string) => {
    const name = path === 'v2/logout' ? 'returnTo' : 'post_logout_redirect_uri';
    const query = new URLSearchParams({ client_id: 'wild', [name]: target });
    return createAgent().get(`${world.broker.url(path)}?${query}`);
  };

  test.each(['v2/logout', 'oidc/logout'])('stands for one label at /%s', async (path) => {
    const listed = 'https://pr-17.preview.example.com/bye?x=1';
    expect((await leave(path, listed)).location).toBe(listed);
    for (const other of [
      'https://pr-1.evil.preview.example.com/bye?x=1',
      'https://pr-evil.example/.preview.example.com/bye?x=1',
      'https://pr-1.preview.example.com.evil.example/bye?x=1',
      'https://pr-*.preview.example.com/bye?x=1',
      'https://pr-1.preview.example.com/other?x=1',
      'http://pr-1.preview.example.com/bye?x=1',
    ]) {
      expect(await leave(path, other), other).toMatchObject({ status: 400, location: undefined });
    }
  });

  test('is no address to go to by itself: the first plain one is', async () => {
    const answer = await createAgent().get(world.broker.url('v2/logout?client_id=wild'));
    expect(answer.location).toBe('https://www.example.com/bye');
  });
});

test('DN-02 a lone wildcard is no default', async () => {
  const url = authorizeUrl(world, { client_id: 'wild', redirect_uri: undefined });
  await expectPage(world, await createAgent().get(url), { step: 'request' });
});

test('DN-04 a third-party client may not be given a wildcard', async () => {
  const client = { client_id: 'third', client_secret: 'x'.repeat(20), name: 'Third', is_first_party: false };
  const seed = { clients: [{ ...client, callbacks: ['https://*.example.com/callback'] }] };
  const problems = ['seed file, client third: a wildcard is for first-party clients only'];
  await expect(startBroker({ seed })).rejects.toMatchObject({ name: 'ConfigError', problems });
});

test('DN-01 the registered address itself gets an answer', async () => {
  expect((await signIn(world)).answer.code).toMatch(/^ac_/);
});

test.each([
  'com.example.app:/callback/',
  'com.example.app://callback',
  'com.example.app:/other',
  'com.example.app:callback',
  'COM.example.app:/callback',
  // Auth0: loopback ports are compared too; the freedom of RFC 8252 §7.3 is not given.
  'http://127.0.0.1:51004/callback',
  'http://localhost/callback',
  'http://[::1]/callback',
  'http://127.1/callback',
])('DN-01 a native client gets no answer at %j', async (redirectUri) => {
  const answer = await createAgent().get(authorizeUrl(world, { client_id: 'native', redirect_uri: redirectUri }));
  await expectPage(world, answer, { error: 'unauthorized_client', step: 'request' });
});

test.each([undefined, ''])(
  'DN-02 a request without redirect URI (%j) is a page where two are registered',
  async (uri) => {
    const answer = await createAgent().get(authorizeUrl(world, { redirect_uri: uri }));
    await expectPage(world, answer, { step: 'request' });
  },
);

describe('DN-03 a parameter that is sent twice', () => {
  const twice = {
    redirect_uri: 'https://evil.example.com/',
    client_id: 'spa',
    response_mode: 'fragment',
    response_type: 'token',
    state: 'other',
    code_challenge: 'x'.repeat(43),
    scope: 'openid',
    connection: 'scripted',
    unknown: '1',
  };
  const complete = {
    response_mode: 'query',
    code_challenge: 'c'.repeat(43),
    code_challenge_method: 'S256',
    unknown: '0',
  };

  test.each(Object.entries(twice))('is a page: %s, in either order, in the query', async (name, value) => {
    const url = authorizeUrl(world, complete);
    const second = `${name}=${encodeURIComponent(value)}`;
    await expectPage(world, await createAgent().get(`${url}&${second}`), { step: 'request' });
    await expectPage(world, await createAgent().get(url.replace('?', `?${second}&`)), { step: 'request' });
  });

  test.each(Object.entries(twice))('is a page: %s, in the query and in the body', async (name, value) => {
    const answer = await createAgent().post(authorizeUrl(world, complete), { [name]: value });
    await expectPage(world, answer, { step: 'request' });
  });
});

test.each([
  ['unknown', 'nobody', 'request'],
  ['in another case', 'WEB', 'request'],
  ['a prototype', '__proto__', 'request'],
  ['hostile', '"><script>alert(1)</script>', 'request'],
])('a client that is %s is a page, whatever else the request holds', async (_, clientId, step) => {
  const answer = await createAgent().get(authorizeUrl(world, { client_id: clientId }));
  await expectPage(world, answer, { step });
  expect(answer.body).not.toContain('<script>alert');
});

describe('DN-04 an address that must never be redirected to is refused where it is registered', () => {
  const dangerous = [
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:msgbox(1)',
    'file:///etc/passwd',
    'intent://scan/#Intent;scheme=zxing;end',
    'blob:https://app.example.com/1',
    'https://user@evil.example.com/',
    'https://user:password@evil.example.com/',
    'https://*/callback',
    'https://*.com/callback',
    'https://app.*.example.com/callback',
    'https://app.example.com\\@evil.example.com/',
    '/callback',
    '//evil.example.com',
    '',
  ];
  test.each(['callbacks', 'allowed_logout_urls'] as const)('in %s: each is named, and nothing starts', async (list) => {
    // A callback has no fragment; of a logout URL it does not count.
    const urls = list === 'callbacks' ? [...dangerous, 'https://app.example.com/callback#fragment'] : dangerous;
    const client = { client_id: 'web', client_secret: 'web-secret-0123456789', name: 'Web', [list]: urls };
    const started = await startBroker({ seed: { clients: [client] } }).then(
      (broker) => broker.close().then(() => undefined),
      (error: unknown) => error,
    );
    expect(started).toMatchObject({ name: 'ConfigError', problems: expect.any(Array) });
    expect((started as { problems: string[] }).problems).toHaveLength(urls.length);
  });
});

test('DN-09 an error before the address is proven never leaves this host, whatever is asked', async () => {
  const asked = [
    { prompt: 'none' },
    { scope: 'invalid' },
    { response_type: 'invalid' },
    { max_age: '-1' },
    { request: 'x' },
  ];
  for (const parameters of asked) {
    const url = authorizeUrl(world, { ...parameters, redirect_uri: 'https://evil.example.com/' });
    await expectPage(world, await createAgent().get(url), { error: 'unauthorized_client', step: 'request' });
  }
  const proven = await createAgent().get(authorizeUrl(world, { response_type: 'invalid', redirect_uri: callback }));
  expectErrorRedirect(world, proven, { error: 'unsupported_response_type' });
});
