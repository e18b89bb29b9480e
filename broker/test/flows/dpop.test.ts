import { decodeJwt } from 'jose';
import { request } from 'undici';
import { beforeAll, describe, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { addPerson, obtainTokens, readForm, readHandoff, readUserinfo, spa, web } from '../support/applications.ts';
import { databases, useWorld } from '../support/databases.ts';
import { createProof, createProofKey, type ProofKey } from '../support/proofs.ts';
import { audience, createPkce, machineSecret, postToken, signIn, spaCallback, type World } from '../support/world.ts';

/* RFC 9449: tokens that are worth nothing without a key. */

type Form = Readonly<Record<string, string | undefined>>;
type Overrides = Parameters<typeof createProof>[2];

const machine = { grant_type: 'client_credentials', client_id: 'machine', client_secret: machineSecret, audience };

describe.each(databases)('with a proof of possession, on %s', (database) => {
  const getWorld = useWorld(
    {
      change(seed) {
        const [, , third] = seed.clients;
        if (third === undefined) throw new Error('the seed has it');
        seed.clients.push({ ...third, client_id: 'bound', require_proof_of_possession: true });
        seed.client_grants.push({ client_id: 'bound', audience, scope: [] });
        seed.clients.push({
          client_id: 'tv',
          name: 'Television',
          app_type: 'native',
          grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
        });
        seed.connections[0]?.enabled_clients?.push('tv', 'migrating');
        seed.actions.push({
          name: 'names the person',
          supported_triggers: [{ id: 'custom-token-exchange' }],
          deploy: true,
          code: `exports.onExecuteCustomTokenExchange = async (event, api) => {
            api.authentication.setUserById(event.transaction.subject_token);
          };`,
        });
        const profile = { subject_token_type: 'urn:example:person', action_name: 'names the person' };
        seed.token_exchange_profiles.push({ name: 'person', ...profile });
        const [first] = seed.clients;
        if (first === undefined) throw new Error('the seed has it');
        const allowed = { allow_any_profile_of_type: ['custom_authentication' as const] };
        seed.clients.push({ ...first, client_id: 'migrating', grant_types: [], token_exchange: allowed });
        seed.clients.push({ ...first, client_id: 'bound-web', require_proof_of_possession: true });
        for (const { enabled_clients: enabled } of seed.connections) enabled?.push('bound-web');
      },
    },
    database,
  );
  let key: ProofKey;
  let other: ProofKey;
  beforeAll(async () => {
    [key, other] = await Promise.all([createProofKey(), createProofKey()]);
  });

  const target = () => {
    const { broker } = getWorld();
    return { method: 'POST', url: broker.url('oauth/token'), now: broker.clock.now() };
  };
  const prove = (by: ProofKey, overrides?: Overrides) => createProof(by, target(), overrides);
  const ask = async (form: Form, proof: string) => postToken(getWorld(), form, { dpop: proof });
  /** As libraries do: the answer that asks for a nonce is answered with one. */
  async function askWithNonce(form: Form, by: ProofKey) {
    const first = await ask(form, await prove(by));
    expect([first.status, first.body.error]).toEqual([400, 'use_dpop_nonce']);
    return ask(form, await prove(by, { claims: { nonce: first.headers['dpop-nonce'] } }));
  }
  async function codeFor(world: World, parameters: Form = {}) {
    const { verifier, challenge } = createPkce();
    const { answer } = await signIn(world, {
      client_id: 'spa',
      redirect_uri: spaCallback,
      scope: 'openid offline_access',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      login_hint: addPerson(world).id,
      ...parameters,
    });
    return {
      grant_type: 'authorization_code',
      client_id: 'spa',
      redirect_uri: spaCallback,
      code: answer.code,
      code_verifier: verifier,
    };
  }

  test('a client gets a token that names its key, and the next nonce', async () => {
    const { status, body, headers } = await ask(machine, await prove(key));
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body.token_type).toBe('DPoP');
    expect(decodeJwt(String(body.access_token)).cnf).toEqual({ jkt: key.thumbprint });
    expect(headers['dpop-nonce']).toMatch(/^[\w-]{22}$/);
  });

  test('a client that need not prove a key gets what it got before', async () => {
    const { status, body, headers } = await postToken(getWorld(), machine);
    expect([status, body.token_type, headers['dpop-nonce']]).toEqual([200, 'Bearer', undefined]);
    expect(decodeJwt(String(body.access_token)).cnf).toBeUndefined();
  });

  test('a client that must prove a key gets nothing without, and no token through the browser', async () => {
    const bound = { ...machine, client_id: 'bound' };
    expect((await postToken(getWorld(), bound)).body).toMatchObject({ error: 'invalid_dpop_proof' });
    expect((await ask(bound, await prove(key))).status).toBe(200);
    const front = { client_id: 'bound-web', response_type: 'token id_token', nonce: 'n' };
    expect((await signIn(getWorld(), front)).answer).toMatchObject({ error: 'invalid_request' });
  });

  test('a public client is asked for a nonce before its code is spent', async () => {
    const { status, body } = await askWithNonce(await codeFor(getWorld()), key);
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toMatchObject({ token_type: 'DPoP', id_token: expect.any(String), refresh_token: expect.any(String) });
  });

  test('an opaque token is bound too: at userinfo it needs the scheme, the key, and a proof for itself', async () => {
    const { broker } = getWorld();
    const { body } = await askWithNonce(await codeFor(getWorld()), key);
    const accessToken = String(body.access_token);
    const url = broker.url('userinfo');
    const read = async (scheme: string, proof?: string) => {
      const headers = { authorization: `${scheme} ${accessToken}`, ...(proof === undefined ? {} : { dpop: proof }) };
      const response = await request(url, { headers });
      await response.body.dump();
      return { status: response.statusCode, challenge: String(response.headers['www-authenticate']) };
    };
    const fresh = (by = key, overrides?: Overrides, token = accessToken) =>
      createProof(by, { method: 'GET', url, accessToken: token, now: broker.clock.now() }, overrides);
    const proof = await fresh();
    expect(await read('DPoP', proof)).toMatchObject({ status: 200 });
    expect(await read('dpop', await fresh())).toMatchObject({ status: 200 });
    const refused: readonly (readonly [string, string | undefined, string])[] = [
      ['Bearer', undefined, 'invalid_token'],
      ['Bearer', await fresh(), 'invalid_token'],
      ['DPoP', undefined, 'invalid_dpop_proof'],
      ['DPoP', proof, 'used before'],
      ['DPoP', await fresh(other), 'another key'],
      ['DPoP', await fresh(key, {}, 'another-token'), 'ath'],
      ['DPoP', await fresh(key, { claims: { ath: undefined } }), 'ath'],
      ['DPoP', await fresh(key, { claims: { htm: 'POST' } }), 'htm'],
      ['DPoP', await fresh(key, { claims: { htu: broker.url('oauth/token') } }), 'htu'],
      ['DPoP', await fresh(key, { claims: { nonce: 'made-up' } }), 'use_dpop_nonce'],
    ];
    for (const [scheme, sent, words] of refused) {
      const answer = await read(scheme, sent);
      expect(answer).toEqual({ status: 401, challenge: expect.stringContaining(words) });
    }
    expect((await read('DPoP')).challenge).toContain('DPoP algs="ES256"');
  });

  test('a token that is not bound does not become so by the scheme it is sent with', async () => {
    const { broker } = getWorld();
    const { access_token: accessToken } = await obtainTokens(getWorld(), web);
    const url = broker.url('userinfo');
    const proof = await createProof(key, { method: 'GET', url, accessToken, now: broker.clock.now() });
    const { statusCode, body } = await request(url, { headers: { authorization: `DPoP ${accessToken}`, dpop: proof } });
    await body.dump();
    expect(statusCode).toBe(401);
    expect((await readUserinfo(getWorld(), accessToken)).status).toBe(200);
  });

  test("a public client's refresh token is of no use without its key, rotated or not, and is not spent by trying", async () => {
    const { body: first } = await askWithNonce(await codeFor(getWorld()), key);
    const form = { grant_type: 'refresh_token', client_id: spa.clientId, refresh_token: String(first.refresh_token) };
    expect((await postToken(getWorld(), form)).body).toMatchObject({ error: 'invalid_grant' });
    expect((await askWithNonce(form, other)).body).toMatchObject({ error: 'invalid_grant' });
    const { status, body: second } = await askWithNonce(form, key);
    expect([status, second.token_type]).toEqual([200, 'DPoP']);
    const next = { ...form, refresh_token: String(second.refresh_token) };
    expect((await askWithNonce(next, other)).body).toMatchObject({ error: 'invalid_grant' });
    expect((await askWithNonce(next, key)).status).toBe(200);
  });

  test('a refresh token of a client with a secret is not bound: the client proves itself', async () => {
    const tokens = await obtainTokens(getWorld(), web, { scope: 'openid offline_access' });
    const form = {
      grant_type: 'refresh_token',
      client_id: 'web',
      client_secret: web.secret,
      refresh_token: tokens.refresh_token,
    };
    expect((await ask(form, await prove(key))).body.token_type).toBe('DPoP');
    expect((await ask(form, await prove(other))).body.token_type).toBe('DPoP');
    expect((await postToken(getWorld(), form)).body.token_type).toBe('Bearer');
  });

  test('a code that was asked for with dpop_jkt is redeemed by that key only', async () => {
    const world = getWorld();
    const bound = { dpop_jkt: key.thumbprint };
    const invalid = { error: 'invalid_grant', error_description: 'Invalid authorization code' };
    expect((await postToken(world, await codeFor(world, bound))).body).toEqual(invalid);
    expect((await askWithNonce(await codeFor(world, bound), other)).body).toEqual(invalid);
    expect((await askWithNonce(await codeFor(world, bound), key)).status).toBe(200);
    const { answer } = await signIn(world, { dpop_jkt: 'short' });
    expect(answer).toMatchObject({ error: 'invalid_request' });
  });

  test('a proof at /oauth/par binds the code; one of another key than dpop_jkt is refused', async () => {
    const { broker } = getWorld();
    const { verifier, challenge } = createPkce();
    const push = async (more: Form) => {
      const url = broker.url('oauth/par');
      const body = new URLSearchParams({
        client_id: 'bound-web',
        client_secret: String(web.secret),
        response_type: 'code',
        redirect_uri: web.redirectUri,
        connection: 'mapped',
        code_challenge: challenge,
        code_challenge_method: 'S256',
      });
      for (const [name, value] of Object.entries(more)) body.set(name, String(value));
      const proof = await createProof(key, { method: 'POST', url, now: broker.clock.now() });
      const response = await request(url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', dpop: proof },
        body: body.toString(),
      });
      return { status: response.statusCode, body: (await response.body.json()) as Record<string, string> };
    };
    expect((await push({ dpop_jkt: other.thumbprint })).body).toMatchObject({ error: 'invalid_dpop_proof' });
    const form = async () => {
      const { request_uri: uri } = (await push({})).body;
      const { answer } = await signIn(getWorld(), { client_id: 'bound-web', request_uri: uri });
      return {
        grant_type: 'authorization_code',
        client_id: 'bound-web',
        client_secret: web.secret,
        redirect_uri: web.redirectUri,
        code: answer.code,
        code_verifier: verifier,
      };
    };
    expect((await ask(await form(), await prove(other))).body).toMatchObject({ error: 'invalid_grant' });
    expect((await ask(await form(), await prove(key))).status).toBe(200);
  });

  test('a device gets tokens that are bound to its key; asking for a nonce is not polling', async () => {
    const { broker } = getWorld();
    const begun = await request(broker.url('oauth/device/code'), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ client_id: 'tv', scope: 'openid offline_access' }).toString(),
    });
    const device = (await begun.body.json()) as Record<string, string>;
    const agent = createAgent();
    const confirm = readForm((await agent.post(broker.url('activate'), { user_code: String(device.user_code) })).body);
    const away = await agent.post(confirm.action, { ...confirm.fields, decision: 'confirm' });
    await agent.follow(readHandoff(away.body), 'nowhere:');
    const form = {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      client_id: 'tv',
      device_code: device.device_code,
    };
    const { status, body } = await askWithNonce(form, key);
    expect([status, body.token_type], JSON.stringify(body)).toEqual([200, 'DPoP']);
    const refresh = { grant_type: 'refresh_token', client_id: 'tv', refresh_token: String(body.refresh_token) };
    expect((await postToken(getWorld(), refresh)).body).toMatchObject({ error: 'invalid_grant' });
    expect((await askWithNonce(refresh, key)).status).toBe(200);
  });

  test('a token that was exchanged for is bound to the key', async () => {
    const person = addPerson(getWorld());
    await obtainTokens(getWorld(), web, { login_hint: person.id });
    const form = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      client_id: 'migrating',
      client_secret: web.secret,
      subject_token_type: 'urn:example:person',
      subject_token: `oauth2|mapped|${person.id}`,
      audience,
    };
    const { status, body } = await ask(form, await prove(key));
    expect([status, body.token_type], JSON.stringify(body)).toEqual([200, 'DPoP']);
    expect(decodeJwt(String(body.access_token)).cnf).toEqual({ jkt: key.thumbprint });
  });

  test('a proof works once, also of a hundred sent at the same moment', async () => {
    const proof = await prove(key);
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(machine, proof)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.error === 'invalid_dpop_proof')).toHaveLength(99);
  });

  test('a nonce is good for five minutes at least and ten at most', async () => {
    const { clock } = getWorld().broker;
    const { headers } = await ask(machine, await prove(key));
    const withNonce = async () => ask(machine, await prove(key, { claims: { nonce: headers['dpop-nonce'] } }));
    expect((await withNonce()).status).toBe(200);
    clock.advance(299);
    expect((await withNonce()).status).toBe(200);
    clock.advance(301);
    const { status, body } = await withNonce();
    expect([status, body.error]).toEqual([400, 'use_dpop_nonce']);
  });

  const seconds = () => Math.floor(getWorld().broker.clock.now().getTime() / 1000);
  const bad: readonly (readonly [string, () => Overrides])[] = [
    ['for another method', () => ({ claims: { htm: 'GET' } })],
    ['for another address', () => ({ claims: { htu: 'https://evil.example.com/oauth/token' } })],
    ['for another path', () => ({ claims: { htu: getWorld().broker.url('userinfo') } })],
    ['without address', () => ({ claims: { htu: undefined } })],
    ['without jti', () => ({ claims: { jti: undefined } })],
    ['with an empty jti', () => ({ claims: { jti: '' } })],
    ['without iat', () => ({ claims: { iat: undefined } })],
    ['with a fraction as iat', () => ({ claims: { iat: seconds() + 0.5 } })],
    ['that is old', () => ({ claims: { iat: seconds() - 302 } })],
    ['of the future', () => ({ claims: { iat: seconds() + 62 } })],
    ['of another type', () => ({ header: { typ: 'JWT' } })],
    ['with the key of somebody else', () => ({ header: { jwk: other.jwk } })],
    ['without key', () => ({ header: { jwk: undefined } })],
  ];
  test.each(bad)('a proof %s is refused', async (_, make) => {
    const { status, body } = await ask(machine, await prove(key, make()));
    expect([status, body.error]).toEqual([400, 'invalid_dpop_proof']);
  });

  test('a proof with a query in its address, as libraries may send it, is taken', async () => {
    const proof = await prove(key, { claims: { htu: `${getWorld().broker.url('oauth/token')}?a=b#c` } });
    expect((await ask(machine, proof)).status).toBe(200);
  });

  test('what is no proof at all is refused, and another algorithm than ES256', async () => {
    const rsa = await createProofKey('RS256');
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const unsigned = `${encode({ alg: 'none', typ: 'dpop+jwt', jwk: key.jwk })}.${encode({ jti: 'x' })}.`;
    const good = [await prove(key), await prove(key)];
    for (const proof of ['x', 'a.b.c', unsigned, good.join(', '), await prove(rsa, { header: { alg: 'RS256' } })]) {
      const { status, body } = await ask(machine, proof);
      expect([status, body.error]).toEqual([400, 'invalid_dpop_proof']);
    }
  });

  test('pages of known applications may send a proof and read the nonce', async () => {
    const { broker } = getWorld();
    const preflight = await request(broker.url('oauth/token'), {
      method: 'OPTIONS',
      headers: {
        origin: spaCallback,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'dpop',
      },
    });
    expect(String(preflight.headers['access-control-allow-headers'])).toContain('dpop');
    const answer = await request(broker.url('oauth/token'), { method: 'POST', headers: { origin: spaCallback } });
    expect(String(answer.headers['access-control-expose-headers'])).toContain('DPoP-Nonce');
    await Promise.all([preflight.body.dump(), answer.body.dump()]);
  });
});
