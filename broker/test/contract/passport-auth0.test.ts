import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import {
  brokenAnswer,
  brokenConnection,
  clientId,
  clientSecret,
  connection,
  subject,
  useContract,
} from '../support/contract.ts';
import { type ServerApp, serveApp } from '../support/server-app.ts';
import { postToken } from '../support/world.ts';
import { createPassportApp } from './passport-app.mjs';

/* `passport-auth0`, which asks userinfo with the token in the query. */

const getWorld = useContract({ isSecure: true });

const received: { accessToken: string; refreshToken: string; idToken: string }[] = [];
let served: ServerApp;

beforeAll(async () => {
  const { domain, callback, appPort } = getWorld();
  const settings = {
    domain,
    clientId,
    clientSecret,
    callback,
    onTokens: (tokens: (typeof received)[0]) => void received.push(tokens),
  };
  served = await serveApp(appPort, createPassportApp(settings));
});
afterAll(() => served?.close());

async function signIn(through: string, query = '') {
  const agent = createAgent();
  const answer = await agent.follow(`${getWorld().app}/login/${through}${query}`, 'nowhere:');
  return { agent, answer, json: JSON.parse(answer.body) };
}

test('sign-in: the profile comes from userinfo, the ID token is checked, and the refresh token renews', async () => {
  const { json } = await signIn(connection);
  expect(json).toEqual({ id: subject, displayName: 'Ada Lovelace', emails: [{ value: 'ada@example.com' }] });
  const { refreshToken } = received.at(-1) ?? {};
  const renewed = await postToken(getWorld(), {
    grant_type: 'refresh_token',
    client_id: clientId,
    client_secret: clientSecret,
    refresh_token: refreshToken,
  });
  expect(renewed).toMatchObject({ status: 200, body: { id_token: expect.any(String) } });
});

test('a failed sign-in fails the strategy with our code', async () => {
  const { answer, json } = await signIn(brokenConnection);
  expect(answer.status).toBe(401);
  expect(json).toMatchObject({
    info: brokenAnswer.error,
    query: { error_description: brokenAnswer.description, state: expect.any(String) },
  });
});

test("parameters of the application reach the provider's sign-in", async () => {
  await signIn(connection, '?login_hint=user-1&connection_scope=watch_history');
  const [request] = getWorld().provider.requestsTo('authorize').slice(-1);
  expect(request?.query.get('scope')).toContain('watch_history');
});

test('sign-out ends both sessions', async () => {
  const { app, provider } = getWorld();
  const { agent } = await signIn(connection);
  expect((await agent.follow(`${app}/logout`, app)).location).toBe(`${app}/`);
  expect(JSON.parse((await agent.get(`${app}/me`)).body)).toEqual({});
  const before = provider.counts.authorize;
  await agent.follow(`${app}/login/${connection}`, 'nowhere:');
  expect(provider.counts.authorize).toBe(before + 1);
});
