import { createRemoteJWKSet, jwtVerify } from 'jose';
import { request } from 'undici';
import { describe, expect, test } from 'vitest';
import { useWorld } from '../support/databases.ts';
import { audience, machineSecret, postToken, webSecret } from '../support/world.ts';

const secretWithSigns = 'a:b+c d%e&f=g/ü-0123';

const getWorld = useWorld({
  change(seed) {
    const [, , machine] = seed.clients;
    if (machine === undefined) throw new Error('the seed has it');
    const { client_secret: _, ...withoutSecret } = machine;
    seed.clients.push(
      { ...machine, client_id: 'stranger' },
      { ...machine, client_id: 'signs', client_secret: secretWithSigns },
      { ...withoutSecret, client_id: 'public', token_endpoint_auth_method: 'none' },
    );
    seed.resource_servers.push({
      identifier: 'urn:short',
      token_lifetime: 60,
      scopes: [{ value: 'a' }, { value: 'b' }],
    });
    seed.client_grants.push(
      { client_id: 'machine', audience: 'urn:short', scope: ['a', 'b'] },
      { client_id: 'signs', audience: 'urn:short', scope: [] },
    );
  },
});

const asked = { grant_type: 'client_credentials', client_id: 'machine', client_secret: machineSecret, audience };
const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
const formEncode = (text: string) => new URLSearchParams({ '': text }).toString().slice(1);

async function postJson(body: unknown) {
  const response = await request(getWorld().broker.url('oauth/token'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.statusCode, body: (await response.body.json()) as Record<string, unknown> };
}

describe('a client gets a token for itself', () => {
  test("that is signed by a published key and names it with Auth0's claims", async () => {
    const world = getWorld();
    const { status, body, headers } = await postToken(world, asked);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
    expect(body).toEqual({
      access_token: expect.any(String),
      scope: 'read:shows',
      expires_in: 86_400,
      token_type: 'Bearer',
    });
    const keys = createRemoteJWKSet(new URL(world.broker.url('.well-known/jwks.json')));
    const { payload, protectedHeader } = await jwtVerify(String(body.access_token), keys, {
      issuer: world.broker.issuerUrl,
      audience,
    });
    expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'JWT' });
    expect(payload).toEqual({
      iss: world.broker.issuerUrl,
      sub: 'machine@clients',
      aud: audience,
      iat: expect.any(Number),
      exp: Number(payload.iat) + 86_400,
      scope: 'read:shows',
      azp: 'machine',
      gty: 'client-credentials',
    });
  });

  test('with a JSON body as with a form', async () => {
    expect(await postJson(asked)).toMatchObject({ status: 200, body: { scope: 'read:shows' } });
  });

  test('with Basic as with the secret in the body, whatever it is registered for', async () => {
    const { client_id: id, client_secret: secret, ...rest } = asked;
    expect((await postToken(getWorld(), rest, { authorization: basic(id, secret) })).status).toBe(200);
    const both = await postToken(getWorld(), { ...rest, client_id: id }, { authorization: basic(id, secret) });
    expect(both.status).toBe(200);
  });

  test('with a secret full of signs, form-encoded in Basic (RFC 6749 §2.3.1)', async () => {
    const authorization = basic('signs', formEncode(secretWithSigns));
    const form = { grant_type: 'client_credentials', audience: 'urn:short' };
    expect((await postToken(getWorld(), form, { authorization })).status).toBe(200);
    const posted = await postToken(getWorld(), { ...form, client_id: 'signs', client_secret: secretWithSigns });
    expect(posted.body).toMatchObject({ access_token: expect.any(String) });
    expect(posted.body.scope).toBeUndefined();
  });

  test("with the API's lifetime and the scopes that were asked for", async () => {
    const { body } = await postToken(getWorld(), { ...asked, audience: 'urn:short', scope: 'b' });
    expect(body).toMatchObject({ expires_in: 60, scope: 'b' });
    expect((await postToken(getWorld(), { ...asked, audience: 'urn:short' })).body.scope).toBe('a b');
  });
});

const unauthorized = { error: 'access_denied', error_description: 'Unauthorized' };

describe("a request that cannot be served gets Auth0's status and body", () => {
  test.each([
    ['a wrong secret', { client_secret: 'not-the-secret-0123' }, 401, unauthorized],
    ['no secret', { client_secret: undefined }, 401, unauthorized],
    ['an unknown client', { client_id: 'nobody' }, 401, unauthorized],
    [
      'no client id',
      { client_id: undefined },
      401,
      { error: 'invalid_client', error_description: 'Missing client_id' },
    ],
    [
      'no grant type',
      { grant_type: undefined },
      400,
      { error: 'invalid_request', error_description: 'Missing required parameter: grant_type' },
    ],
    [
      'an unknown grant type',
      { grant_type: 'magic' },
      400,
      { error: 'unsupported_grant_type', error_description: 'Unsupported grant type: magic' },
    ],
    [
      "a grant type of Auth0's that is not served",
      { grant_type: 'password' },
      403,
      { error: 'unauthorized_client', error_description: "Grant type 'password' not allowed for the client." },
    ],
    [
      'a grant type that the client does not have',
      { client_id: 'web', client_secret: webSecret },
      403,
      {
        error: 'unauthorized_client',
        error_description: "Grant type 'client_credentials' not allowed for the client.",
      },
    ],
    [
      'a public client',
      { client_id: 'public', client_secret: undefined },
      403,
      {
        error: 'unauthorized_client',
        error_description: "Grant type 'client_credentials' not allowed for the client.",
      },
    ],
    [
      'no audience',
      { audience: undefined },
      403,
      { error: 'access_denied', error_description: 'Non-global clients are not allowed access to APIv1' },
    ],
    [
      'an unknown audience',
      { audience: 'urn:nowhere' },
      403,
      { error: 'access_denied', error_description: 'Service not found: urn:nowhere' },
    ],
    [
      'an audience without client grant',
      { client_id: 'stranger' },
      403,
      {
        error: 'access_denied',
        error_description: `Client is not authorized to access "${audience}". You need to create a "client-grant" associated to this API. See: https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants`,
      },
    ],
    [
      'scopes that were not granted',
      { scope: 'read:shows write:shows delete:shows' },
      403,
      { error: 'access_denied', error_description: 'Client has not been granted scopes: write:shows, delete:shows' },
    ],
  ])('%s', async (_, change, status, body) => {
    const form = { ...asked, ...change };
    expect(await postToken(getWorld(), form)).toMatchObject({ status, body });
    expect(await postJson(form)).toEqual({ status, body });
  });

  test('failed Basic authentication is challenged (RFC 6749 §5.2)', async () => {
    const form = { grant_type: 'client_credentials', audience };
    const answer = await postToken(getWorld(), form, { authorization: basic('machine', 'wrong') });
    expect(answer).toMatchObject({ status: 401, body: unauthorized });
    expect(answer.headers['www-authenticate']).toMatch(/^Basic realm=/);
  });

  test('two ways of authentication at once (RFC 6749 §2.3)', async () => {
    const answer = await postToken(getWorld(), asked, { authorization: basic('machine', machineSecret) });
    expect(answer).toMatchObject({ status: 401, body: unauthorized });
  });

  test('a body that is neither form nor JSON', async () => {
    const { broker } = getWorld();
    const text = await postToken(getWorld(), asked, { 'content-type': 'text/plain' });
    expect(text).toMatchObject({ status: 415, body: { error: 'invalid_request' } });
    expect(await postJson('{"grant_type":')).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect(await postJson({ ...asked, audience: [audience] })).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
    const get = await request(broker.url('oauth/token'));
    expect(get.statusCode).toBe(404);
    await get.body.dump();
  });
});
