import { decodeJwt } from 'jose';
import { request } from 'undici';
import { describe, expect, test } from 'vitest';
import type { ClientId, UserId } from '../../src/core/ids.ts';
import { type Agent, createAgent } from '../support/agent.ts';
import { type Application, addPerson, readForm, readHandoff, refreshed } from '../support/applications.ts';
import { databases, useWorld } from '../support/databases.ts';
import { audience, authorizeUrl, postToken, redeem, type WorldOptions, webSecret } from '../support/world.ts';

const grantType = 'urn:ietf:params:oauth:grant-type:device_code';
const offline = 'openid profile offline_access read:shows';
const tv: Application = { clientId: 'tv', redirectUri: 'none', secret: undefined };
const pending = { error: 'authorization_pending', error_description: 'User has yet to authorize device code.' };
const invalid = { error: 'invalid_grant', error_description: 'Invalid or expired device code.' };

const change: WorldOptions['change'] = (seed) => {
  const device = {
    app_type: 'native' as const,
    token_endpoint_auth_method: 'none' as const,
    grant_types: [grantType, 'refresh_token'],
  };
  seed.clients.push(
    { client_id: 'tv', name: 'Television', ...device, grant_types: [...device.grant_types, 'authorization_code'] },
    { client_id: 'radio', name: 'Radio', ...device },
    { client_id: 'native', name: 'No device', ...device, grant_types: ['authorization_code'] },
    { client_id: 'spa-device', name: 'Not native', ...device, app_type: 'spa' },
    {
      client_id: 'secret-device',
      name: 'With a secret',
      ...device,
      token_endpoint_auth_method: 'client_secret_post',
      client_secret: webSecret,
    },
  );
  for (const connection of seed.connections) connection.enabled_clients?.push('radio');
  seed.connections[0]?.enabled_clients?.push('tv');
  seed.actions.push({
    name: 'tells',
    supported_triggers: [{ id: 'post-login' }],
    deploy: true,
    code: `exports.onExecutePostLogin = async (event, api) => {
      if (event.transaction.protocol !== 'oauth2-device-code') return;
      if (event.user.email === 'denied@example.com') return api.access.deny('Not on this television');
      api.idToken.setCustomClaim('https://tv/transaction', {
        protocol: event.transaction.protocol,
        redirect_uri: event.transaction.redirect_uri || null,
        scopes: event.transaction.requested_scopes,
        client: event.client.name,
      });
    };`,
  });
};

type Device = {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  readonly expires_in: number;
  readonly interval: number;
};

describe.each(databases)('device authorization on %s', (database) => {
  const getWorld = useWorld({ change }, database);
  const url = (path: string) => getWorld().broker.url(path);
  const wait = (seconds: number) => getWorld().broker.clock.advance(seconds);

  async function askForCode(form: Record<string, string>) {
    const response = await request(url('oauth/device/code'), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    });
    return { status: response.statusCode, body: (await response.body.json()) as Record<string, unknown> };
  }

  async function begin(more: Record<string, string> = {}): Promise<Device> {
    const { status, body } = await askForCode({ client_id: 'tv', scope: offline, audience, ...more });
    expect(status, JSON.stringify(body)).toBe(200);
    return body as Device;
  }

  const poll = (device: Device, clientId = 'tv') =>
    postToken(getWorld(), { grant_type: grantType, client_id: clientId, device_code: device.device_code });

  /** The confirmation page's form, as this browser got it. */
  async function enter(device: Device, agent: Agent, typed = device.user_code) {
    const answer = await agent.post(url('activate'), { user_code: typed });
    expect(answer.status, answer.body).toBe(200);
    expect(answer.body).toContain(device.user_code);
    return readForm(answer.body);
  }

  /** Presses a button of it, and goes wherever that leads. */
  async function press(
    form: ReturnType<typeof readForm>,
    decision: 'confirm' | 'cancel',
    agent: Agent,
    person?: string,
  ) {
    const answer = await agent.post(form.action, { ...form.fields, decision });
    if (answer.location !== undefined) return agent.follow(answer.location, 'nowhere:');
    if (!answer.body.includes('http-equiv="refresh"')) return answer;
    const upstream = new URL(readHandoff(answer.body));
    if (person !== undefined) upstream.searchParams.set('login_hint', person);
    return agent.follow(upstream.href, 'nowhere:');
  }

  async function connect(device: Device, agent = createAgent(), person = addPerson(getWorld()).id) {
    const page = await press(await enter(device, agent), 'confirm', agent, person);
    return { page, person, agent };
  }

  test('a scope that no database could hold is left out, like any that nobody knows', async () => {
    const { status, body } = await askForCode({ client_id: 'tv', scope: 'openid profile\0 \0' });
    expect(status, JSON.stringify(body)).toBe(200);
    const { page } = await connect(body as Device);
    expect(page.body).toContain('go back to your device');
    wait(5);
    expect((await poll(body as Device)).body).toMatchObject({ scope: 'openid' });
  });

  test('a person connects a device in their browser, and the device gets tokens once', async () => {
    const device = await begin();
    expect(device).toMatchObject({
      verification_uri: url('activate'),
      verification_uri_complete: `${url('activate')}?user_code=${device.user_code}`,
      expires_in: 900,
      interval: 5,
    });
    expect(await poll(device)).toMatchObject({ status: 403, body: pending });
    const agent = createAgent();
    const form = await agent.get(device.verification_uri_complete);
    expect(form.body).toContain(`value="${device.user_code}"`);
    const { page, person } = await connect(device, agent);
    expect(page.body).toContain('go back to your device');
    wait(5);
    const answers = await Promise.all(Array.from({ length: 20 }, () => poll(device)));
    const [tokens, ...others] = answers.filter(({ status }) => status === 200).map(({ body }) => body);
    expect(others).toEqual([]);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expect(answer).toMatchObject({ status: 403, body: invalid });
    }
    expect(tokens).toMatchObject({ scope: offline, token_type: 'Bearer', refresh_token: expect.any(String) });
    expect(decodeJwt(String(tokens?.access_token))).toMatchObject({ azp: 'tv', sub: `oauth2|mapped|${person}` });
    expect(decodeJwt(String(tokens?.id_token))).toMatchObject({
      aud: 'tv',
      name: 'Ada Byron',
      'https://tv/transaction': {
        protocol: 'oauth2-device-code',
        redirect_uri: null,
        scopes: offline.split(' '),
        client: 'Television',
      },
    });
    await refreshed(getWorld(), tv, String(tokens?.refresh_token));
    expect(await poll(device)).toMatchObject({ status: 403, body: invalid });
  });

  test('a code is typed in any form; a session needs no second sign-in, but a confirmation each time', async () => {
    const first = await begin();
    const { agent, person } = await connect(first);
    const second = await begin({ client_id: 'radio' });
    const typed = ` ${second.user_code.toLowerCase().replace('-', ' ')} `;
    const page = await press(await enter(second, agent, typed), 'confirm', agent);
    expect(page.body).toContain('Your device is connected');
    const { body } = await poll(second, 'radio');
    expect(decodeJwt(String(body.id_token)).sub).toBe(`oauth2|mapped|${person}`);
    // The page may be loaded again while the device has not asked.
    const third = await begin({ client_id: 'radio' });
    const shown = await press(await enter(third, agent), 'confirm', agent);
    expect((await agent.get(shown.url)).body).toContain('Your device is connected');
    expect((await poll(third, 'radio')).status).toBe(200);
  });

  test('where there are several connections, the person picks one', async () => {
    const device = await begin({ client_id: 'radio' });
    const agent = createAgent();
    const page = await press(await enter(device, agent), 'confirm', agent);
    const { action, fields } = readForm(page.body);
    const handoff = await agent.post(action, { ...fields, connection: 'mapped' });
    const last = await agent.follow(readHandoff(handoff.body), 'nowhere:');
    expect(last.body).toContain('Your device is connected');
    expect((await poll(device, 'radio')).status).toBe(200);
  });

  test('a person who cancels is told so, the device once, and the log', async () => {
    const device = await begin();
    const agent = createAgent();
    const page = await press(await enter(device, agent), 'cancel', agent);
    expect(page.body).toContain('Your device was not connected');
    const event = (await getWorld().broker.store.logs.list(1_000)).find(({ type }) => type === 'fdecc');
    expect(event).toMatchObject({ clientId: 'tv' });
    expect(await poll(device)).toMatchObject({
      status: 403,
      body: { error: 'access_denied', error_description: 'User cancelled the confirmation prompt.' },
    });
    expect(await poll(device)).toMatchObject({ status: 403, body: invalid });
    expect((await agent.post(url('activate'), { user_code: device.user_code })).status).toBe(400);
  });

  test('an Action that denies ends it with its reason; a provider that fails leaves a second try', async () => {
    const world = getWorld();
    const denied = await begin();
    const person = addPerson(world, { email: 'denied@example.com' });
    const { page } = await connect(denied, createAgent(), person.id);
    expect(page.body).toContain('Your device was not connected');
    expect((await poll(denied)).body).toEqual({
      error: 'access_denied',
      error_description: 'Not on this television',
    });

    const device = await begin();
    world.provider.on('token', () => ({ status: 500, body: 'down' }));
    expect((await connect(device)).page.body).toContain('Your device was not connected');
    world.provider.on('token', undefined);
    expect(await poll(device)).toMatchObject({ status: 403, body: pending });
    expect((await connect(device)).page.body).toContain('Your device is connected');
    wait(5);
    expect((await poll(device)).status).toBe(200);
  });

  test('a device that asks too often is slowed down, and that changes nothing', async () => {
    const device = await begin();
    expect(await poll(device)).toMatchObject({ status: 403, body: pending });
    const tooSoon = await poll(device);
    expect(tooSoon).toMatchObject({
      status: 429,
      body: {
        error: 'slow_down',
        error_description: 'You are polling faster than the specified interval of 5 seconds.',
      },
    });
    wait(5);
    expect(await poll(device)).toMatchObject({ status: 403, body: pending });
    await connect(device);
    expect((await poll(device)).status).toBe(200);
  });

  test('an expired code is said to be so once, allowed or not; nobody can confirm it', async () => {
    const allowed = await begin();
    await connect(allowed);
    const forgotten = await begin();
    const agent = createAgent();
    const form = await enter(forgotten, agent);
    wait(900);
    for (const device of [allowed, forgotten]) {
      expect(await poll(device)).toMatchObject({ status: 403, body: { error: 'expired_token' } });
      expect(await poll(device)).toMatchObject({ status: 403, body: invalid });
    }
    expect((await agent.post(form.action, { ...form.fields, decision: 'confirm' })).status).toBe(400);
  });

  test('only native clients without secret and with the grant get codes, and only their own tokens', async () => {
    const notAllowed = {
      error: 'unauthorized_client',
      error_description: `Grant type '${grantType}' not allowed for the client.`,
    };
    for (const clientId of ['native', 'spa-device', 'web']) {
      const secret = clientId === 'web' ? { client_secret: webSecret } : {};
      expect(await askForCode({ client_id: clientId, ...secret })).toEqual({ status: 403, body: notAllowed });
    }
    const withSecret = { client_id: 'secret-device', client_secret: webSecret };
    expect(await askForCode(withSecret)).toEqual({ status: 403, body: notAllowed });
    expect((await askForCode({ client_id: 'unknown' })).status).toBe(401);
    expect(await askForCode({ client_id: 'tv', audience: 'urn:unknown' })).toEqual({
      status: 403,
      body: { error: 'access_denied', error_description: 'Service not found: urn:unknown' },
    });
    const device = await begin();
    await connect(device);
    expect(await poll(device, 'radio')).toMatchObject({ status: 403, body: invalid });
    expect((await poll(device)).status).toBe(200);
  });

  test('a person who is blocked or a client that is gone before the device asks: no tokens', async () => {
    const { store, clock } = getWorld().broker;
    const device = await begin();
    const { person } = await connect(device);
    await store.write(store.users.setBlocked(`oauth2|mapped|${person}` as UserId, true, clock.now()));
    expect(await poll(device)).toMatchObject({ status: 403, body: { error: 'unauthorized' } });
    expect(await poll(device)).toMatchObject({ status: 403, body: invalid });
    const radio = await store.clients.find('radio' as ClientId);
    const other = await begin({ client_id: 'radio' });
    await store.write(store.clients.delete('radio' as ClientId));
    expect((await createAgent().post(url('activate'), { user_code: other.user_code })).status).toBe(400);
    if (radio !== undefined) await store.write(store.clients.create(radio));
  });

  test('DN-31 only the browser that entered a code decides about it', async () => {
    const device = await begin();
    const [owner, thief] = [createAgent(), createAgent()];
    const form = await enter(device, owner);
    await enter(device, thief);
    for (const decision of ['confirm', 'cancel']) {
      for (const confirmation of [form.fields.confirmation ?? '', '']) {
        const answer = await thief.post(form.action, { ...form.fields, confirmation, decision });
        expect(answer.status).toBe(403);
      }
      expect((await createAgent().post(form.action, { ...form.fields, decision })).status).toBe(403);
    }
    expect(await poll(device)).toMatchObject({ status: 403, body: pending });
    expect((await press(form, 'confirm', owner)).body).toContain('Your device is connected');
  });

  test("DN-31 nobody's sign-in is bent to a device: neither by an /authorize address nor by a foreign state", async () => {
    const device = await begin();
    const direct = authorizeUrl(getWorld(), {
      client_id: 'tv',
      redirect_uri: 'urn:portico:activation',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    });
    expect((await createAgent().get(direct)).status).toBe(400);
    // What the attacker's own browser was given is worth nothing in another one.
    const attacker = createAgent();
    const form = await enter(device, attacker);
    const handoff = await attacker.post(form.action, { ...form.fields, decision: 'confirm' });
    const back = await attacker.get(readHandoff(handoff.body));
    const victim = createAgent();
    const finish = await attacker.get(back.location ?? '');
    expect((await victim.get(finish.location ?? '')).status).toBe(400);
    expect(await poll(device)).toMatchObject({ status: 403, body: pending });
    // Nor is its code worth anything at the token endpoint.
    const code = new URL(finish.location ?? '').searchParams.get('code') ?? '';
    expect((await redeem(getWorld(), code, { client_id: 'tv', client_secret: undefined })).status).toBe(403);
    expect((await attacker.get(finish.location ?? '')).status).toBe(400);
    expect(await poll(device)).toMatchObject({ status: 429 });
  });
});

describe('guessing user codes', () => {
  const getWorld = useWorld({ change });

  test('ten wrong codes from one address stop it, also with the right one, until a quarter of an hour is over', async () => {
    const { broker } = getWorld();
    const device = await request(broker.url('oauth/device/code'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_id: 'tv' }),
    });
    const { user_code: userCode } = (await device.body.json()) as Device;
    const agent = createAgent();
    const type = async (typed: string) => (await agent.post(broker.url('activate'), { user_code: typed })).status;
    for (let guess = 0; guess < 10; guess += 1) expect(await type(`AAAA-AAA${'ABCDEFGHJK'[guess]}`)).toBe(400);
    expect(await type(userCode)).toBe(429);
    broker.clock.advance(800);
    expect(await type(userCode)).toBe(429);
    const again = await request(broker.url('oauth/device/code'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_id: 'tv' }),
    });
    const { user_code: next } = (await again.body.json()) as Device;
    broker.clock.advance(200);
    expect(await type(next)).toBe(200);
  });
});
