import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, createAgent } from '../support/agent.ts';
import { addPerson, readForm } from '../support/applications.ts';
import { authorizeUrl, callback, signIn, startWorld, type World } from '../support/world.ts';

/* What every page of the running broker promises to the browser, and what another site can make of its forms. */

const thirdCallback = 'https://third.example.net/callback';

let world: World;
beforeAll(async () => {
  world = await startWorld({
    change(seed) {
      const [web] = seed.clients;
      if (web === undefined) throw new Error('the seed has one');
      seed.clients.push({ ...web, client_id: 'third', is_first_party: false, callbacks: [thirdCallback] });
      seed.connections[0]?.enabled_clients?.push('third');
    },
  });
});
afterAll(() => world.close());

/** For somebody who has allowed nothing yet. */
const askThird = () =>
  authorizeUrl(world, { client_id: 'third', redirect_uri: thirdCallback, login_hint: addPerson(world).id });
const choose = { connection: undefined };

async function openAll(): Promise<ReadonlyMap<string, Answer>> {
  const agent = createAgent();
  const consent = await agent.follow(askThird(), thirdCallback);
  const visitor = createAgent();
  const login = await visitor.follow(authorizeUrl(world, choose), callback);
  const { action, fields } = readForm(login.body);
  const handoff = await visitor.post(action, { ...fields, connection: 'mapped' });
  return new Map([
    ['login', login],
    ['handoff', handoff],
    ['consent', consent],
    ['error', await agent.get(authorizeUrl(world, { client_id: 'nobody' }))],
    ['form_post', await agent.get(authorizeUrl(world, { response_mode: 'form_post' }))],
    ['sign out', await agent.get(world.broker.url('oidc/logout'))],
    ['activate', await agent.get(world.broker.url('activate'))],
    ['signed out', await agent.get(world.broker.url('v2/logout'))],
  ]);
}

test('WEB-01 WEB-05 WEB-07 WEB-08 no page is framed, kept, sniffed or tells where one comes from; nothing runs in it but its own script', async () => {
  for (const [name, { headers, body }] of await openAll()) {
    const policy = String(headers['content-security-policy']);
    expect(headers['content-type'], name).toBe('text/html; charset=utf-8');
    expect(headers['x-frame-options'], name).toBe('DENY');
    expect(headers['cache-control'], name).toBe('no-store');
    expect(headers['x-content-type-options'], name).toBe('nosniff');
    expect(['no-referrer', 'same-origin'], name).toContain(headers['referrer-policy']);
    expect(policy, name).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(policy, name).toContain("frame-ancestors 'none'; base-uri 'none'");
    expect(policy, name).not.toMatch(/unsafe|\*|https?:\/\/(?!app\.example\.com)/);
    expect(policy.includes('script-src'), name).toBe(name === 'form_post');
    expect(body, name).not.toMatch(/ on\w+="|<(?:link|script|img)[^>]* (?:src|href)="(?:https?:)?\/\//);
  }
});

describe('WEB-02 WEB-06 a form of ours', () => {
  /** As another site's form would be sent, with whatever cookies the browser would add. */
  const send = async (action: string, fields: Record<string, string>, headers: Record<string, string>) => {
    const response = await request(action, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(fields).toString(),
    });
    return { status: response.statusCode, location: response.headers.location, body: await response.body.text() };
  };

  const foreign = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { origin: 'http://localhost.evil.example' },
  ];

  test.each(foreign)('that another site sends is refused, whatever it knows: %j', async (headers) => {
    const agent = createAgent();
    const login = await agent.follow(authorizeUrl(world, choose), callback);
    const consent = await agent.follow(askThird(), thirdCallback);
    const cookie = [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const forms: [Answer, Record<string, string>][] = [
      [login, { connection: 'mapped' }],
      [consent, { decision: 'allow' }],
    ];
    for (const [page, more] of forms) {
      const { action, fields } = readForm(page.body);
      const answer = await send(action, { ...fields, ...more }, { cookie, ...headers });
      expect(answer).toMatchObject({ status: 403, location: undefined });
      expect(answer.body).not.toContain('http-equiv="refresh"');
      const { origin } = new URL(world.broker.issuerUrl);
      expect((await send(action, { ...fields, ...more }, { cookie, origin })).status).toBe(200);
    }
  });

  test('looking at a page changes nothing: it may be looked at again, and a GET decides nothing', async () => {
    const agent = createAgent();
    const consent = await agent.follow(askThird(), thirdCallback);
    const { fields } = readForm(consent.body);
    const decided = await agent.get(`${consent.url}&confirmation=${fields.confirmation}&decision=allow`);
    expect(decided.body).toContain('asks for access to your account');
    expect((await agent.get(consent.url)).status).toBe(200);
  });

  test('cookies are for this host, out of scripts’ reach, and small', async () => {
    const agent = createAgent();
    const lines: string[] = [];
    for (let url = authorizeUrl(world, choose), hops = 0; hops < 8; hops += 1) {
      const answer = await agent.get(url);
      lines.push(...[answer.headers['set-cookie'] ?? []].flat());
      if (answer.location === undefined) {
        const { action, fields } = readForm(answer.body);
        const handoff = await agent.post(action, { ...fields, connection: 'mapped' });
        url = /content="0;url=([^"]*)"/.exec(handoff.body)?.[1]?.replaceAll('&amp;', '&') ?? '';
      } else if (answer.location.startsWith(callback)) break;
      else url = answer.location;
    }
    expect(lines.map((line) => line.split('=', 1)[0]).sort()).toEqual(['auth0', 'did', 'used']);
    for (const line of lines) {
      expect(line).toMatch(/^\w+=[\w-]+; Path=\/; HttpOnly; Max-Age=\d+; SameSite=Lax$/);
      expect(line.length).toBeLessThan(200);
    }
  });
});

test('DN-28 an answer carries a code and no token in its address, and tells the application’s page no referrer', async () => {
  const { agent } = await signIn(world);
  const answer = await agent.get(authorizeUrl(world));
  expect(answer.headers['referrer-policy']).toBe('no-referrer');
  expect([...new URL(answer.location ?? '').searchParams.keys()].sort()).toEqual(['code', 'iss', 'state']);
  const page = await agent.get(authorizeUrl(world, { response_mode: 'form_post' }));
  expect(page.headers['referrer-policy']).toBe('no-referrer');
});

test.each([
  '//evil.example',
  '/\\evil.example',
  '/%09/evil.example',
  '/\t/evil.example',
  'https://evil.example/bye',
  'javascript:alert(1)',
  'https://app.example.com@evil.example/bye',
  'https://app.example.com/bye/../evil',
  'https://APP.example.com/bye',
])('WEB-09 returnTo=%s goes nowhere', async (returnTo) => {
  const query = new URLSearchParams({ client_id: 'web', returnTo });
  const answer = await createAgent().get(`${world.broker.url('v2/logout')}?${query}`);
  expect(answer).toMatchObject({ status: 400, location: undefined });
});
