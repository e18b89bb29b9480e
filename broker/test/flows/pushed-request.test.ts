import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { describe, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { readForm, readWebMessage, spa } from '../support/applications.ts';
import { databases, useWorld } from '../support/databases.ts';
import { assertionForm, createAssertion } from '../support/proofs.ts';
import {
  answerParameters,
  callback,
  createPkce,
  postToken,
  redeem,
  signIn,
  spaCallback,
  webSecret,
} from '../support/world.ts';

/* RFC 9126: what an application asks of /authorize, left with us before the browser comes. */

const keyed = generateKeyPairSync('rsa', { modulusLength: 2048 });

type Form = Readonly<Record<string, string | undefined>>;

describe.each(databases)('a pushed request, on %s', (database) => {
  const getWorld = useWorld(
    {
      change(seed) {
        const [first] = seed.clients;
        if (first === undefined) throw new Error('the seed has it');
        seed.clients.push({ ...first, client_id: 'pushing', require_pushed_authorization_requests: true });
        const { client_secret: _, ...withoutSecret } = first;
        const credentials = [
          { credential_type: 'public_key' as const, jwk: { ...keyed.publicKey.export({ format: 'jwk' }) } },
        ];
        seed.clients.push({
          ...withoutSecret,
          client_id: 'keyed',
          client_authentication_methods: { private_key_jwt: { credentials } },
        });
        for (const { enabled_clients: enabled } of seed.connections) enabled?.push('pushing', 'keyed');
      },
    },
    database,
  );

  async function push(form: Form, headers: Record<string, string> = {}) {
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(form)) if (value !== undefined) body.set(name, value);
    const response = await request(getWorld().broker.url('oauth/par'), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: body.toString(),
    });
    return {
      status: response.statusCode,
      headers: response.headers,
      body: (await response.body.json()) as Record<string, string | number>,
    };
  }
  const asked = (more: Form = {}): Form => ({
    client_id: 'web',
    client_secret: webSecret,
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid profile',
    state: 'pushed-state',
    connection: 'mapped',
    ...more,
  });
  async function pushed(more: Form = {}): Promise<string> {
    const { status, body } = await push(asked(more));
    expect(status, JSON.stringify(body)).toBe(201);
    return String(body.request_uri);
  }
  const useUrl = (uri: string, more: Record<string, string> = {}) =>
    `${getWorld().broker.url('authorize')}?${new URLSearchParams({ client_id: 'web', request_uri: uri, ...more })}`;

  test('answers an address of 30 seconds, with a secret in the body or as Basic', async () => {
    const { status, body, headers } = await push(asked());
    expect(status).toBe(201);
    expect(body).toEqual({
      request_uri: expect.stringMatching(/^urn:ietf:params:oauth:request_uri:[\w-]{43}$/),
      expires_in: 30,
    });
    expect(headers).toMatchObject({ 'cache-control': 'no-store' });
    const authorization = `Basic ${Buffer.from(`web:${webSecret}`).toString('base64')}`;
    expect((await push(asked({ client_id: undefined, client_secret: undefined }), { authorization })).status).toBe(201);
  });

  test('leads through a sign-in to a code, with its own parameters and none of the address', async () => {
    const world = getWorld();
    const uri = await pushed({ nonce: 'pushed-nonce' });
    const overridden = {
      state: 'of-the-address',
      scope: 'openid email offline_access',
      redirect_uri: 'https://evil.example.com',
    };
    const last = await createAgent().follow(useUrl(uri, overridden), callback);
    const answer = answerParameters(last);
    expect(answer).toMatchObject({ state: 'pushed-state', iss: world.broker.issuerUrl });
    const { status, body } = await redeem(world, answer.code);
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body.scope).toBe('openid profile');
  });

  test('works with form_post, with a silent web message and for a public client', async () => {
    const world = getWorld();
    const { agent } = await signIn(world);
    const page = await agent.get(useUrl(await pushed({ response_mode: 'form_post', connection: undefined })));
    expect(readForm(page.body).fields).toMatchObject({ state: 'pushed-state', code: expect.any(String) });

    const { verifier, challenge } = createPkce();
    const silent = await pushed({
      client_id: 'spa',
      client_secret: undefined,
      redirect_uri: spaCallback,
      connection: undefined,
      response_mode: 'web_message',
      prompt: 'none',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
    const frame = await agent.get(useUrl(silent, { client_id: 'spa' }));
    const { response } = readWebMessage(frame.body);
    const { status } = await postToken(world, {
      grant_type: 'authorization_code',
      client_id: spa.clientId,
      redirect_uri: spa.redirectUri,
      code: response.code,
      code_verifier: verifier,
    });
    expect(status).toBe(200);
  });

  const expectGone = async (url: string) => {
    const page = await createAgent().get(url);
    expect({ status: page.status, location: page.location }).toEqual({ status: 400, location: undefined });
    expect(page.body).toContain('invalid_request_uri');
    const event = (await getWorld().broker.store.logs.list(1_000)).find(({ type }) => type === 'f');
    expect(event).toMatchObject({ details: { error: 'invalid_request_uri', step: 'request' } });
    expect(page.body).toContain(String(event?.traceId));
  };

  test('is used once, also of a hundred that come at the same moment', async () => {
    const uri = await pushed();
    const answers = await Promise.all(Array.from({ length: 100 }, () => createAgent().get(useUrl(uri))));
    expect(answers.filter(({ status }) => status === 302)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(99);
  });

  test('is pushed with a key in place of a secret, and the assertion is no parameter of it', async () => {
    const { broker } = getWorld();
    const key = keyed.privateKey.toCryptoKey({ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, true, ['sign']);
    const assert = async () =>
      assertionForm(
        await createAssertion(key, { clientId: 'keyed', audience: broker.url('oauth/par'), now: broker.clock.now() }),
      );
    const proof = await assert();
    const { status, body } = await push(asked({ client_id: 'keyed', client_secret: undefined, ...proof }));
    expect(status, JSON.stringify(body)).toBe(201);
    expect((await push(asked({ client_id: 'keyed', client_secret: undefined, ...proof }))).status).toBe(401);
    const url = useUrl(String(body.request_uri), { client_id: 'keyed' });
    const { code } = answerParameters(await createAgent().follow(url, callback));
    const again = { client_id: 'keyed', client_secret: undefined };
    expect((await redeem(getWorld(), code, { ...again, ...proof })).status).toBe(401);
    expect((await redeem(getWorld(), code, { ...again, ...(await assert()) })).status).toBe(200);
  });

  test('is of no use after its time, to another client, or without client', async () => {
    const { clock } = getWorld().broker;
    const uri = await pushed();
    await expectGone(useUrl(uri, { client_id: 'spa' }));
    expect((await createAgent().get(useUrl(uri))).status).toBe(302);
    const late = await pushed();
    clock.advance(30);
    await expectGone(useUrl(late));
    await expectGone(useUrl('urn:ietf:params:oauth:request_uri:made-up'));
    const without = new URLSearchParams({ request_uri: await pushed() });
    const page = await createAgent().get(`${getWorld().broker.url('authorize')}?${without}`);
    expect(page.status).toBe(400);
  });

  test('must come from a client that proves itself, and is verified before it is kept', async () => {
    const wrong: readonly (readonly [Form, number, string])[] = [
      [asked({ client_secret: 'wrong' }), 401, 'access_denied'],
      [asked({ client_secret: undefined }), 401, 'access_denied'],
      [asked({ client_id: 'spa', client_secret: undefined, redirect_uri: spaCallback }), 400, 'invalid_request'],
      [asked({ redirect_uri: 'https://evil.example.com/' }), 400, 'unauthorized_client'],
      [asked({ response_type: 'nonsense' }), 400, 'unsupported_response_type'],
      [asked({ response_type: undefined }), 400, 'invalid_request'],
      [asked({ audience: 'urn:nobody' }), 400, 'access_denied'],
      [asked({ connection: 'nobody' }), 400, 'invalid_request'],
      [asked({ request_uri: await pushed() }), 400, 'invalid_request'],
      [asked({ request: 'e30.e30.' }), 400, 'request_not_supported'],
    ];
    for (const [form, status, error] of wrong) {
      const answer = await push(form);
      expect([answer.status, answer.body.error], JSON.stringify(answer.body)).toEqual([status, error]);
    }
  });

  test('is verified again when it is used', async () => {
    const { broker } = getWorld();
    const uri = await pushed();
    const client = (await broker.store.clients.list()).find(({ id }) => id === 'web');
    if (client === undefined) throw new Error('the seed has it');
    await broker.store.write(broker.store.clients.update({ ...client, callbacks: [] }));
    const page = await createAgent().get(useUrl(uri));
    await broker.store.write(broker.store.clients.update(client));
    expect({ status: page.status, location: page.location }).toEqual({ status: 400, location: undefined });
  });

  test('is the only way in for a client that is registered so', async () => {
    const world = getWorld();
    const { answer } = await signIn(world, { client_id: 'pushing' });
    expect(answer).toMatchObject({ error: 'invalid_request', state: 'app-state' });
    const { code } = answerParameters(
      await createAgent().follow(useUrl(await pushed({ client_id: 'pushing' }), { client_id: 'pushing' }), callback),
    );
    expect((await redeem(world, code, { client_id: 'pushing' })).status).toBe(200);
  });

  test('DN-24: no other request_uri is looked at, and none is fetched', async () => {
    const asked: string[] = [];
    const server = createServer(({ url = '' }, response) => {
      asked.push(url);
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const others = [
      'http://169.254.169.254/',
      'urn:other',
      'file:///etc/passwd',
      'URN:IETF:PARAMS:OAUTH:REQUEST_URI:X',
    ];
    for (const uri of [`http://127.0.0.1:${port}/request`, ...others]) {
      const { answer } = await signIn(getWorld(), { request_uri: uri });
      expect(answer).toMatchObject({ error: 'request_uri_not_supported' });
    }
    server.close();
    expect(asked).toEqual([]);
  });

  test('asked for by a client that no database could hold is a page, not a failure', async () => {
    const answer = await createAgent().get(useUrl(await pushed(), { client_id: 'web\0' }));
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('Unknown client');
  });

  test('keeps the secret of its client to itself', async () => {
    const { broker } = getWorld();
    const before = broker.logs.length;
    const uri = await pushed();
    await createAgent().follow(useUrl(uri), callback);
    expect(JSON.stringify(broker.logs.slice(before))).not.toContain(webSecret);
  });
});
