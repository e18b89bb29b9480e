import { createHash, createHmac } from 'node:crypto';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { addPerson, obtainTokens, readUserinfo, spa, web } from '../support/applications.ts';
import { databases, useWorld } from '../support/databases.ts';
import { machineSecret, postToken, signIn, webSecret } from '../support/world.ts';

/* What tokens look like and who signs them, as each API and each application has it. */

const signingSecret = 'a secret of an API ü 0123456789';
const encodedSecret = Buffer.from('the bytes that sign, thirty-two!').toString('base64url');
const apis = {
  'urn:plain': {},
  'urn:standard': { token_dialect: 'rfc9068_profile' },
  'urn:authz': { token_dialect: 'access_token_authz' },
  'urn:standard-authz': { token_dialect: 'rfc9068_profile_authz', signing_alg: 'PS256' },
  'urn:pss': { signing_alg: 'PS256', token_lifetime: 600, token_lifetime_for_web: 60 },
  'urn:secret': { signing_alg: 'HS256', signing_secret: signingSecret },
  'urn:secret-standard': { signing_alg: 'HS256', signing_secret: signingSecret, token_dialect: 'rfc9068_profile' },
} as const;

describe.each(databases)('tokens, on %s', (database) => {
  const getWorld = useWorld(
    {
      change(seed) {
        const [first] = seed.clients;
        if (first === undefined) throw new Error('the seed has it');
        for (const [identifier, settings] of Object.entries(apis)) {
          seed.resource_servers.push({ identifier, scopes: [{ value: 'a' }], ...settings });
          seed.client_grants.push({ client_id: 'machine', audience: identifier, scope: ['a'] });
        }
        for (const [client_id, client_secret, jwt_configuration] of [
          ['web-pss', webSecret, { alg: 'PS256', lifetime_in_seconds: 90 }],
          ['web-secret', webSecret, { alg: 'HS256' }],
          ['web-encoded', encodedSecret, { alg: 'HS256', secret_encoded: true }],
        ] as const) {
          seed.clients.push({ ...first, client_id, client_secret, jwt_configuration });
          for (const { enabled_clients: enabled } of seed.connections) enabled?.push(client_id);
        }
      },
    },
    database,
  );
  const keys = () => createRemoteJWKSet(new URL(getWorld().broker.url('.well-known/jwks.json')));
  const tokenFor = async (audience: keyof typeof apis): Promise<string> => {
    const form = { grant_type: 'client_credentials', client_id: 'machine', client_secret: machineSecret, audience };
    return String((await postToken(getWorld(), form)).body.access_token);
  };
  const times = { iat: expect.any(Number), exp: expect.any(Number) };
  const auth0 = (aud: string) => ({
    ...{ iss: getWorld().broker.issuerUrl, sub: 'machine@clients', aud, scope: 'a', ...times },
    ...{ azp: 'machine', gty: 'client-credentials' },
  });
  const standard = (aud: string) => ({
    ...{ iss: getWorld().broker.issuerUrl, sub: 'machine@clients', aud, scope: 'a', ...times },
    ...{ client_id: 'machine', jti: expect.stringMatching(/^\w{16,}$/) },
  });

  test.each([
    ['urn:plain', 'RS256', 'JWT', auth0],
    ['urn:standard', 'RS256', 'at+jwt', standard],
    ['urn:authz', 'RS256', 'JWT', (aud: string) => ({ ...auth0(aud), permissions: [] })],
    ['urn:standard-authz', 'PS256', 'at+jwt', (aud: string) => ({ ...standard(aud), permissions: [] })],
    ['urn:pss', 'PS256', 'JWT', auth0],
  ] as const)(
    "an access token for %s is signed with %s, typed %s and has its dialect's claims",
    async (api, alg, typ, claims) => {
      const { payload, protectedHeader } = await jwtVerify(await tokenFor(api), keys(), { algorithms: [alg] });
      expect(protectedHeader).toEqual({ alg, typ, kid: expect.any(String) });
      expect(payload).toEqual(claims(api));
    },
  );

  test.each([
    ['urn:secret', 'JWT', auth0],
    ['urn:secret-standard', 'at+jwt', standard],
  ] as const)('an access token for %s is signed with its secret', async (api, typ, claims) => {
    const token = await tokenFor(api);
    const { payload, protectedHeader } = await jwtVerify(token, Buffer.from(signingSecret), { algorithms: ['HS256'] });
    expect(protectedHeader).toEqual({ alg: 'HS256', typ });
    expect(payload).toEqual(claims(api));
  });

  test('each token in the dialect of RFC 9068 has a jti of its own', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => tokenFor('urn:standard')));
    expect(new Set(tokens.map((token) => decodeJwt(token).jti)).size).toBe(20);
  });

  test.each(['urn:plain', 'urn:standard', 'urn:authz', 'urn:standard-authz', 'urn:pss'])(
    'with openid a token for %s is good at userinfo, and not once its grant is revoked',
    async (audience) => {
      const world = getWorld();
      const { access_token: token } = await obtainTokens(world, web, { audience, login_hint: addPerson(world).id });
      expect(decodeJwt(token).aud).toEqual([audience, world.broker.url('userinfo')]);
      expect((await readUserinfo(world, token)).status).toBe(200);
      const { sub, iat } = decodeJwt(token);
      const at = new Date(Number(iat) * 1000);
      const grant = {
        grantId: `gr_${audience}`,
        userId: sub,
        clientId: 'web',
        issuedFrom: at,
        revokedAt: at,
        expiresAt: new Date(at.getTime() + 9e9),
      };
      await world.broker.store.write(world.broker.store.grants.revoke(grant as never));
      expect((await readUserinfo(world, token)).status).toBe(401);
    },
  );

  test('an API that shares a secret cannot speak for anybody at userinfo, not even with a token it was given', async () => {
    const world = getWorld();
    const { access_token: token } = await obtainTokens(world, web, { audience: 'urn:secret' });
    expect(decodeJwt(token).aud).toBe('urn:secret');
    expect((await readUserinfo(world, token)).status).toBe(401);
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { ...decodeJwt(token), aud: ['urn:secret', world.broker.url('userinfo')] };
    const input = `${encode(decodeProtectedHeader(token))}.${encode(claims)}`;
    const forged = `${input}.${createHmac('sha256', signingSecret).update(input).digest('base64url')}`;
    expect((await readUserinfo(world, forged)).status).toBe(401);
  });

  test('a token that comes through the browser has the shorter life of its API', async () => {
    const lifeOf = (token: string | undefined) => {
      const { iat, exp } = decodeJwt(String(token));
      return Number(exp) - Number(iat);
    };
    const { answer } = await signIn(getWorld(), { audience: 'urn:pss', response_type: 'token' });
    expect([lifeOf(answer.access_token), answer.expires_in]).toEqual([60, '60']);
    expect(lifeOf(await tokenFor('urn:pss'))).toBe(600);
  });

  test.each([
    ['web', 'RS256', webSecret, 36_000],
    ['web-pss', 'PS256', webSecret, 90],
  ] as const)('the ID token of %s is signed with %s by a published key', async (clientId, alg, secret, seconds) => {
    const { id_token: token } = await obtainTokens(getWorld(), { ...web, clientId, secret });
    const { payload } = await jwtVerify(String(token), keys(), { algorithms: [alg], audience: clientId });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(seconds);
  });

  test.each([
    ['web-secret', webSecret, Buffer.from(webSecret)],
    ['web-encoded', encodedSecret, Buffer.from(encodedSecret, 'base64url')],
  ] as const)('the ID token of %s is signed with its secret, encoded or not', async (clientId, secret, bytes) => {
    const { id_token: token } = await obtainTokens(getWorld(), { ...web, clientId, secret });
    await jwtVerify(String(token), bytes, { algorithms: ['HS256'], audience: clientId });
  });

  test('a token that was signed with the secret of its application is a hint at sign-out, a forged one is none', async () => {
    const world = getWorld();
    const bye = 'https://app.example.com/bye';
    const { id_token: token, agent } = await obtainTokens(world, { ...web, clientId: 'web-secret' });
    const signOut = async (hint: string) => {
      const query = new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: bye });
      const { status, location } = await agent.get(`${world.broker.url('oidc/logout')}?${query}`);
      return { status, location };
    };
    const claims = decodeJwt(String(token));
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const sign = (header: object, more: object, secret: string) => {
      const input = `${encode(header)}.${encode({ ...claims, ...more })}`;
      return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
    };
    const forged = [
      sign({ alg: 'HS256' }, {}, 'another secret'),
      // Its application has RS256: a secret proves nothing.
      sign({ alg: 'HS256' }, { aud: 'web' }, webSecret),
      sign({ alg: 'HS512' }, {}, webSecret),
      sign({ alg: 'none' }, {}, webSecret),
      sign({ alg: 'HS256', crit: ['x'] }, {}, webSecret),
      sign({ alg: 'HS256' }, { aud: ['web-secret'] }, webSecret),
      sign({ alg: 'HS256' }, { iss: 'https://other.example.com/' }, webSecret),
      `${String(token)}A`,
      `${String(token).slice(0, -1)}é`,
      `${String(token)}.x`,
    ];
    for (const hint of forged) expect(await signOut(hint)).toEqual({ status: 400, location: undefined });
    expect(await signOut(String(token))).toEqual({ status: 303, location: bye });
  });

  test.each(['web', 'web-pss', 'web-secret'])(
    'the front channel of %s carries the hashes of what is beside',
    async (client_id) => {
      const { answer } = await signIn(getWorld(), { client_id, response_type: 'code id_token token', nonce: 'n' });
      const half = (text: string | undefined) =>
        createHash('sha256').update(String(text)).digest().subarray(0, 16).toString('base64url');
      expect(decodeJwt(String(answer.id_token))).toMatchObject({
        at_hash: half(answer.access_token),
        c_hash: half(answer.code),
      });
    },
  );

  test('a public client has RS256', async () => {
    const { id_token: token } = await obtainTokens(getWorld(), spa);
    expect(decodeProtectedHeader(String(token)).alg).toBe('RS256');
  });
});

describe('in a tenant where nobody uses PS256', () => {
  const getWorld = useWorld();

  test('each key is published once', async () => {
    const response = await fetch(getWorld().broker.url('.well-known/jwks.json'));
    const { keys } = (await response.json()) as { keys: { alg: string }[] };
    expect(keys.map(({ alg }) => alg)).toEqual(['RS256', 'RS256']);
  });
});
