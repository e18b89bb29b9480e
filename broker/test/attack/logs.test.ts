import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../../src/operations/log.ts';
import { createAgent } from '../support/agent.ts';
import {
  type BrokerPlace,
  type BrokerProcess,
  makeBrokerPlace,
  startBrokerProcess,
} from '../support/broker-process.ts';
import { type Api, addAdmin, adminSecret, createApi } from '../support/management.ts';
import { type Provider, startProvider } from '../support/provider.ts';
import {
  answerParameters,
  authorizeUrl,
  callback,
  createPkce,
  machineSecret,
  postToken,
  redeem,
  seedFor,
  webSecret,
} from '../support/world.ts';

/*
 * API-18: what a broker writes at its most talkative while everything is done that can be done with a secret, an e-mail
 * address and an IP address. The policy: no secret at any level; people's addresses are in the tenant's log alone.
 */

const person = { id: 'user-1', email: 'ada.private@example.com', name: 'Ada' };
const address = '198.51.100.77';
const upstream = { access_token: 'upstream-access-0123456789', refresh_token: 'upstream-refresh-0123456789' };
const scopes = ['create', 'read', 'update', 'delete'].flatMap((verb) =>
  ['clients', 'client_keys', 'users', 'connections', 'connections_options', 'user_idp_tokens'].map(
    (thing) => `${verb}:${thing}`,
  ),
);

describe('API-18: the log of a whole run', () => {
  let provider: Provider;
  let place: BrokerPlace;
  let broker: BrokerProcess;
  let api: Api;
  const secrets = new Set<string>();
  const world = { broker: { url: (path: string) => `${place.issuerUrl}${path}` } };
  const agent = createAgent(new Map(), { 'x-forwarded-for': address });
  const remember = (...values: unknown[]) => {
    for (const value of values) if (typeof value === 'string' && value !== '') secrets.add(value);
  };

  beforeAll(async () => {
    provider = await startProvider({ users: [person] });
    const seed = seedFor(provider);
    place = await makeBrokerPlace({
      environment: { PORTICO_LOG_LEVEL: 'trace', PORTICO_TRUST_PROXY: '127.0.0.1,::1' },
    });
    addAdmin(seed, place.issuerUrl, scopes);
    const scripted = seed.connections.find(({ name }) => name === 'scripted');
    seed.connections.push({
      ...scripted,
      name: 'talkative',
      strategy: 'oauth2',
      options: {
        ...scripted?.options,
        scripts: {
          fetchUserProfile: `function (token, ctx, cb) {
            console.log(token, JSON.stringify(ctx));
            cb(new Error('no entry for ${person.email} with ' + token));
          }`,
        },
      },
    });
    writeFileSync(String(place.environment.PORTICO_SEED), JSON.stringify(seed));
    broker = await startBrokerProcess(place);
    api = await createApi(world);
    remember(api.token, adminSecret, webSecret, machineSecret, 'provider-secret', place.sealingKeys.slice(3));
  });
  afterAll(async () => {
    place.remove();
    await provider.close();
  });

  async function signIn(parameters: Readonly<Record<string, string>>) {
    const { verifier, challenge } = createPkce();
    const asked = { ...parameters, code_challenge: challenge, code_challenge_method: 'S256', login_hint: person.email };
    const last = await agent.follow(authorizeUrl(world, asked), callback);
    const answer = answerParameters(last);
    remember(verifier, answer.code, agent.cookies.get('auth0'), agent.cookies.get('did'));
    return { verifier, answer };
  }

  test('has every kind of thing done in it', async () => {
    provider.on('token', ({ form }) => {
      remember(form.get('code'), form.get('code_verifier'));
      return { body: { ...upstream, token_type: 'Bearer' } };
    });
    provider.on('userinfo', () => ({ body: person }));
    remember(...Object.values(upstream));
    for (const connection of ['mapped', 'scripted']) {
      const { answer, verifier } = await signIn({ connection, scope: 'openid email offline_access', prompt: 'login' });
      const { body, status } = await redeem(world, answer.code, { code_verifier: verifier });
      expect(status).toBe(200);
      remember(body.access_token, body.id_token, body.refresh_token);
      const form = { grant_type: 'refresh_token', client_id: 'web', client_secret: webSecret };
      const refreshed = await postToken(world, { ...form, refresh_token: String(body.refresh_token) });
      remember(refreshed.body.access_token, refreshed.body.id_token, refreshed.body.refresh_token);
      expect((await redeem(world, answer.code, { code_verifier: verifier })).status).toBe(403);
      expect((await postToken(world, { ...form, refresh_token: String(body.refresh_token) })).status).toBe(403);
      await agent.get(`${world.broker.url('oidc/logout')}?id_token_hint=${body.id_token}`);
    }

    expect((await signIn({ connection: 'talkative' })).answer.error).toBeDefined();
    provider.on('token', ({ body }) => ({
      status: 400,
      body: { error: 'invalid_grant', error_description: `${person.email} sent ${body}` },
    }));
    expect((await signIn({ connection: 'mapped', prompt: 'login' })).answer.error).toBeDefined();
    provider.on('userinfo', undefined);
    provider.on('token', undefined);

    remember('a-wrong-client-secret');
    const wrong = { grant_type: 'client_credentials', client_id: 'machine', client_secret: 'a-wrong-client-secret' };
    expect((await postToken(world, wrong)).status).toBe(401);
    expect((await postToken(world, { ...wrong, client_id: person.email })).status).toBe(401);
    await agent.get(`${world.broker.url('u/login')}?state=st_${person.email}&token=${api.token}`);
  });

  test('has the Management API used with secrets and people in it', async () => {
    const made = await api.call('POST', '/clients', { name: 'Made' });
    const { client_id: id, client_secret: secret } = made.body as Record<string, string>;
    remember(secret);
    const rotated = await api.call('POST', `/clients/${id}/rotate-secret`);
    remember((rotated.body as Record<string, string>).client_secret);
    remember('a-secret-of-a-connection');
    const options = { client_id: 'x', client_secret: 'a-secret-of-a-connection' };
    expect((await api.call('POST', '/connections', { name: 'made', strategy: 'oauth2', options })).status).toBe(201);
    expect((await api.call('GET', '/connections?fields=options')).status).toBe(200);
    const found = await api.call('GET', `/users-by-email?email=${person.email}`);
    const [{ user_id: userId = '' } = {}] = found.body as { user_id: string }[];
    expect(userId).not.toBe('');
    const path = `/users/${encodeURIComponent(userId)}`;
    expect((await api.call('PATCH', path, { user_metadata: { mail: person.email } })).status).toBe(200);
    expect((await api.call('PATCH', path, { mail: person.email })).status).toBe(400);
    expect((await api.call('GET', `/users?q=email:"${person.email}"`)).status).toBe(200);
    expect((await api.call('GET', `/users/${person.email}`)).status).toBe(404);
    expect((await api.call('GET', '/clients', undefined, { authorization: `Bearer ${api.token}x` })).status).toBe(401);
    expect((await api.call('DELETE', path)).status).toBe(204);
  });

  test('holds no token, code or secret, no e-mail address, and no address of a person’s device', async () => {
    broker.kill('SIGTERM');
    await broker.exited;
    const text = broker.output();
    const lines = text.trim().split('\n');
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('msg');
    expect(secrets.size).toBeGreaterThan(25);
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(text).not.toContain('ada.private');
    expect(text).toContain('[email]');
    expect(text).not.toContain(address);
    expect(text).not.toMatch(/eyJ[\w-]{10,}/);
  });
});

test.each([
  ['in a text', { message: 'no entry for ada@example.com.' }, { message: 'no entry for [email].' }],
  ['in a path', { path: '/api/v2/users/email%7Cada%40example.com' }, { path: expect.stringMatching(/%\[email\]$/) }],
  ['as an id', { user_id: 'oauth2|mapped|ada+x@mail.example.com' }, { user_id: 'oauth2|mapped|[email]' }],
  [
    'at any depth',
    { details: { list: ['x', { of: 'a@b.example' }] } },
    { details: { list: ['x', { of: '[email]' }] } },
  ],
  ['twice', { text: '<a@b.example>, "c@d.example"' }, { text: '<[email]>, "[email]"' }],
  ['not at all', { text: '@scope/package at @ and a@b' }, { text: '@scope/package at @ and a@b' }],
])('API-18: an e-mail address %s is masked', (_, fields, shown) => {
  const written: string[] = [];
  createLog('trace', { write: (line) => written.push(line) })('info', fields, 'said');
  expect(JSON.parse(written.join(''))).toMatchObject(shown);
});
