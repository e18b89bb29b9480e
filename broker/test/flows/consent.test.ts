import { describe, expect, test } from 'vitest';
import { type Agent, type Answer, createAgent } from '../support/agent.ts';
import { addPerson, readForm, readHandoff } from '../support/applications.ts';
import { databases, useWorld } from '../support/databases.ts';
import {
  answerParameters,
  audience,
  authorizeUrl,
  createPkce,
  redeem,
  type World,
  type WorldOptions,
} from '../support/world.ts';

/* Who is asked what an application may do, and what becomes of the answer. */

const thirdCallback = 'https://third.example.net/callback';
const loopback = 'http://127.0.0.1:5173/callback';
const secret = 'third-secret-0123456789';
const openApi = 'https://open.example.com/';

const change: WorldOptions['change'] = (seed) => {
  const shared = { client_secret: secret, grant_types: ['authorization_code', 'refresh_token'] };
  seed.resource_servers[0] = {
    identifier: audience,
    name: 'Streaming',
    scopes: [{ value: 'read:shows', description: 'See what you watch' }, { value: 'write:shows' }],
    allow_offline_access: true,
    skip_consent_for_verifiable_first_party_clients: false,
  };
  seed.resource_servers.push({ identifier: openApi, scopes: [{ value: 'read:all', description: 'Read everything' }] });
  seed.clients.push(
    { ...shared, client_id: 'third', name: 'Third & party', is_first_party: false, callbacks: [thirdCallback] },
    {
      ...shared,
      client_id: 'local',
      name: 'Local',
      callbacks: [loopback, 'com.example.app:/cb'],
      skip_non_verifiable_callback_uri_confirmation_prompt: false,
    },
    { ...shared, client_id: 'trusted', name: 'Trusted', callbacks: [loopback] },
  );
  for (const id of ['third', 'local', 'trusted']) seed.connections[0]?.enabled_clients?.push(id);
};

type Parameters = Readonly<Record<string, string | undefined>>;
const third: Parameters = {
  client_id: 'third',
  redirect_uri: thirdCallback,
  scope: 'openid email read:shows',
  audience,
};
const local: Parameters = { client_id: 'local', redirect_uri: loopback, scope: 'openid' };

/** From /authorize to the consent page, or past it. */
const arrive = (world: World, agent: Agent, parameters: Parameters): Promise<Answer> =>
  agent.follow(authorizeUrl(world, parameters), parameters.redirect_uri ?? 'https://app.example.com/callback');

/** What came back at the application after the page's form. */
const decide = async (agent: Agent, page: Answer, decision: string): Promise<Answer> => {
  const { action, fields } = readForm(page.body);
  return agent.post(action, { ...fields, decision });
};
const answerOf = (handoff: Answer) => answerParameters({ ...handoff, location: readHandoff(handoff.body) });

describe.each(databases)('consent, on %s', (database) => {
  const getWorld = useWorld({ change }, database);

  test('a third-party application gets a code after the person has read what it asks for and allowed it, and is not asked twice', async () => {
    const [world, agent] = [getWorld(), createAgent()];
    const page = await arrive(world, agent, third);
    expect(page.url.startsWith(world.broker.url('u/consent?state='))).toBe(true);
    expect(page.body).toContain('<bdi>Third &amp; party</bdi> asks for access to your account');
    for (const words of [
      'Know that it is you',
      'See your email address',
      'See what you watch',
      'In <bdi>Streaming</bdi>:',
    ]) {
      expect(page.body).toContain(words);
    }
    expect(page.body).not.toContain('See your name');
    const answer = answerOf(await decide(agent, page, 'allow'));
    expect(answer).toMatchObject({
      code: expect.stringMatching(/^ac_/),
      state: 'app-state',
      iss: world.broker.issuerUrl,
    });
    const client = { client_id: 'third', client_secret: secret, redirect_uri: thirdCallback };
    const tokens = await redeem(world, answer.code, client);
    expect(tokens.body).toMatchObject({ scope: 'openid email read:shows' });

    const again = await agent.get(authorizeUrl(world, third));
    expect(again.location?.startsWith(thirdCallback)).toBe(true);
    const fewer = await agent.get(authorizeUrl(world, { ...third, scope: 'openid' }));
    expect(fewer.location?.startsWith(thirdCallback)).toBe(true);
  });

  test('who declines goes back with access_denied, the session stays, and nothing is remembered', async () => {
    const [world, agent] = [getWorld(), createAgent()];
    const person = addPerson(world);
    const page = await arrive(world, agent, { ...third, login_hint: person.id });
    const declined = answerOf(await decide(agent, page, 'decline'));
    expect(declined).toEqual({
      error: 'access_denied',
      error_description: 'User did not authorize the request',
      state: 'app-state',
      iss: world.broker.issuerUrl,
    });
    const own = await agent.get(authorizeUrl(world));
    expect(answerParameters(own).code).toMatch(/^ac_/);
    const asked = await agent.get(authorizeUrl(world, third));
    expect(asked.location).toContain('/u/consent?state=');
  });

  test('DN-25 more scopes, another API, another person or another application: the person is asked anew', async () => {
    const [world, agent] = [getWorld(), createAgent()];
    const person = addPerson(world);
    await decide(agent, await arrive(world, agent, { ...third, login_hint: person.id }), 'allow');
    const asks = async (parameters: Parameters, browser = agent) =>
      (await arrive(world, browser, parameters)).url.includes('/u/consent');
    expect(await asks(third)).toBe(false);
    expect(await asks({ ...third, scope: 'openid email read:shows write:shows' })).toBe(true);
    expect(await asks({ ...third, audience: openApi, scope: 'openid' })).toBe(true);
    expect(await asks({ ...third, audience: undefined })).toBe(true);
    expect(await asks({ ...third, login_hint: addPerson(world).id }, createAgent())).toBe(true);
    expect(await asks({ ...third, prompt: 'consent' })).toBe(true);
    expect(await asks({ audience, scope: 'read:shows' })).toBe(true);
  });

  test('prompt=none says consent_required until the person has allowed it, at a page of ours for a third party', async () => {
    const [world, agent] = [getWorld(), createAgent()];
    await agent.follow(authorizeUrl(world, { login_hint: addPerson(world).id }), 'https://app.example.com/callback');
    const own = { audience, scope: 'openid read:shows' };
    expect(answerParameters(await agent.get(authorizeUrl(world, { ...own, prompt: 'none' })))).toMatchObject({
      error: 'consent_required',
      error_description: 'Consent required',
      state: 'app-state',
    });
    const silent = await agent.get(authorizeUrl(world, { ...third, prompt: 'none' }));
    expect(silent).toMatchObject({ status: 400, location: undefined });
    expect(silent.body).toContain('<code>consent_required: Consent required</code>');
    await decide(agent, await arrive(world, agent, own), 'allow');
    expect(answerParameters(await agent.get(authorizeUrl(world, { ...own, prompt: 'none' }))).code).toMatch(/^ac_/);
  });

  test('an API that skips consent, and a request without an API, ask nobody for a first-party application', async () => {
    const world = getWorld();
    for (const parameters of [{}, { audience: openApi, scope: 'openid read:all' }, { prompt: 'consent' }]) {
      const answer = await arrive(world, createAgent(), parameters);
      expect(answerParameters(answer).code).toMatch(/^ac_/);
    }
  });
});

describe('addresses that any program can answer at', () => {
  const getWorld = useWorld({ change });

  test('consent first, then a confirmation of each sign-in that would show no page, unless it is silent', async () => {
    const [world, agent] = [getWorld(), createAgent()];
    const asked = await arrive(world, agent, local);
    expect(asked.body).toContain('asks for access to your account');
    expect(answerOf(await decide(agent, asked, 'allow')).code).toMatch(/^ac_/);
    const confirming = await arrive(world, agent, local);
    expect(confirming.body).toContain('Continue to <bdi>Local</bdi>?');
    expect(answerOf(await decide(agent, confirming, 'allow')).code).toMatch(/^ac_/);
    expect(answerOf(await decide(agent, await arrive(world, agent, local), 'decline')).error).toBe('access_denied');
    const silent = await agent.get(authorizeUrl(world, { ...local, prompt: 'none' }));
    expect(answerParameters(silent).code).toMatch(/^ac_/);
  });

  test('a scheme of its own counts as one of them, and the page leads there', async () => {
    const [world, agent] = [getWorld(), createAgent()];
    const page = await arrive(world, agent, { ...local, redirect_uri: 'com.example.app:/cb' });
    const handoff = await decide(agent, page, 'allow');
    expect(readHandoff(handoff.body)).toMatch(/^com\.example\.app:\/cb\?code=ac_/);
  });

  test('an application that is trusted there asks nobody', async () => {
    const answer = await arrive(getWorld(), createAgent(), { ...local, client_id: 'trusted' });
    expect(answerParameters(answer).code).toMatch(/^ac_/);
  });
});

describe('DN-25 an answer counts only from the page that asked', () => {
  const getWorld = useWorld({ change });

  const ask = async () => {
    const agent = createAgent();
    const page = await arrive(getWorld(), agent, { ...third, login_hint: addPerson(getWorld()).id });
    return { agent, page, ...readForm(page.body) };
  };

  const expectRefused = (answer: Answer) => {
    expect(answer.status).toBe(400);
    expect(answer.location).toBe(undefined);
    expect(answer.body).not.toContain('http-equiv="refresh"');
  };

  test.each([
    ['without its token', (fields: Record<string, string>) => ({ ...fields, confirmation: '' })],
    ['with a wrong token', (fields: Record<string, string>) => ({ ...fields, confirmation: 'x'.repeat(43) })],
    ['with a wrong state', (fields: Record<string, string>) => ({ ...fields, state: `${fields.state}x` })],
    ['without a state', ({ state: _, ...fields }: Record<string, string>) => fields],
  ])('%s nothing is allowed and nothing is spent', async (_, spoil) => {
    const { agent, action, fields } = await ask();
    expectRefused(await agent.post(action, { ...spoil({ ...fields }), decision: 'allow' }));
    const answer = await agent.post(action, { ...fields, decision: 'allow' });
    expect(answerOf(answer).code).toMatch(/^ac_/);
  });

  test('another session, another page of the same session and a second answer are refused', async () => {
    const first = await ask();
    const second = await ask();
    expectRefused(await second.agent.post(first.action, { ...first.fields, decision: 'allow' }));
    expectRefused(await createAgent().post(first.action, { ...first.fields, decision: 'allow' }));
    const other = await arrive(getWorld(), first.agent, { ...third, scope: 'openid' });
    const mixed = { ...first.fields, confirmation: readForm(other.body).fields.confirmation ?? '', decision: 'allow' };
    expectRefused(await first.agent.post(first.action, mixed));
    expect(answerOf(await first.agent.post(first.action, { ...first.fields, decision: 'allow' })).code).toMatch(/^ac_/);
    expectRefused(await first.agent.post(first.action, { ...first.fields, decision: 'allow' }));
  });

  test('what changed since the page was shown is not allowed by its answer', async () => {
    const { agent, action, fields } = await ask();
    const { store } = getWorld().broker;
    const api = (await store.resourceServers.list()).find(({ identifier }) => identifier === audience);
    if (api === undefined) throw new Error('the seed has it');
    await store.write(store.resourceServers.update({ ...api, scopes: [] }));
    expectRefused(await agent.post(action, { ...fields, decision: 'allow' }));
    await store.write(store.resourceServers.update(api));
  });

  test('a page that waited too long, and a person who was blocked meanwhile, get no code', async () => {
    const world = getWorld();
    const late = await ask();
    const blocked = await ask();
    const [, user = ''] = /as <bdi>([^<]+)<\/bdi>/.exec(blocked.page.body) ?? [];
    const id = user.split('@', 1)[0] ?? '';
    await world.broker.store.write(
      world.broker.store.users.setBlocked(`oauth2|mapped|${id}` as never, true, world.broker.clock.now()),
    );
    const answer = answerOf(await blocked.agent.post(blocked.action, { ...blocked.fields, decision: 'allow' }));
    expect(answer).toMatchObject({ error: 'unauthorized', error_description: 'user is blocked' });
    world.broker.clock.advance(901);
    expectRefused(await late.agent.post(late.action, { ...late.fields, decision: 'allow' }));
  });
});

describe('a third-party application', () => {
  const getWorld = useWorld({
    change(seed, issuerUrl) {
      change(seed, issuerUrl);
      const client = seed.clients.find(({ client_id: id }) => id === 'third');
      if (client === undefined) throw new Error('there is one');
      seed.clients.push({ ...client, client_id: 'open', redirection_policy: 'allow_always' });
      seed.connections[0]?.enabled_clients?.push('open');
    },
  });

  test.each([
    ['response_mode', 'query'],
    ['screen_hint', 'signup'],
    ['access_type', 'offline'],
    ['connection_scope', 'admin'],
    ['id_token_hint', 'x'],
    ['organization', 'org_1'],
  ])('may not send %s', async (name, value) => {
    const answer = await createAgent().get(authorizeUrl(getWorld(), { ...third, client_id: 'open', [name]: value }));
    expect(answerParameters(answer)).toMatchObject({
      error: 'invalid_request',
      error_description: `Third-party applications may not send the parameter ${name}`,
    });
  });

  test('may send every parameter of its list, and what begins with ext-', async () => {
    const { challenge } = createPkce();
    const agent = createAgent();
    const everything = {
      acr_values: 'urn:any',
      correlation_id: '1',
      display: 'page',
      max_age: '60',
      nonce: 'n',
      ui_locales: 'de',
      'ext-theme': 'dark',
      login_hint: addPerson(getWorld()).id,
      code_challenge: challenge,
      code_challenge_method: 'S256',
    };
    const page = await arrive(getWorld(), agent, { ...third, ...everything });
    expect(page.body).toContain('<html lang="de" dir="ltr">');
  });

  test.each(['token', 'id_token', 'code token', 'code id_token'])(
    'gets no %s from /authorize',
    async (responseType) => {
      const parameters = { ...third, client_id: 'open', response_type: responseType, nonce: 'n' };
      const answer = await createAgent().get(authorizeUrl(getWorld(), parameters));
      expect(answerParameters(answer)).toMatchObject({ error: 'unsupported_response_type' });
    },
  );

  test.each([
    [{ prompt: 'none' }, 'login_required'],
    [{ scope: 'online_access offline_access' }, 'invalid_request'],
    [{ audience: 'https://unknown.example/' }, 'access_denied'],
    [{ response_type: 'token' }, 'unsupported_response_type'],
    [{ connection: 'unknown' }, 'invalid_request'],
  ])('DN-09 no link redirects to it with an error: %j is a page with one event at most', async (parameters, error) => {
    const world = getWorld();
    const answer = await createAgent().get(authorizeUrl(world, { ...third, ...parameters }));
    expect(answer).toMatchObject({ status: 400, location: undefined });
    expect(answer.body).toContain(`<code>${error}: `);
    expect(answer.body).toContain('You were not signed in.');
    const traceId = /<code>(tr_\w+)<\/code>/.exec(answer.body)?.[1] ?? '';
    const events = await world.broker.store.logs.listByTrace(traceId);
    expect(events.map(({ type }) => type)).toEqual(error === 'login_required' ? [] : ['f']);
    const open = await createAgent().get(authorizeUrl(world, { ...third, ...parameters, client_id: 'open' }));
    expect(answerParameters(open)).toMatchObject({ error });
  });
});
