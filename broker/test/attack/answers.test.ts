import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import {
  answerParameters,
  authorizeUrl,
  callback,
  signIn,
  spaCallback,
  startWorld,
  type World,
} from '../support/world.ts';
import { expectErrorRedirect, expectPage, type Parameters } from './refusal.ts';

/* How answers leave us: by which status, in which mode, with which names, and never because of a header. */

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const spa: Parameters = {
  client_id: 'spa',
  redirect_uri: spaCallback,
  code_challenge: 'c'.repeat(43),
  code_challenge_method: 'S256',
};

describe('DN-10 after a form', () => {
  test('the redirect is a 303, to the upstream and to the application', async () => {
    const url = new URL(authorizeUrl(world));
    const form = Object.fromEntries(url.searchParams);
    const agent = createAgent();
    const begun = await agent.post(world.broker.url('authorize'), form);
    expect(begun.status).toBe(303);
    await agent.follow(begun.location ?? '', callback);
    const answered = await agent.post(world.broker.url('authorize'), form);
    expect(answered.status).toBe(303);
    expect(answerParameters(answered).code).toMatch(/^ac_/);
    const refused = await agent.post(world.broker.url('authorize'), { ...form, response_type: 'invalid' });
    expect(refused.status).toBe(303);
    expectErrorRedirect(world, refused, { error: 'unsupported_response_type' });
  });

  test('on our own page the way on is a page, not a repetition of the form', async () => {
    const agent = createAgent();
    const page = await agent.get(authorizeUrl(world, { connection: undefined }));
    const state = new URL(page.location ?? '').searchParams.get('state') ?? '';
    const picked = await agent.post(world.broker.url('u/login'), { state, connection: 'mapped' });
    expect(picked.status).toBe(200);
    expect(picked.headers).not.toHaveProperty('location');
  });
});

describe('DN-11 the response mode', () => {
  const hostile = '"><script>alert(1)</script>';

  test('form_post escapes what it carries, and only the client is a target of its form', async () => {
    const answer = await createAgent().follow(
      authorizeUrl(world, { response_mode: 'form_post', state: hostile }),
      callback,
    );
    expect(answer.status).toBe(200);
    expect(answer.body).toContain(`action="${callback}"`);
    expect(answer.body).toContain('&quot;&gt;&lt;script&gt;alert(1)');
    expect(answer.body).not.toContain('<script>alert');
    const policy = String(answer.headers['content-security-policy']);
    expect(policy).toContain('form-action https://app.example.com');
    expect(policy).toContain("default-src 'none'");
    expect(answer.headers['cache-control']).toContain('no-store');
  });

  test('web_message goes to one listed origin, which alone may frame it', async () => {
    const asked = { ...spa, response_mode: 'web_message', prompt: 'none', state: '</script><script>alert(1)' };
    const answer = await createAgent().get(authorizeUrl(world, asked));
    expect(answer.status).toBe(200);
    expect(answer.body).toContain(`"targetOrigin":"${spaCallback}"`);
    expect(answer.body).not.toContain('<script>alert');
    expect(answer.body).not.toMatch(/postMessage\([^)]*['"]\*['"]/);
    expect(String(answer.headers['content-security-policy'])).toContain(`frame-ancestors ${spaCallback}`);
  });

  test('web_message to an origin that is not listed is a page, whether it would carry a code or an error', async () => {
    for (const more of [{}, { prompt: 'none' }, { response_type: 'invalid' }]) {
      const answer = await createAgent().get(authorizeUrl(world, { response_mode: 'web_message', ...more }));
      await expectPage(world, answer, { step: 'request' });
    }
  });

  test.each(['token', 'id_token', 'code token', 'code id_token', 'id_token token'])(
    'query is refused where a token would travel in it (%s), and so is any mode that nobody knows',
    async (responseType) => {
      for (const mode of ['query', 'query.jwt', 'QUERY', 'constructor']) {
        const asked = { response_type: responseType, response_mode: mode, nonce: 'n' };
        const answer = await createAgent().get(authorizeUrl(world, asked));
        expect(answer.location?.startsWith(callback)).toBe(true);
        expect(answerParameters(answer)).toMatchObject({ error: 'invalid_request', state: 'app-state' });
      }
    },
  );
});

describe('DN-12 every answer names us as its issuer', () => {
  test.each([
    ['a code', {}, 'code'],
    ['a code in the fragment', { response_mode: 'fragment' }, 'code'],
    ['tokens', { response_type: 'id_token token', nonce: 'n' }, 'id_token'],
    ['code and ID token', { response_type: 'code id_token', nonce: 'n' }, 'code'],
    ['an error', { response_type: 'invalid' }, 'error'],
    ['an error in the fragment', { response_type: 'token', audience: 'unknown' }, 'error'],
    ['a silent error', { prompt: 'none' }, 'error'],
    ['an unknown connection', { connection: 'unknown' }, 'error'],
  ])('%s', async (_, parameters: Parameters, name) => {
    const { answer } = await signIn(world, parameters);
    expect(answer).toMatchObject({ iss: world.broker.issuerUrl, state: 'app-state', [name]: expect.any(String) });
  });

  test('discovery says so', async () => {
    const document = await fetch(world.broker.url('.well-known/openid-configuration')).then((answer) => answer.json());
    expect(document).toMatchObject({
      issuer: world.broker.issuerUrl,
      authorization_response_iss_parameter_supported: true,
    });
  });
});

describe('DN-24 a request object', () => {
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"redirect_uri":"https://evil.example.com/"}').toString('base64url')}.`;

  test('is not supported, and what it says does not count', async () => {
    const answer = await createAgent().get(authorizeUrl(world, { request: unsigned }));
    expectErrorRedirect(world, answer, { error: 'request_not_supported' });
  });

  test('at an address is not supported, and not fetched', async () => {
    const before = { ...world.provider.counts };
    const uris = [`${world.provider.url}/request`, 'http://169.254.169.254/latest/meta-data/', 'urn:example:request'];
    for (const uri of uris) {
      const answer = await createAgent().get(authorizeUrl(world, { request_uri: uri }));
      expectErrorRedirect(world, answer, { error: 'request_uri_not_supported' });
    }
    // One that nobody pushed stands for a request that is not there: the rest of the address does not take its place.
    const unpushed = await createAgent().get(
      authorizeUrl(world, { request_uri: 'urn:ietf:params:oauth:request_uri:x' }),
    );
    expect([unpushed.status, unpushed.location]).toEqual([400, undefined]);
    expect(world.provider.counts).toEqual(before);
  });
});

describe('DN-30 a foreign host name', () => {
  const foreign = {
    host: 'evil.example.com',
    'x-forwarded-host': 'evil.example.com',
    'x-forwarded-proto': 'https',
    forwarded: 'host=evil.example.com;proto=https',
  };
  const get = async (path: string) => {
    const response = await request(world.broker.url(path), { headers: foreign });
    return { status: response.statusCode, headers: response.headers, body: await response.body.text() };
  };

  test('changes no document and no redirect', async () => {
    const own = await fetch(world.broker.url('.well-known/openid-configuration')).then((answer) => answer.text());
    expect((await get('.well-known/openid-configuration')).body).toBe(own);
    const asked = authorizeUrl(world).slice(world.broker.issuerUrl.length);
    const begun = await get(asked);
    const sent = new URL(String(begun.headers.location)).searchParams.get('redirect_uri');
    expect(sent).toBe(world.broker.url('login/callback'));
    const page = await get(authorizeUrl(world, { connection: undefined }).slice(world.broker.issuerUrl.length));
    expect(String(page.headers.location).startsWith(world.broker.url('u/login?state='))).toBe(true);
    for (const path of ['login/callback', 'oidc/logout', 'v2/logout', 'nothing', 'authorize']) {
      const answer = await get(path);
      expect(JSON.stringify([answer.headers, answer.body])).not.toContain('evil.example.com');
    }
  });
});

test('a broken address or body is refused without a failure of ours', async () => {
  const before = world.broker.logs.length;
  const send = async (path: string, body?: string, type = 'application/json') => {
    const response = await request(world.broker.url(path), {
      method: body === undefined ? 'GET' : 'POST',
      headers: body === undefined ? {} : { 'content-type': type },
      body: body ?? null,
    });
    await response.body.dump();
    return response.statusCode;
  };
  const nested = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
  const statuses = await Promise.all([
    send('login/callback/%ff?state=x'),
    send('authorize?%ff=%ff&client_id=%'),
    send('u/login?state=%00'),
    send('oauth/token', '{'),
    send('oauth/token', '[]'),
    send('oauth/token', 'null'),
    send('oauth/token', nested),
    send('oauth/token', '{"__proto__":{"client_id":"machine"},"grant_type":"client_credentials"}'),
    send('oauth/token', `{"grant_type":"${'x'.repeat(100_000)}"}`),
    send('oauth/token', '<xml/>', 'text/xml'),
    send('oauth/token', '%ff=%ff', 'application/x-www-form-urlencoded'),
    send('authorize', '{"client_id":{"toString":"x"}}'),
  ]);
  for (const status of statuses) expect([400, 401, 404, 413, 415]).toContain(status);
  expect(world.broker.logs.slice(before).filter(({ level }) => level === 'error')).toEqual([]);
});
