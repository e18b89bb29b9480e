import { request } from 'undici';
import { describe, expect, test } from 'vitest';
import {
  type Application,
  addPerson,
  obtainTokens,
  readUserinfo,
  refresh,
  refreshed,
  spa,
  web,
} from '../support/applications.ts';
import { databases, useWorld } from '../support/databases.ts';
import { machineSecret, spaCallback, webSecret } from '../support/world.ts';

const offline = 'openid profile offline_access';

describe.each(databases)('POST /oauth/revoke on %s', (database) => {
  const getWorld = useWorld({}, database);

  async function revoke(
    body: Record<string, string | undefined> | string,
    headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' },
  ) {
    const sent =
      typeof body === 'string'
        ? body
        : new URLSearchParams(
            Object.entries(body).flatMap(([name, value]) => (value ? [[name, value] as [string, string]] : [])),
          );
    const response = await request(getWorld().broker.url('oauth/revoke'), {
      method: 'POST',
      headers,
      body: sent.toString(),
    });
    return { status: response.statusCode, text: await response.body.text(), headers: response.headers };
  }

  async function signInSomebody(application: Application) {
    const world = getWorld();
    const person = addPerson(world);
    const tokens = await obtainTokens(world, application, { scope: offline, login_hint: person.id });
    return { world, person, tokens, token: tokens.refresh_token ?? 'none' };
  }

  test('a revoked refresh token ends with its family and its access tokens, and the log says so', async () => {
    const { world, token, tokens, person } = await signInSomebody(spa);
    const bystander = await signInSomebody(spa);
    const next = await refreshed(world, spa, token);
    const before = (await world.broker.store.logs.list(1_000)).length;
    expect(await revoke({ client_id: 'spa', token })).toMatchObject({ status: 200, text: '' });
    const events = (await world.broker.store.logs.list(1_000)).slice(0, -before);
    expect(events.map(({ type, userId }) => [type, userId])).toEqual([['srrt', `oauth2|mapped|${person.id}`]]);
    expect((await refresh(world, spa, next.refresh_token)).status).toBe(403);
    for (const each of [tokens, next]) expect((await readUserinfo(world, each.access_token)).status).toBe(401);
    await refreshed(world, spa, bystander.token);
  });

  test.each<[string, (token: string) => Parameters<typeof revoke>]>([
    ['a form', (token) => [{ client_id: 'web', client_secret: webSecret, token, token_type_hint: 'refresh_token' }]],
    [
      'JSON',
      (token) => [
        JSON.stringify({ client_id: 'web', client_secret: webSecret, token }),
        { 'content-type': 'application/json' },
      ],
    ],
    [
      'Basic',
      (token) => [
        { token, token_type_hint: 'access_token' },
        {
          'content-type': 'application/x-www-form-urlencoded',
          authorization: `Basic ${Buffer.from(`web:${webSecret}`).toString('base64')}`,
        },
      ],
    ],
  ])('a client may prove itself with %s', async (_, ask) => {
    const { world, token } = await signInSomebody(web);
    expect(await revoke(...ask(token))).toMatchObject({ status: 200, text: '' });
    expect((await refresh(world, web, token)).status).toBe(403);
  });

  test("DN-19 another client's token, an access token and nonsense change nothing and are answered alike", async () => {
    const { world, token, tokens } = await signInSomebody(web);
    const answers = [
      await revoke({ client_id: 'spa', token }),
      await revoke({ client_id: 'machine', client_secret: machineSecret, token }),
      await revoke({ client_id: 'web', client_secret: webSecret, token: tokens.access_token }),
      await revoke({ client_id: 'web', client_secret: webSecret, token: 'nonsense' }),
    ];
    for (const answer of answers) expect(answer).toMatchObject({ status: 200, text: '' });
    await refreshed(world, web, token);
    expect((await readUserinfo(world, tokens.access_token)).status).toBe(200);
  });

  test('without proof of the client, without token or with two, nothing is revoked', async () => {
    const { world, token } = await signInSomebody(web);
    const denied = { error: 'access_denied', error_description: 'Unauthorized' };
    const cases: [Awaited<ReturnType<typeof revoke>>, number, Record<string, string>][] = [
      [await revoke({ client_id: 'web', client_secret: 'wrong', token }), 401, denied],
      [await revoke({ client_id: 'web', token }), 401, denied],
      [await revoke({ token }), 401, { error: 'invalid_client', error_description: 'Missing client_id' }],
      [
        await revoke({ client_id: 'web', client_secret: webSecret }),
        400,
        { error: 'invalid_request', error_description: 'Missing required parameter: token' },
      ],
      [
        await revoke(`client_id=web&client_secret=${webSecret}&token=${token}&token=${token}`),
        400,
        { error: 'invalid_request', error_description: 'Parameter must be sent once, as a string: token' },
      ],
    ];
    for (const [answer, status, body] of cases) {
      expect([answer.status, JSON.parse(answer.text)]).toEqual([status, body]);
    }
    await refreshed(world, web, token);
  });

  test('a page of a known application may revoke from its own origin', async () => {
    const { token } = await signInSomebody(spa);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await revoke({ client_id: 'spa', token }, { ...form, origin: spaCallback });
    expect(answer.headers['access-control-allow-origin']).toBe(spaCallback);
    const stranger = await revoke({ client_id: 'spa', token }, { ...form, origin: 'https://evil.example' });
    expect(stranger.headers['access-control-allow-origin']).toBeUndefined();
  });
});
