import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { type Answer, createAgent } from '../support/agent.ts';
import { addPerson, obtainTokens, readForm, readHandoff, web } from '../support/applications.ts';
import { useWorld } from '../support/databases.ts';
import { answerParameters, audience, authorizeUrl, callback, signIn, type WorldOptions } from '../support/world.ts';

/* What an application or a person gets when /authorize cannot answer: delivery, error and description, as on Auth0. */

const pkceless = 'https://third.example.net/callback';

const throwing = (message: string) =>
  `function (token, ctx, callback) { throw new Error(${JSON.stringify(message)}); }`;
const action = (name: string, code: string) => ({
  name,
  supported_triggers: [{ id: 'post-login' as const }],
  deploy: true,
  code,
});

const change: WorldOptions['change'] = (seed) => {
  const [first, second] = seed.connections;
  const [client] = seed.clients;
  if (first === undefined || second === undefined || client === undefined) throw new Error('the seed has them');
  seed.clients.push({ ...client, client_id: 'no-way' });
  seed.clients.push({ ...client, client_id: 'third', is_first_party: false, callbacks: [pkceless] });
  first.enabled_clients?.push('third');
  seed.connections.push(
    { ...first, name: 'elsewhere', enabled_clients: ['spa'] },
    { ...first, name: 'no-token', options: { ...first.options, tokenURL: `${first.options.tokenURL}/missing` } },
    {
      ...second,
      name: 'throwing',
      options: { ...second.options, scripts: { fetchUserProfile: throwing('access_token is not defined') } },
    },
    {
      ...second,
      name: 'calling-back',
      options: {
        ...second.options,
        scripts: { fetchUserProfile: `(token, ctx, callback) => callback('just a text')` },
      },
    },
  );
};

type Parameters = Readonly<Record<string, string | undefined>>;

const heading = (page: string): string | undefined => /<h1>([^<]+)<\/h1>/.exec(page)?.[1];
const code = (page: string): string | undefined =>
  /<dd><code>([^<]+)<\/code>/.exec(page)?.[1]?.replaceAll('&#39;', "'");

const lost =
  "You may have pressed the back button, refreshed during login, opened too many login dialogs, or there is some issue with cookies, since we couldn't find your session. Try logging in again from the application and if the problem persists please contact the administrator.";
const mismatch =
  'The provided redirect_uri is not in the list of allowed callback URLs. Please go to the Application Settings page and make sure you are sending a valid callback url from your application.';

describe('/authorize', () => {
  const getWorld = useWorld({ change });
  const ask = (parameters: Parameters, agent = createAgent()): Promise<Answer> =>
    agent.follow(authorizeUrl(getWorld(), parameters), callback);

  test.each<readonly [string, Parameters, string, string]>([
    [
      'an unknown client',
      { client_id: 'nobody' },
      'This sign-in did not work.',
      'invalid_request: Unknown client: nobody',
    ],
    [
      'a callback that is not listed',
      { redirect_uri: `${callback}/` },
      'Callback URL mismatch.',
      `unauthorized_client: ${mismatch}`,
    ],
    [
      'a callback in another case',
      { redirect_uri: callback.toUpperCase() },
      'Callback URL mismatch.',
      `unauthorized_client: ${mismatch}`,
    ],
    [
      'no client',
      { client_id: undefined },
      'This sign-in did not work.',
      'invalid_request: Missing required parameter: client_id',
    ],
    [
      'no response type and no proven callback',
      { response_type: undefined, redirect_uri: 'https://evil.example/' },
      'Callback URL mismatch.',
      `unauthorized_client: ${mismatch}`,
    ],
  ])('%s is a page with status 400', async (_, parameters, title, told) => {
    const answer = await ask(parameters);
    expect(answer).toMatchObject({ status: 400, location: undefined });
    expect(heading(answer.body)).toBe(title);
    expect(code(answer.body)).toBe(told);
    if (title.startsWith('Callback')) expect(answer.body).toContain(`<p>${mismatch}</p>`);
    expect(answer.body).toMatch(/<code>tr_\w{16}<\/code>/);
  });

  test.each<readonly [string, Parameters, string, string]>([
    [
      'a missing response type',
      { response_type: undefined },
      'invalid_request',
      'Missing required parameter: response_type',
    ],
    [
      'an unknown response type',
      { response_type: 'none' },
      'unsupported_response_type',
      'Unsupported response type: none',
    ],
    ['an unknown connection', { connection: 'nowhere' }, 'invalid_request', 'the connection was not found'],
    [
      'a connection that is disabled for the client',
      { connection: 'elsewhere' },
      'invalid_request',
      'the connection was disabled',
    ],
    [
      'a client without connections',
      { client_id: 'no-way', connection: undefined },
      'invalid_request',
      'no connections enabled for the client',
    ],
    [
      'an unknown audience',
      { audience: 'https://none.example/' },
      'access_denied',
      'Service not found: https://none.example/',
    ],
    [
      'an empty prompt beside none',
      { prompt: 'none login' },
      'invalid_request',
      'prompt none cannot be combined with another prompt',
    ],
    [
      'both kinds of access',
      { scope: 'openid online_access offline_access' },
      'invalid_request',
      'Cannot request both online_access and offline_access scopes',
    ],
    ['prompt=none and nobody there', { prompt: 'none' }, 'login_required', 'Login required'],
    ['a token endpoint that fails', { connection: 'no-token' }, 'invalid_request', 'failed to obtain access token'],
    ['a script that throws', { connection: 'throwing' }, 'invalid_request', 'access_token is not defined'],
    ['a script that calls back a text', { connection: 'calling-back' }, 'invalid_request', 'just a text'],
    [
      'an organization',
      { organization: 'org_1' },
      'invalid_request',
      'parameter organization is not allowed for this client',
    ],
    [
      'an invitation',
      { invitation: 'ticket' },
      'invalid_request',
      'parameter invitation is not allowed for this client',
    ],
    [
      'multifactor authentication',
      { acr_values: 'http://schemas.openid.net/pape/policies/2007/06/multi-factor' },
      'invalid_request',
      'Multifactor authentication is not available',
    ],
    [
      'multifactor authentication without a page',
      { prompt: 'none', acr_values: 'http://schemas.openid.net/pape/policies/2007/06/multi-factor' },
      'interaction_required',
      'Multifactor authentication required',
    ],
    ['a hint that is no token', { id_token_hint: 'x.y.z' }, 'invalid_request', 'The id_token_hint is not valid'],
  ])('%s goes to the redirect URI with the state, in the query', async (_, parameters, error, description) => {
    const world = getWorld();
    const answer = await ask(parameters);
    expect(answer.location?.startsWith(`${callback}?`), answer.body).toBe(true);
    expect(answerParameters(answer)).toEqual({
      error,
      error_description: description,
      state: 'app-state',
      iss: world.broker.issuerUrl,
    });
  });

  test.each(['query', 'fragment', 'form_post'])('an error takes the response mode %s', async (mode) => {
    const answer = await ask({ prompt: 'none', response_mode: mode });
    const told = { error: 'login_required', error_description: 'Login required', state: 'app-state' };
    if (mode === 'form_post') expect(readForm(answer.body)).toMatchObject({ action: callback, fields: told });
    else expect(answer.location).toMatch(mode === 'query' ? /\?error=login_required&/ : /#error=login_required&/);
  });

  test.each([
    ['access_denied', { error: 'access_denied', error_description: 'User did not authorize the request' }],
    ['temporarily_unavailable', { error: 'access_denied', error_description: 'The provider refused the sign-in' }],
  ])('%s of the provider arrives in our words', async (error, told) => {
    const { provider } = getWorld();
    provider.on('authorize', ({ query }) => {
      const back = new URLSearchParams({ error, error_description: 'theirs', state: query.get('state') ?? '' });
      return { status: 302, headers: { location: `${query.get('redirect_uri')}?${back}` } };
    });
    const answer = await ask({});
    provider.on('authorize', undefined);
    expect(answerParameters(answer)).toMatchObject({ ...told, state: 'app-state' });
  });

  test('a user who is blocked is told so, with a session and without', async () => {
    const world = getWorld();
    const person = addPerson(world);
    const { agent } = await signIn(world, { login_hint: person.id });
    const { store, clock } = world.broker;
    await store.write(store.users.setBlocked(`oauth2|mapped|${person.id}` as never, true, clock.now()));
    for (const browser of [agent, createAgent()]) {
      expect(answerParameters(await ask({ login_hint: person.id }, browser))).toMatchObject({
        error: 'unauthorized',
        error_description: 'user is blocked',
        state: 'app-state',
      });
    }
  });

  test('declined consent is access_denied at the redirect URI', async () => {
    const agent = createAgent();
    const third = { client_id: 'third', redirect_uri: pkceless };
    const page = await agent.follow(authorizeUrl(getWorld(), third), pkceless);
    const { action: to, fields } = readForm(page.body);
    const handoff = await agent.post(to, { ...fields, decision: 'decline' });
    expect(answerParameters({ ...handoff, location: readHandoff(handoff.body) })).toMatchObject({
      error: 'access_denied',
      error_description: 'User did not authorize the request',
      state: 'app-state',
    });
  });

  test.each([
    'u/login?state=st_stale',
    'login/callback?state=st_stale&code=x',
    'continue?state=sa_stale',
    'u/consent?state=cs_stale',
    'authorize/resume?state=st_stale',
  ])('a lost transaction is a page with Auth0’s words: %s', async (path) => {
    const answer = await createAgent().get(getWorld().broker.url(path));
    expect(answer).toMatchObject({ status: 400, location: undefined });
    expect(answer.body).toContain(`<p>${lost}</p>`);
    expect(code(answer.body)).toBe(`invalid_request: ${lost}`);
  });

  test('parameters of others are let through and change nothing', async () => {
    const others = {
      registration: '{"x":1}',
      claims: '{"userinfo":{}}',
      claims_locales: 'de',
      display: 'popup',
      device: 'tv',
      realm: 'r',
      protocol: 'oauth2',
      login_ticket: 't',
      owp: 'true',
      _csrf: 'c',
      _intstate: 'deprecated',
      auth0Client: 'e30=',
      acr_values: 'urn:mace:incommon:iap:silver',
      resource: 'https://none.example/',
      'ext-anything': '1',
      session_transfer_token: 's',
      correlation_id: 'i',
    };
    const answer = await ask(others);
    expect(answerParameters(answer)).toEqual({
      code: expect.stringMatching(/^ac_/),
      state: 'app-state',
      iss: getWorld().broker.issuerUrl,
    });
  });

  test('an address with two question marks is read as one', async () => {
    const answer = await createAgent().get(authorizeUrl(getWorld()).replace('?', '??'));
    expect(answer.location?.startsWith(getWorld().provider.authorizeUrl)).toBe(true);
  });

  test('POST takes a form, and JSON is a page whatever it says', async () => {
    const [url, query = ''] = authorizeUrl(getWorld()).split('?');
    const form = Object.fromEntries(new URLSearchParams(query));
    const answer = await createAgent().post(url ?? '', form);
    expect(answer.status).toBe(303);
    expect(answer.location?.startsWith(getWorld().provider.authorizeUrl)).toBe(true);
    for (const type of ['application/json', 'application/x-www-form-urlencoded-not', 'text/plain']) {
      const refused = await fetch(url ?? '', {
        method: 'POST',
        headers: { 'content-type': type },
        body: type.endsWith('json') ? JSON.stringify(form) : query,
        redirect: 'manual',
      });
      expect(refused.status, type).toBe(415);
      expect(refused.headers.get('location')).toBe(null);
      expect(refused.headers.get('content-type')).toContain('text/html');
    }
  });
});

describe('scripts that end a sign-in', () => {
  const getWorld = useWorld({
    change(seed) {
      const source = `exports.onExecutePostLogin = async (event, api) => {
        const wish = event.request.query['ext-wish'];
        if (wish === 'deny') api.access.deny('members only');
        if (wish === 'throw') throw new Error('out of order');
        if (wish === 'redirect') api.redirect.sendUserTo('https://elsewhere.example/');
      };`;
      seed.actions.push(action('gate', source));
    },
  });

  test.each([
    [{ 'ext-wish': 'deny' }, 'access_denied', 'members only'],
    [{ 'ext-wish': 'throw' }, 'access_denied', 'out of order'],
  ])('%j is %s at the redirect URI', async (parameters, error, description) => {
    const { answer } = await signIn(getWorld(), parameters);
    expect(answer).toMatchObject({ error, error_description: description, state: 'app-state' });
  });

  test('an Action that redirects cannot do so silently', async () => {
    const { agent } = await signIn(getWorld());
    const answer = await agent.get(authorizeUrl(getWorld(), { prompt: 'none', 'ext-wish': 'redirect' }));
    expect(answerParameters(answer)).toMatchObject({ error: 'interaction_required', state: 'app-state' });
  });
});

describe('id_token_hint', () => {
  const getWorld = useWorld({
    change(seed) {
      for (const connection of seed.connections) connection.enabled_clients?.push('symmetric');
      seed.clients.push({
        client_id: 'symmetric',
        client_secret: 'a-secret-that-is-long-enough-for-hs256',
        name: 'Symmetric',
        callbacks: [callback],
        jwt_configuration: { alg: 'HS256' },
      });
    },
  });

  test('of the person who is signed in changes nothing; of another one it is login_required, or a new sign-in', async () => {
    const world = getWorld();
    const [ada, bob] = [addPerson(world), addPerson(world)];
    const ofAda = await obtainTokens(world, web, { login_hint: ada.id });
    const ofBob = await obtainTokens(world, web, { login_hint: bob.id });
    const hint = ofAda.id_token;
    const silent = { prompt: 'none', id_token_hint: hint };
    expect(answerParameters(await ofAda.agent.get(authorizeUrl(world, silent))).code).toMatch(/^ac_/);
    expect(answerParameters(await ofBob.agent.get(authorizeUrl(world, silent)))).toMatchObject({
      error: 'login_required',
      error_description: 'Login required',
    });
    const asked = await ofBob.agent.get(authorizeUrl(world, { id_token_hint: hint, login_hint: ada.id }));
    expect(asked.location?.startsWith(world.provider.authorizeUrl)).toBe(true);
    const arrived = await ofBob.agent.follow(asked.location ?? '', callback);
    expect(answerParameters(arrived).code).toMatch(/^ac_/);
    const again = await obtainTokens(world, web, {}, ofBob.agent);
    expect(decodeJwt(again.id_token ?? '').sub).toBe(decodeJwt(hint ?? '').sub);
  });

  test('when somebody else signs in than was expected, the application gets no code', async () => {
    const world = getWorld();
    const [ada, bob] = [addPerson(world), addPerson(world)];
    const { id_token: hint } = await obtainTokens(world, web, { login_hint: ada.id });
    const { answer } = await signIn(world, { id_token_hint: hint, login_hint: bob.id });
    expect(answer).toMatchObject({ error: 'login_required', state: 'app-state' });
    expect(answer).not.toHaveProperty('code');
  });

  test('DN-18 an access token, a token of another application and a changed one are no hints', async () => {
    const world = getWorld();
    const tokens = await obtainTokens(world, web, { audience, scope: 'openid' });
    const forged = `${tokens.id_token?.slice(0, -3)}abc`;
    for (const hint of [tokens.access_token, forged, `${tokens.id_token}.`, 'x']) {
      const answer = await tokens.agent.get(authorizeUrl(world, { id_token_hint: hint }));
      expect(answerParameters(answer).error_description).toBe('The id_token_hint is not valid');
    }
    const foreign = authorizeUrl(world, {
      id_token_hint: tokens.id_token,
      client_id: 'spa',
      redirect_uri: 'https://spa.example.com',
      code_challenge: 'c'.repeat(43),
      code_challenge_method: 'S256',
    });
    expect(answerParameters(await tokens.agent.get(foreign)).error_description).toBe('The id_token_hint is not valid');
    const symmetric = await tokens.agent.get(
      authorizeUrl(world, { client_id: 'symmetric', id_token_hint: 'anything' }),
    );
    expect(answerParameters(symmetric).code).toMatch(/^ac_/);
  });
});

describe('resource, where the tenant accepts it', () => {
  const getWorld = useWorld({
    change(seed) {
      seed.tenant.resource_parameter_profile = 'compatibility';
    },
  });

  test('names the API, audience comes first, and an unknown one is refused', async () => {
    const world = getWorld();
    const tokens = await obtainTokens(world, web, { resource: audience, scope: 'openid read:shows' });
    expect([decodeJwt(tokens.access_token).aud].flat()).toContain(audience);
    const { answer: known } = await signIn(world, { audience, resource: 'https://none.example/' });
    expect(known.code).toMatch(/^ac_/);
    const { answer } = await signIn(world, { resource: 'https://none.example/' });
    expect(answer).toMatchObject({
      error: 'access_denied',
      error_description: 'Service not found: https://none.example/',
    });
  });
});
