import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import type { UserId } from '../../src/core/ids.ts';
import { createAgent } from '../support/agent.ts';
import { addPerson, obtainTokens, readWebMessage, silentUrl, spa, web } from '../support/applications.ts';
import { databases, useWorld } from '../support/databases.ts';
import { answerParameters, authorizeUrl, callback, redeem, signIn, spaCallback } from '../support/world.ts';

const loginRequired = { error: 'login_required', error_description: 'Login required' };

describe.each(databases)('a request that a session answers, on %s', (database) => {
  const getWorld = useWorld(
    {
      change(seed) {
        const [first] = seed.clients;
        if (first === undefined) throw new Error('the seed has it');
        seed.clients.push({ ...first, client_id: 'elsewhere', callbacks: ['https://other.example.com/cb'] });
        // Signed in through a connection that this client does not have.
        seed.clients.push({ ...first, client_id: 'scripted-only' });
        seed.connections[1]?.enabled_clients?.push('scripted-only');
      },
    },
    database,
  );

  const signedIn = async (more: Record<string, string> = {}) => {
    const world = getWorld();
    const person = addPerson(world);
    const { agent, ...tokens } = await obtainTokens(world, web, { login_hint: person.id, ...more });
    return { world, person, agent, tokens, sub: `oauth2|mapped|${person.id}` };
  };

  test('prompt=none with web_message posts a code to the allowed web origin, and the upstream hears nothing', async () => {
    const { world, agent } = await signedIn();
    const before = { ...world.provider.counts };
    const answer = await agent.get(silentUrl(world));
    expect(answer.status).toBe(200);
    expect(readWebMessage(answer.body)).toEqual({
      targetOrigin: spaCallback,
      response: { code: expect.any(String), state: 'app-state', iss: world.broker.issuerUrl },
    });
    expect(answer.headers['content-security-policy']).toContain(`frame-ancestors ${spaCallback}`);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(world.provider.counts).toEqual(before);
  });

  test('a redirect URI whose origin is no allowed web origin gets a page, never a message', async () => {
    const { world, agent } = await signedIn();
    const answer = await agent.get(
      authorizeUrl(world, { prompt: 'none', response_mode: 'web_message', connection: undefined }),
    );
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('Allowed Web Origins');
    expect(answer.body).not.toContain('authorization_response');
  });

  test('without a session the answer is login_required, in every response mode', async () => {
    const world = getWorld();
    const message = await createAgent().get(silentUrl(world));
    const expected = { ...loginRequired, state: 'app-state', iss: world.broker.issuerUrl };
    expect(readWebMessage(message.body).response).toEqual(expected);
    const redirected = await createAgent().get(authorizeUrl(world, { prompt: 'none' }));
    expect(redirected.location).toMatch(/^https:\/\/app\.example\.com\/callback\?/);
    expect(answerParameters(redirected)).toEqual(expected);
    const fragment = await createAgent().get(
      authorizeUrl(world, { prompt: 'none', response_type: 'id_token', nonce: 'n' }),
    );
    expect(fragment.location).toMatch(/^https:\/\/app\.example\.com\/callback#error=/);
  });

  test('a second application signs in without the upstream, as the same person in the same session', async () => {
    const { world, agent, tokens, sub } = await signedIn();
    const before = { ...world.provider.counts };
    const second = await obtainTokens(world, spa, { connection: undefined }, agent);
    expect(decodeJwt(second.id_token ?? '')).toMatchObject({ sub, sid: decodeJwt(tokens.id_token ?? '').sid });
    expect(world.provider.counts).toEqual(before);
  });

  test('prompt=login asks again although there is a session, and the ID token says when', async () => {
    const { world, agent, person, tokens } = await signedIn();
    expect(decodeJwt(tokens.id_token ?? '').auth_time).toBeUndefined();
    world.broker.clock.advance(100);
    const before = world.provider.counts.authorize;
    const again = await obtainTokens(world, web, { prompt: 'login', login_hint: person.id }, agent);
    expect(world.provider.counts.authorize).toBe(before + 1);
    const claims = decodeJwt(again.id_token ?? '');
    expect(Number(claims.iat) - Number(claims.auth_time)).toBeLessThanOrEqual(1);
    // Applications that are told of the end of a session know it by the first name it had.
    expect(claims.sid).toBe(decodeJwt(tokens.id_token ?? '').sid);
  });

  test('max_age uses a younger session and asks when it is older; auth_time is the sign-in', async () => {
    const { world, agent, tokens, person } = await signedIn();
    const signedInAt = Number(decodeJwt(tokens.id_token ?? '').iat);
    world.broker.clock.advance(100);
    const young = await obtainTokens(world, web, { max_age: '120' }, agent);
    expect(Math.abs(Number(decodeJwt(young.id_token ?? '').auth_time) - signedInAt)).toBeLessThanOrEqual(1);
    const before = world.provider.counts.authorize;
    const silent = await agent.get(silentUrl(world, { max_age: '50' }));
    expect(readWebMessage(silent.body).response).toMatchObject(loginRequired);
    const fresh = await obtainTokens(world, web, { max_age: '50', login_hint: person.id }, agent);
    expect(world.provider.counts.authorize).toBe(before + 1);
    expect(Number(decodeJwt(fresh.id_token ?? '').auth_time)).toBeGreaterThanOrEqual(signedInAt + 100);
    await obtainTokens(world, web, { max_age: '0', login_hint: person.id }, agent);
    expect(world.provider.counts.authorize).toBe(before + 2);
  });

  test('another connection than the one of the session asks for a sign-in through it', async () => {
    const { world, agent } = await signedIn();
    const silent = await agent.get(silentUrl(world, { connection: 'scripted' }));
    expect(readWebMessage(silent.body).response).toMatchObject(loginRequired);
    const same = await agent.get(silentUrl(world, { connection: 'mapped' }));
    expect(readWebMessage(same.body).response).toMatchObject({ code: expect.any(String) });
    const asked = await agent.get(authorizeUrl(world, { connection: 'scripted' }));
    expect(asked.location).toContain(world.provider.authorizeUrl);
  });

  test('a session of a connection that is not enabled for the client does not answer for it', async () => {
    const { world, agent } = await signedIn();
    const answer = await agent.get(
      authorizeUrl(world, { client_id: 'scripted-only', prompt: 'none', connection: undefined }),
    );
    expect(answerParameters(answer)).toMatchObject(loginRequired);
  });

  test('20 parallel silent requests of two applications all succeed, and nobody is signed out', async () => {
    const { world, agent, sub } = await signedIn();
    // Far enough that each of them may move the idle expiry.
    world.broker.clock.advance(3_600);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0
          ? agent.get(silentUrl(world)).then(({ body }) => readWebMessage(body).response)
          : agent.get(authorizeUrl(world, { prompt: 'none', connection: undefined })).then(answerParameters),
      ),
    );
    const codes = answers.map(({ code }) => code);
    expect(codes).toEqual(codes.map(() => expect.stringMatching(/^.{40,}$/)));
    expect(new Set(codes).size).toBe(20);
    const redeemed = await Promise.all(codes.filter((_, index) => index % 2 === 1).map((code) => redeem(world, code)));
    expect(redeemed.map(({ status }) => status)).toEqual(Array(10).fill(200));
    for (const { body } of redeemed) expect(decodeJwt(String(body.id_token)).sub).toBe(sub);
    expect(readWebMessage((await agent.get(silentUrl(world))).body).response).toHaveProperty('code');
  });

  test('silent requests beside a new sign-in of the same person are not signed out by it', async () => {
    const { world, agent, person } = await signedIn();
    const old = createAgent(new Map(agent.cookies));
    await obtainTokens(world, web, { prompt: 'login', login_hint: person.id }, agent);
    expect(readWebMessage((await old.get(silentUrl(world))).body).response).toHaveProperty('code');
    expect(readWebMessage((await agent.get(silentUrl(world))).body).response).toHaveProperty('code');
    // The replaced handle is retired, not kept for ever.
    world.broker.clock.advance(61);
    expect(readWebMessage((await old.get(silentUrl(world))).body).response).toMatchObject(loginRequired);
    expect(readWebMessage((await agent.get(silentUrl(world))).body).response).toHaveProperty('code');
  });

  test('a silent request with a stale cookie sets no cookie, so it cannot sign out a newer session', async () => {
    const { world, agent } = await signedIn();
    const stale = createAgent(new Map(agent.cookies));
    for (const name of stale.cookies.keys()) stale.cookies.set(name, 'se_of-another-time');
    const answer = await stale.get(silentUrl(world));
    expect(readWebMessage(answer.body).response).toMatchObject(loginRequired);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test('a session ends when it idles too long, and in any case at its end', async () => {
    const { world, agent } = await signedIn();
    const hours = 3_600;
    const ask = async () => readWebMessage((await agent.get(silentUrl(world))).body).response;
    world.broker.clock.advance(71 * hours);
    expect(await ask()).toHaveProperty('code');
    world.broker.clock.advance(71 * hours);
    expect(await ask()).toHaveProperty('code');
    // 7 days in all: 168 hours, however often it is used.
    world.broker.clock.advance(27 * hours);
    expect(await ask()).toMatchObject(loginRequired);

    const idle = await signedIn();
    world.broker.clock.advance(73 * hours);
    expect(readWebMessage((await idle.agent.get(silentUrl(world))).body).response).toMatchObject(loginRequired);
  });

  test('a person who was blocked or deleted is not signed in silently', async () => {
    const { world, agent, sub } = await signedIn();
    const { store, clock } = world.broker;
    await store.write(store.users.setBlocked(sub as UserId, true, clock.now()));
    expect(readWebMessage((await agent.get(silentUrl(world))).body).response).toMatchObject(loginRequired);
    await store.write(store.users.setBlocked(sub as UserId, false, clock.now()));
    expect(readWebMessage((await agent.get(silentUrl(world))).body).response).toHaveProperty('code');
    await store.write(store.users.delete(sub as UserId));
    expect(readWebMessage((await agent.get(silentUrl(world))).body).response).toMatchObject(loginRequired);
  });

  test('another person at the same browser takes the session over, and the first one is out', async () => {
    const { world, agent } = await signedIn();
    const first = createAgent(new Map(agent.cookies));
    const other = addPerson(world);
    const { answer } = await signIn(world, { prompt: 'login', login_hint: other.id }, agent);
    const { body } = await redeem(world, answer.code);
    expect(decodeJwt(String(body.id_token)).sub).toBe(`oauth2|mapped|${other.id}`);
    const old = await first.get(authorizeUrl(world, { prompt: 'none', redirect_uri: callback }));
    expect(answerParameters(old)).toMatchObject(loginRequired);
  });
});
