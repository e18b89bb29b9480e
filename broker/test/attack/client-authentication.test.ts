import { createHmac, generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  audience,
  callback,
  machineSecret,
  postToken,
  signIn,
  startWorld,
  type World,
  webSecret,
} from '../support/world.ts';
import { times } from './refusal.ts';

/* Who sends a request to the token endpoint proves it in one way, or learns nothing: not even whether the client exists. */

let world: World;
beforeAll(async () => {
  world = await startWorld({
    change: (seed) => {
      seed.clients.push({
        client_id: 'odd',
        client_secret: 's:e%c+r é/t&=1234',
        name: 'A secret with every odd letter',
        grant_types: ['client_credentials'],
      });
      const oneGrant = { client_secret: webSecret, name: 'One grant', callbacks: [callback] };
      seed.clients.push({ ...oneGrant, client_id: 'code-only', grant_types: ['authorization_code'] });
      seed.clients.push({ ...oneGrant, client_id: 'front-only', grant_types: ['implicit'] });
      seed.client_grants.push({ client_id: 'odd', audience, scope: [] });
    },
  });
});
afterAll(() => world.close());

/** Auth0's wire: 401 access_denied, not invalid_client; one answer for every reason. */
const refused = { error: 'access_denied', error_description: 'Unauthorized' };
const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});
const formEncoded = (text: string) => new URLSearchParams({ '': text }).toString().slice(1);

type Attempt = { readonly form?: Record<string, string>; readonly headers?: Record<string, string> };
const attempts: readonly (readonly [string, Attempt])[] = [
  ['a wrong secret', { form: { client_id: 'machine', client_secret: 'wrong-secret' } }],
  ['a secret with a letter less', { form: { client_id: 'machine', client_secret: machineSecret.slice(0, -1) } }],
  ['a secret with a letter more', { form: { client_id: 'machine', client_secret: `${machineSecret}x` } }],
  ['a secret in another case', { form: { client_id: 'machine', client_secret: machineSecret.toUpperCase() } }],
  ["another client's secret", { form: { client_id: 'machine', client_secret: webSecret } }],
  ['an empty secret', { form: { client_id: 'machine', client_secret: '' } }],
  ['no secret', { form: { client_id: 'machine' } }],
  ['an unknown client', { form: { client_id: 'nobody', client_secret: machineSecret } }],
  ['a client named like a prototype', { form: { client_id: '__proto__', client_secret: machineSecret } }],
  ['a public client with a secret', { form: { client_id: 'spa', client_secret: webSecret } }],
  ['a public client with Basic', { headers: basic('spa', 'anything') }],
  ['a wrong secret as Basic', { headers: basic('machine', 'wrong-secret') }],
  ['no secret as Basic', { headers: basic('machine', '') }],
  ['Basic without a colon', { headers: { authorization: `Basic ${Buffer.from('machine').toString('base64')}` } }],
  ['an unknown client as Basic', { headers: basic('nobody', machineSecret) }],
  [
    'Basic and a secret in the body, both right',
    { form: { client_secret: machineSecret }, headers: basic('machine', machineSecret) },
  ],
  [
    'Basic and the same client and secret in the body',
    { form: { client_id: 'machine', client_secret: machineSecret }, headers: basic('machine', machineSecret) },
  ],
  [
    'a client_id in the body that is not that of Basic',
    { form: { client_id: 'web' }, headers: basic('machine', machineSecret) },
  ],
  [
    'Basic that is not base64, and the right secret in the body',
    { form: { client_id: 'machine', client_secret: machineSecret }, headers: { authorization: 'Basic !!!' } },
  ],
  [
    'an empty Basic, and the right secret in the body',
    { form: { client_id: 'machine', client_secret: machineSecret }, headers: { authorization: 'Basic' } },
  ],
];

describe('DN-13', () => {
  test.each(attempts)(
    '%s is 401 with one and the same body, and nothing is issued',
    async (_, { form = {}, headers = {} }) => {
      const answer = await postToken(world, { grant_type: 'client_credentials', audience, ...form }, headers);
      expect({ status: answer.status, body: answer.body }).toEqual({ status: 401, body: refused });
      // RFC 6749 §5.2 asks for the challenge where the header was used; in a page it would open the browser's own dialog.
      if ('authorization' in headers) expect(answer.headers['www-authenticate']).toMatch(/^Basic realm=/);
      expect(answer.headers['cache-control']).toBe('no-store');
    },
  );

  test.each([
    ['Basic', { headers: basic('machine', machineSecret) }],
    [
      'Basic with the same client_id in the body',
      { form: { client_id: 'machine' }, headers: basic('machine', machineSecret) },
    ],
    [
      'basic in lower case',
      { headers: { authorization: basic('machine', machineSecret).authorization.replace('Basic', 'basic') } },
    ],
    ['the body', { form: { client_id: 'machine', client_secret: machineSecret } }],
    ['a form-encoded Basic with odd letters', { headers: basic('odd', formEncoded('s:e%c+r é/t&=1234')) }],
    ['a body with odd letters', { form: { client_id: 'odd', client_secret: 's:e%c+r é/t&=1234' } }],
  ] as readonly (readonly [string, Attempt])[])(
    'the right secret by %s is accepted',
    async (_, { form = {}, headers = {} }) => {
      const answer = await postToken(world, { grant_type: 'client_credentials', audience, ...form }, headers);
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    },
  );

  test.each(['client_id', 'client_secret', 'grant_type', 'audience'])(
    '%s that is sent twice is refused',
    async (name) => {
      const form = new URLSearchParams({
        grant_type: 'client_credentials',
        audience,
        client_id: 'machine',
        client_secret: machineSecret,
      });
      form.append(name, form.get(name) ?? '');
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const response = await request(world.broker.url('oauth/token'), {
        method: 'POST',
        headers,
        body: form.toString(),
      });
      expect([400, 401]).toContain(response.statusCode);
      expect(await response.body.json()).not.toHaveProperty('access_token');
    },
  );

  test('credentials in the address count for nothing', async () => {
    const query = new URLSearchParams({ client_id: 'machine', client_secret: machineSecret });
    const response = await request(`${world.broker.url('oauth/token')}?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: 'client_credentials', audience }).toString(),
    });
    expect(response.statusCode).toBe(401);
    await response.body.dump();
  });

  test('a wrong secret costs the owner of a code nothing', async () => {
    const { answer } = await signIn(world);
    const form = { grant_type: 'authorization_code', client_id: 'web', redirect_uri: callback, code: answer.code };
    await Promise.all(times(20, () => postToken(world, { ...form, client_secret: 'wrong-secret' })));
    expect((await postToken(world, { ...form, client_secret: webSecret })).status).toBe(200);
  });
});

describe('DN-14 an assertion is no credential here: it is not asked for, and it does not stand in for a secret', () => {
  const claims = () => ({ iss: 'machine', sub: 'machine', aud: `${world.broker.issuerUrl}oauth/token`, jti: 'once' });
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const assertions: readonly (readonly [string, () => Promise<string> | string])[] = [
    ['unsigned', () => `${encode({ alg: 'none' })}.${encode(claims())}.`],
    [
      'signed with the secret',
      () => {
        const input = `${encode({ alg: 'HS256' })}.${encode(claims())}`;
        return `${input}.${createHmac('sha256', machineSecret).update(input).digest('base64url')}`;
      },
    ],
    [
      'signed with a key of its own',
      () => {
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        return new SignJWT(claims()).setProtectedHeader({ alg: 'ES256' }).setExpirationTime('5m').sign(privateKey);
      },
    ],
  ];
  test.each(assertions)('%s', async (_, assertion) => {
    const form = {
      grant_type: 'client_credentials',
      audience,
      client_id: 'machine',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await assertion(),
    };
    expect(await postToken(world, form)).toMatchObject({ status: 401, body: refused });
  });
});

describe('DN-15 a grant', () => {
  const machine = { client_id: 'machine', client_secret: machineSecret };
  const web = { client_id: 'web', client_secret: webSecret };
  const person = { username: 'ada@example.com', password: 'password' };
  test.each([
    ['authorization_code', { ...machine, code: 'ac_x' }],
    ['refresh_token', { ...machine, refresh_token: 'v1.x' }],
    ['client_credentials', { ...web, audience }],
    ['client_credentials', { client_id: 'spa', audience }],
    ['password', { ...web, ...person }],
    ['http://auth0.com/oauth/grant-type/password-realm', { ...web, ...person, realm: 'mapped' }],
    ['urn:ietf:params:oauth:grant-type:device_code', { ...web, device_code: 'x' }],
    ['urn:openid:params:grant-type:ciba', { ...web, auth_req_id: 'x' }],
    ['urn:ietf:params:oauth:grant-type:token-exchange', { ...web, subject_token: 'x' }],
  ])('%s that is not enabled for its client is unauthorized_client with 403', async (grantType, form) => {
    const answer = await postToken(world, { grant_type: grantType, ...form });
    expect(answer).toMatchObject({
      status: 403,
      body: {
        error: 'unauthorized_client',
        error_description: `Grant type '${grantType}' not allowed for the client.`,
      },
    });
  });

  test.each(['implicit', 'none', 'PASSWORD', '__proto__', 'constructor'])(
    '%s that nobody knows is unsupported_grant_type',
    async (grantType) => {
      expect(await postToken(world, { grant_type: grantType, ...web })).toMatchObject({
        status: 400,
        body: { error: 'unsupported_grant_type' },
      });
    },
  );

  test('of a client that is not proven tells nothing about what is enabled', async () => {
    const answer = await postToken(world, { grant_type: 'password', ...web, client_secret: 'wrong-secret' });
    expect(answer).toMatchObject({ status: 401, body: refused });
  });

  test.each([
    ['code-only', 'token', 'implicit'],
    ['code-only', 'id_token', 'implicit'],
    ['code-only', 'code token', 'implicit'],
    ['front-only', 'code', 'authorization_code'],
    ['front-only', 'code id_token', 'authorization_code'],
  ])('that client %s does not have is not begun at /authorize with %s', async (clientId, responseType, grantType) => {
    const authorizations = world.provider.counts.authorize;
    const { answer } = await signIn(world, { client_id: clientId, response_type: responseType, nonce: 'n' });
    expect(answer).toEqual({
      error: 'unauthorized_client',
      error_description: `Grant type '${grantType}' not allowed for the client.`,
      state: 'app-state',
      iss: world.broker.issuerUrl,
    });
    expect(world.provider.counts.authorize).toBe(authorizations);
  });
});
