import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Agent, createAgent } from '../support/agent.ts';
import { startBroker } from '../support/broker.ts';
import {
  answerParameters,
  audience,
  authorizeUrl,
  callback,
  machineSecret,
  postToken,
  redeem,
  seedFor,
  signIn,
  startWorld,
  type World,
} from '../support/world.ts';
import { beginSignIn, changed, eventsSince, expectErrorRedirect, expectPage, type Parameters } from './refusal.ts';

/* Sessions and tokens: each is good for what it was made for, and for nobody else. */

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const userinfo = async (token: unknown): Promise<number> => {
  const response = await request(world.broker.url('userinfo'), { headers: { authorization: `Bearer ${token}` } });
  await response.body.dump();
  return response.statusCode;
};
const tokensFor = async (parameters: Parameters = {}) => {
  const { agent, answer } = await signIn(world, parameters);
  return { agent, body: (await redeem(world, answer.code)).body };
};
const isSignedIn = async (agent: Agent): Promise<boolean> =>
  answerParameters(await agent.get(authorizeUrl(world, { prompt: 'none' }))).code !== undefined;

describe('DN-17 at /userinfo', () => {
  test('a token for an API, without openid, is refused', async () => {
    const { body } = await tokensFor({ scope: 'read:shows', audience });
    expect(String(body.access_token).split('.')).toHaveLength(3);
    expect(await userinfo(body.access_token)).toBe(401);
  });

  test("a client's own token is refused", async () => {
    const form = { grant_type: 'client_credentials', client_id: 'machine', client_secret: machineSecret, audience };
    const { body } = await postToken(world, form);
    expect(await userinfo(body.access_token)).toBe(401);
  });

  test('a token that was changed, or belongs to another broker, is refused', async () => {
    const other = await startWorld();
    const foreign = await redeem(other, (await signIn(other)).answer.code);
    const { body } = await tokensFor();
    const jwt = String((await tokensFor({ audience })).body.access_token);
    expect(await userinfo(jwt)).toBe(200);
    const [head = '', claims = '', signature = ''] = jwt.split('.');
    const unsigned = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    const opaque = String(body.access_token);
    const flip = (text: string, at: number) =>
      `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
    const forged = [
      foreign.body.access_token,
      `${unsigned}.${claims}.`,
      `${unsigned}.${claims}.${signature}`,
      `${head}.${flip(claims, 20)}.${signature}`,
      `${head}.${claims}.${flip(signature, 5)}`,
      `${head}.${claims}`,
      flip(opaque, opaque.length - 5),
      flip(opaque, opaque.indexOf('..') + 4),
      '....',
      '..',
    ];
    for (const token of forged) expect(await userinfo(token), String(token)).toBe(401);
    await other.close();
  });
});

describe('DN-18 a token of one kind in the place of another', () => {
  test('an ID token is no access token', async () => {
    const { body } = await tokensFor();
    expect(await userinfo(body.id_token)).toBe(401);
    expect(await userinfo(body.access_token)).toBe(200);
  });

  test.each([
    ['opaque', undefined],
    ['for an API', audience],
  ])('an access token (%s) is no id_token_hint: nobody is signed out', async (_, api) => {
    const { agent, body } = await tokensFor({ audience: api });
    const answer = await agent.get(world.broker.url(`oidc/logout?id_token_hint=${body.access_token}`));
    expect(answer.status).toBe(400);
    expect(await isSignedIn(agent)).toBe(true);
  });
});

describe('DN-21 signing somebody out', () => {
  const evil = 'https://evil.example.com/';

  test('with an image or a link asks first, and the question carries a proof that nobody can guess', async () => {
    const { agent } = await signIn(world);
    const asked = await agent.get(world.broker.url('oidc/logout?client_id=web'));
    expect(asked.status).toBe(200);
    expect(asked.body).toContain('name="confirmation"');
    for (const confirmation of ['', '1', 'true']) {
      await agent.post(world.broker.url('oidc/logout'), { client_id: 'web', confirmation });
      await agent.get(world.broker.url(`oidc/logout?client_id=web&confirmation=${confirmation}`));
    }
    expect(await isSignedIn(agent)).toBe(true);
    const stranger = await signIn(world);
    const theirs = await stranger.agent.get(world.broker.url('oidc/logout'));
    const confirmation = /name="confirmation" value="([^"]+)"/.exec(theirs.body)?.[1] ?? '';
    expect(confirmation).toMatch(/^[\w-]{43}$/);
    await agent.post(world.broker.url('oidc/logout'), { confirmation });
    expect(await isSignedIn(agent)).toBe(true);
  });

  test('never leads to an address that is not listed, and then nobody is signed out', async () => {
    const { agent, body } = await tokensFor();
    const bye = 'https://app.example.com/bye';
    const targets = [
      evil,
      `${bye}/`,
      `${bye}.evil.com`,
      'https://app.example.com@evil.com/bye',
      `${bye}\\@evil.com`,
      '//evil.com',
      'javascript:alert(1)',
    ];
    for (const target of targets) {
      const uri = encodeURIComponent(target);
      for (const path of [
        `oidc/logout?id_token_hint=${body.id_token}&post_logout_redirect_uri=${uri}`,
        `oidc/logout?client_id=web&post_logout_redirect_uri=${uri}`,
        `oidc/logout?post_logout_redirect_uri=${uri}`,
        `v2/logout?client_id=web&returnTo=${uri}`,
        `v2/logout?returnTo=${uri}`,
        `v2/logout?client_id=web&returnTo=${encodeURIComponent(bye)}&returnTo=${uri}`,
      ]) {
        const answer = await agent.get(world.broker.url(path));
        expect(answer.status, path).toBe(400);
        expect(answer.headers).not.toHaveProperty('location');
      }
    }
    expect(await isSignedIn(agent)).toBe(true);
  });

  test.each([
    ['unsigned', (hint: string) => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${hint.split('.')[1]}.`],
    ['with another signature', (hint: string) => `${hint.slice(0, -8)}AAAAAAAA`],
    ['not a token', () => 'x'],
  ])('with a hint that is %s signs nobody out', async (_, change) => {
    const { agent, body } = await tokensFor();
    const hint = change(String(body.id_token));
    const bye = encodeURIComponent('https://app.example.com/bye');
    const answer = await agent.get(
      world.broker.url(`oidc/logout?id_token_hint=${hint}&post_logout_redirect_uri=${bye}`),
    );
    expect(answer.status).toBe(400);
    expect(await isSignedIn(agent)).toBe(true);
  });

  test("with another person's hint asks first", async () => {
    const { agent } = await signIn(world);
    world.provider.signInAs({ id: 'mallory' });
    const mallory = await tokensFor();
    world.provider.signInAs({ id: 'user-1' });
    const answer = await agent.get(world.broker.url(`oidc/logout?id_token_hint=${mallory.body.id_token}`));
    expect(answer.body).toContain('name="confirmation"');
    expect(await isSignedIn(agent)).toBe(true);
  });
});

describe('DN-22 a cookie that was planted before the sign-in', () => {
  test('is not the session afterwards', async () => {
    const attacker = await signIn(world);
    const planted = attacker.agent.cookies.get('auth0') ?? '';
    world.provider.signInAs({ id: 'victim' });
    const victim = createAgent(new Map([['auth0', planted]]));
    await signIn(world, { prompt: 'login' }, victim);
    world.provider.signInAs({ id: 'user-1' });
    expect(victim.cookies.get('auth0')).toMatch(/^se_/);
    expect(victim.cookies.get('auth0')).not.toBe(planted);
    expect(await isSignedIn(victim)).toBe(true);
    // The old handle never becomes the victim's: it was another person's, and it ends.
    expect(await isSignedIn(createAgent(new Map([['auth0', planted]])))).toBe(false);
  });

  test('with a made-up value never becomes a session', async () => {
    const agent = createAgent(new Map([['auth0', 'se_chosen-by-the-attacker']]));
    await signIn(world, {}, agent);
    expect(agent.cookies.get('auth0')).not.toBe('se_chosen-by-the-attacker');
    expect(await isSignedIn(createAgent(new Map([['auth0', 'se_chosen-by-the-attacker']])))).toBe(false);
  });

  test('over https no sibling host can plant one: the names begin with __Host-', async () => {
    const broker = await startBroker({
      seed: seedFor(world.provider),
      environment: { PORTICO_ISSUER: 'https://id.example.com/' },
    });
    const asked = new URL(authorizeUrl(world));
    const send = (path: string, cookie: string) =>
      request(`http://localhost:${broker.port}/${path}`, { headers: { cookie } });
    const begun = await send(`authorize${asked.search}`, '__Host-did=planted; did=did_planted');
    const device = String(begun.headers['set-cookie']);
    expect(device).toMatch(/^__Host-did=did_[\w-]{43}; Path=\/; HttpOnly; Max-Age=\d+; Secure; SameSite=Lax$/);
    const atProvider = await request(String(begun.headers.location));
    const back = String(atProvider.headers.location).replace('https://id.example.com/', '');
    const answer = await send(back, device.split(';', 1)[0] ?? '');
    const [session, used, ...others] = [answer.headers['set-cookie'] ?? []].flat();
    expect(used).toMatch(/^__Host-used=con_\w+; Path=\/; HttpOnly; Max-Age=\d+; Secure; SameSite=Lax$/);
    expect(others).toEqual([]);
    expect(session).toMatch(/^__Host-auth0=se_[\w-]{43}; Path=\/; HttpOnly; Max-Age=\d+; Secure; SameSite=None$/);
    expect(String(answer.headers.location)).toMatch(new RegExp(`^${callback}\\?code=ac_`));
    await broker.close();
  });
});

describe('DN-23 a new sign-in that was asked for', () => {
  test.each([
    ['prompt=login', { prompt: 'login' }],
    ['prompt=select_account', { prompt: 'select_account' }],
    ['max_age=0', { max_age: '0' }],
  ])('by %s cannot be cancelled into an answer: no code without it', async (_, parameters: Parameters) => {
    const { agent } = await signIn(world);
    const { callbackUrl } = await beginSignIn(world, parameters, agent);
    const cancelled = await agent.get(changed(callbackUrl, { code: undefined, error: 'access_denied' }));
    expectErrorRedirect(world, cancelled, {
      error: 'access_denied',
      description: 'User did not authorize the request',
    });
    const silent = await agent.get(
      authorizeUrl(world, { ...parameters, prompt: parameters.max_age ? 'none' : parameters.prompt }),
    );
    if (parameters.max_age) expectErrorRedirect(world, silent, { error: 'login_required' });
    else expect(silent.location?.startsWith(world.provider.url)).toBe(true);
    const [event] = await eventsSince(world, () => agent.follow(authorizeUrl(world, parameters), callback));
    expect(event).toMatchObject({ type: 's' });
  });

  test.each(['none login', 'login none', 'none none login', 'none consent', 'unknown', 'NONE'])(
    'by prompt=%j, which contradicts itself or means nothing, is refused',
    async (prompt) => {
      const { agent } = await signIn(world);
      const answer = await agent.get(authorizeUrl(world, { prompt }));
      expectErrorRedirect(world, answer, { error: 'invalid_request' });
    },
  );

  test.each(['-1', '1.5', '1e3', 'x', '0x1'])('by max_age=%j, which is no number, is refused', async (maxAge) => {
    const { agent } = await signIn(world);
    expectErrorRedirect(world, await agent.get(authorizeUrl(world, { max_age: maxAge })), { error: 'invalid_request' });
  });
});

test('DN-22 a sign-in page of another browser is a page, not its sign-in', async () => {
  const began = await createAgent().get(authorizeUrl(world, { connection: undefined }));
  await expectPage(world, await createAgent().get(began.location ?? ''));
});
