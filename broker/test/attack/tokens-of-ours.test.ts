import { randomBytes } from 'node:crypto';
import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { addPerson, obtainTokens, readUserinfo, silentUrl, web } from '../support/applications.ts';
import { startBroker } from '../support/broker.ts';
import { addAdmin, apiWith, createApi } from '../support/management.ts';
import { openSite, type Site } from '../support/site.ts';
import {
  answerParameters,
  authorizeUrl,
  callback,
  postToken,
  signIn,
  startWorld,
  type World,
} from '../support/world.ts';

/*
 * What we hand out is good for what it was made for: tokens, cookies and cursors that are bent, or that come from one
 * place to another, open nothing and tell nothing.
 */

let world: World;
let application: Site;
beforeAll(async () => {
  application = await openSite();
  world = await startWorld({
    change(seed, issuerUrl) {
      addAdmin(seed, issuerUrl, ['read:connections', 'create:clients', 'read:clients']);
      const [first] = seed.clients;
      if (first !== undefined) first.oidc_logout = { backchannel_logout_urls: [`${application.origin}/logout`] };
    },
  });
});
afterAll(async () => {
  await world.close();
  application.close();
});

const signedIn = () => obtainTokens(world, web, { login_hint: addPerson(world).id });
const managementAudience = () => world.broker.url('api/v2/');

describe('DN-27 the token of a person', () => {
  test.each([undefined, 'https://api.example.com/', 'management'])(
    'makes no client, whatever was asked for with it (audience %s)',
    async (asked) => {
      const audience = asked === 'management' ? managementAudience() : asked;
      const parameters = { scope: 'openid create:clients read:clients', audience, login_hint: addPerson(world).id };
      const { answer } = await signIn(world, parameters);
      const token = answer.code === undefined ? '' : (await obtainTokens(world, web, parameters)).access_token;
      const api = apiWith(world, token);
      for (const [method, path, body] of [
        ['POST', '/clients', { name: 'mine', callbacks: ['https://evil.example.com/'] }],
        ['GET', '/clients', undefined],
      ] as const) {
        const refused = await api.call(method, path, body);
        expect([400, 401, 403], JSON.stringify(refused.body)).toContain(refused.status);
      }
    },
  );
});

describe('DN-29 a cursor', () => {
  test('that was changed, made up or signed by nobody is refused, or begins at another place of the same list', async () => {
    const api = await createApi(world);
    const first = await api.call('GET', '/connections?take=1');
    const { next } = first.body as { next: string };
    expect((await api.call('GET', `/connections?take=1&from=${next}`)).status).toBe(200);
    const forged = [
      `${next}A`,
      next.slice(1),
      'AAAA',
      '%00',
      "' OR 1=1--",
      '../../etc/passwd',
      Buffer.from(JSON.stringify({ offset: 0, table: 'keys' })).toString('base64url'),
      Buffer.from("x' union select 1").toString('base64url'),
    ];
    for (const from of forged) {
      const answer = await api.call('GET', `/connections?take=1&from=${encodeURIComponent(from)}`);
      expect(answer.status, from).toBe(400);
      expect(JSON.stringify(answer.body)).not.toContain('connections":');
    }
  });
});

describe('JW-18 what we seal', () => {
  test('a session cookie is a name and holds nothing: bent, cut or made elsewhere it is nobody', async () => {
    const { agent } = await signedIn();
    const cookie = agent.cookies.get('auth0') ?? '';
    // Nothing to decrypt, and so no tag that could be short: 43 letters of randomness.
    expect(cookie).toMatch(/^[\w-]{43,}$/);
    expect((await agent.get(silentUrl(world))).body).toContain('"code":');
    const forged = [
      cookie.slice(0, -1),
      `${cookie}A`,
      cookie.split('').reverse().join(''),
      'eyJhbGciOiJkaXIifQ..a.b.c',
    ];
    for (const value of forged) {
      const other = createAgent(new Map([['auth0', value]]));
      expect((await other.get(silentUrl(world))).body).toContain('login_required');
    }
  });

  test('an opaque token with a short tag, another body or none opens nothing', async () => {
    const { access_token: token } = await signedIn();
    const [header = '', key = '', iv = '', text = '', tag = ''] = token.split('.');
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'dir', enc: 'A256GCM' });
    for (const bytes of [0, 4, 8, 12, 15]) {
      const short = Buffer.from(tag, 'base64url').subarray(0, bytes).toString('base64url');
      expect((await readUserinfo(world, [header, key, iv, text, short].join('.'))).status).toBe(401);
    }
    const other = (await signedIn()).access_token.split('.');
    expect((await readUserinfo(world, [header, key, iv, other[3], tag].join('.'))).status).toBe(401);
    expect((await readUserinfo(world, token)).status).toBe(200);
  });

  test('a sealing key with less than 256 bits is refused at the start', async () => {
    for (const bytes of [0, 16, 31]) {
      const environment = { PORTICO_SEALING_KEYS: `k1:${randomBytes(bytes).toString('base64')}` };
      await expect(startBroker({ environment })).rejects.toThrow('PORTICO_SEALING_KEYS');
    }
  });
});

test('JW-19 an issuer that a request names is asked nothing: only the connection says who is believed', async () => {
  const evil = application.origin;
  const before = application.posted.length;
  const named = {
    issuer: evil,
    iss: evil,
    subject_issuer: evil,
    authorizationURL: `${evil}/authorize`,
    tokenURL: evil,
  };
  const agent = createAgent();
  const url = `${authorizeUrl(world)}&${new URLSearchParams(named)}`;
  const answer = await agent.follow(url, callback);
  expect(answerParameters(answer).code).toMatch(/^ac_/);
  const idToken = await world.provider.signIdToken();
  for (const grantType of ['urn:ietf:params:oauth:grant-type:token-exchange', 'authorization_code', 'id_token']) {
    const form = { client_id: 'web', client_secret: web.secret, subject_token: idToken, id_token: idToken, ...named };
    const subjectType = 'urn:ietf:params:oauth:token-type:id_token';
    const refused = await postToken(world, { ...form, grant_type: grantType, subject_token_type: subjectType });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.body).not.toHaveProperty('access_token');
  }
  expect(application.posted.length).toBe(before);
});

describe('JW-20 a logout token', () => {
  let logoutToken: string;
  beforeEach(async () => {
    const before = application.posted.length;
    const { agent } = await signedIn();
    await agent.get(world.broker.url('v2/logout'));
    await vi.waitFor(() => expect(application.posted.length).toBeGreaterThan(before), { timeout: 10_000 });
    logoutToken = application.posted[before]?.fields.logout_token ?? '';
  });

  test('is no ID token and no access token', async () => {
    expect(decodeProtectedHeader(logoutToken)).toMatchObject({ typ: 'logout+jwt' });
    const { agent } = await signedIn();
    const hint = new URLSearchParams({
      id_token_hint: logoutToken,
      post_logout_redirect_uri: 'https://app.example.com/bye',
    });
    expect((await agent.get(`${world.broker.url('oidc/logout')}?${hint}`)).status).toBe(400);
    const asked = await agent.get(
      authorizeUrl(world, { id_token_hint: logoutToken, prompt: 'none', connection: undefined }),
    );
    expect(answerParameters(asked)).toMatchObject({ error: 'invalid_request' });
    expect((await readUserinfo(world, logoutToken)).status).toBe(401);
    expect((await apiWith(world, logoutToken).call('GET', '/clients')).status).toBe(401);
  });

  test('and an ID token is none: it has no events, and is of another type', async () => {
    const { id_token: idToken = '' } = await signedIn();
    expect(decodeProtectedHeader(idToken).typ).not.toBe('logout+jwt');
    expect(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString()).not.toContain('events');
  });
});

describe('JW-21 a token that does not verify', () => {
  test('is repeated nowhere, and neither is what it should have been', async () => {
    const { id_token: idToken = '', access_token: accessToken, agent } = await signedIn();
    const logged = world.broker.logs.length;
    const [header, payload, signature = ''] = idToken.split('.');
    const wrong = `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    const sealed = `${accessToken.slice(0, -4)}AAAA`;
    const hint = new URLSearchParams({ id_token_hint: wrong });
    const assertion = {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: wrong,
    };
    const answers = [
      (await agent.get(`${world.broker.url('oidc/logout')}?${hint}`)).body,
      (await agent.get(authorizeUrl(world, { id_token_hint: wrong, prompt: 'none', connection: undefined }))).location,
      (await readUserinfo(world, wrong)).text,
      (await readUserinfo(world, sealed)).text,
      JSON.stringify((await apiWith(world, wrong).call('GET', '/clients')).body),
      JSON.stringify((await postToken(world, { grant_type: 'client_credentials', ...assertion })).body),
      JSON.stringify((await postToken(world, { grant_type: 'refresh_token', client_id: 'spa' }, { dpop: wrong })).body),
    ];
    const events = JSON.stringify(await world.broker.store.logs.list(50));
    const told = [...answers, events, JSON.stringify(world.broker.logs.slice(logged))].join('\n');
    for (const secret of [wrong, sealed, signature, payload, accessToken]) expect(told).not.toContain(secret);
    expect(told).not.toMatch(/expected|BEGIN (?:PUBLIC|PRIVATE) KEY/i);
  });
});
