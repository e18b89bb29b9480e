import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import type { ConnectionId, UpstreamUserId, UserId } from '../../src/core/ids.ts';
import type { RecordedRun } from '../../src/sandbox/recording-sandbox.ts';
import { parseKeyring } from '../../src/vault/keyring.ts';
import { createVault } from '../../src/vault/vault.ts';
import { parseSeed } from '../../src/wire/seed.ts';
import { type Application, addPerson, obtainTokens, refreshed, web } from '../support/applications.ts';
import { databases, useWorld } from '../support/databases.ts';
import { audience, postToken, seedFor, type WorldOptions, webSecret } from '../support/world.ts';

const grantType = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const legacy = 'urn:acme:legacy-token';
const migrator: Application = { clientId: 'migrator', redirectUri: 'none', secret: webSecret };

/** The subject token of these tests says what the Action is to do: `<what> <argument>`. */
const action = `exports.onExecuteCustomTokenExchange = async (event, api) => {
  const { subject_token: token, subject_token_type: type, requested_scopes: scopes } = event.transaction;
  const [what, ...rest] = token.split(' ');
  const argument = rest.join(' ');
  if (what === 'say') console.log('seen', token);
  const codes = { day: 'invalid_request', own: 'wrong_day', down: 'server_error' };
  if (what === 'deny') api.access.deny(codes[rest[0]] || argument, 'Not today, please');
  if (what === 'reject') return api.access.rejectInvalidSubjectToken('The token is not good');
  if (what === 'throw') throw new Error('lost its way');
  if (what === 'echo') throw new Error('bad token ' + token);
  if (what === 'nobody') return;
  if (what === 'organization') api.authentication.setOrganization('org_1');
  if (what === 'id' || what === 'twice') api.authentication.setUserById(argument);
  if (what === 'twice') api.authentication.setUserById(argument);
  if (what === 'organization' || what === 'deny') api.authentication.setUserById('oauth2|mapped|anybody');
  if (what === 'connection') {
    const { name, attributes, options } = JSON.parse(argument);
    api.authentication.setUserByConnection(name, attributes, options);
    api.user.setAppMetadata('came_from', type).user.setUserMetadata('scopes', scopes.length);
  }
  const seen = api.cache.get('seen');
  api.cache.set('seen', String(Number(seen ? seen.value : 0) + 1));
};`;

const postLogin = `exports.onExecutePostLogin = async (event, api) => {
  if (event.user.email === 'unwanted@example.com') return api.access.deny('Not you');
  api.accessToken.setCustomClaim('https://acme/protocol', event.transaction.protocol);
  api.accessToken.setCustomClaim('https://acme/body', Object.keys(event.request.body).sort().join(' '));
  api.accessToken.setCustomClaim('https://acme/from', event.user.app_metadata.came_from || null);
};`;

const change: WorldOptions['change'] = (seed) => {
  const [first] = seed.clients;
  if (first === undefined) throw new Error('the seed has one');
  const allowed = { allow_any_profile_of_type: ['custom_authentication' as const] };
  seed.clients.push(
    { ...first, client_id: 'migrator', grant_types: ['refresh_token'], token_exchange: allowed },
    { ...first, client_id: 'third', is_first_party: false, token_exchange: allowed },
    { ...first, client_id: 'listed', grant_types: [grantType] },
  );
  seed.connections[0]?.enabled_clients?.push('migrator');
  seed.resource_servers.push({
    identifier: 'urn:asks',
    scopes: [],
    skip_consent_for_verifiable_first_party_clients: false,
  });
  seed.actions.push(
    { name: 'legacy tokens', supported_triggers: [{ id: 'custom-token-exchange' }], deploy: true, code: action },
    { name: 'not deployed', supported_triggers: [{ id: 'custom-token-exchange' }], code: action },
    { name: 'always', supported_triggers: [{ id: 'post-login' }], deploy: true, code: postLogin },
  );
  seed.token_exchange_profiles.push(
    { name: 'legacy', subject_token_type: legacy, action_name: 'legacy tokens', type: 'custom_authentication' },
    { name: 'draft', subject_token_type: 'urn:acme:draft', action_name: 'not deployed' },
  );
};

describe.each(databases)('custom token exchange on %s', (database) => {
  const getWorld = useWorld({ change }, database);

  const exchange = (subjectToken: string | undefined, more: Record<string, string | undefined> = {}) =>
    postToken(getWorld(), {
      grant_type: grantType,
      client_id: 'migrator',
      client_secret: webSecret,
      subject_token_type: legacy,
      subject_token: subjectToken,
      ...more,
    });

  async function signInSomebody(attributes: Record<string, unknown> = {}) {
    const person = addPerson(getWorld(), attributes);
    const tokens = await obtainTokens(getWorld(), web, { login_hint: person.id });
    return { person, tokens, userId: `oauth2|mapped|${person.id}` as UserId };
  }

  const byConnection = (user_id: string, options?: Record<string, string>, more: Record<string, unknown> = {}) =>
    `connection ${JSON.stringify({ name: 'mapped', attributes: { user_id, ...more }, options })}`;

  const findUser = async (upstreamUserId: string) => {
    const { store } = getWorld().broker;
    const [connection] = (await store.connections.list()).filter(({ name }) => name === 'mapped');
    return store.users.findByIdentity(connection?.id as ConnectionId, upstreamUserId as UpstreamUserId);
  };

  test('a subject token becomes tokens of the person whom the Action sets, and they can be refreshed', async () => {
    const { userId } = await signInSomebody();
    const scope = 'openid profile offline_access read:shows admin';
    const { status, body } = await exchange(`id ${userId}`, { audience, scope });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toMatchObject({
      issued_token_type: accessTokenType,
      token_type: 'Bearer',
      scope: 'openid profile offline_access read:shows',
      expires_in: 86_400,
    });
    expect(decodeJwt(String(body.id_token))).toMatchObject({ sub: userId, aud: 'migrator', name: 'Ada Byron' });
    expect(decodeJwt(String(body.access_token))).toMatchObject({
      sub: userId,
      azp: 'migrator',
      'https://acme/protocol': 'oauth2-token-exchange',
      'https://acme/body': 'audience client_id grant_type scope subject_token_type',
    });
    const again = await refreshed(getWorld(), migrator, String(body.refresh_token));
    expect(decodeJwt(again.access_token)['https://acme/protocol']).toBe('oauth2-refresh-token');
    const event = (await getWorld().broker.store.logs.list(1_000)).find(({ type }) => type === 'secte');
    expect(event).toMatchObject({ clientId: 'migrator', userId });
    expect(JSON.stringify(event)).not.toContain(`id ${userId}`);
  });

  test('a person of a connection is made only where the Action says so, and brought up to date likewise', async () => {
    const unknown = await exchange(byConnection('ct-1'));
    expect(unknown).toMatchObject({
      status: 400,
      body: { error: 'invalid_request', error_description: 'The user does not exist' },
    });
    expect(await findUser('ct-1')).toBeUndefined();
    const create = { creationBehavior: 'create_if_not_exists', updateBehavior: 'none' };
    const first = { email: 'ct@example.com', email_verified: true };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => exchange(byConnection('ct-1', create, first), { scope: 'openid', audience })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(decodeJwt(String(answers[0]?.body.access_token))['https://acme/from']).toBe(legacy);
    expect(await findUser('ct-1')).toMatchObject({
      id: 'oauth2|mapped|ct-1',
      attributes: { email: 'ct@example.com', name: 'ct@example.com' },
      appMetadata: { came_from: legacy },
      userMetadata: { scopes: 1 },
      loginsCount: 10,
    });
    await exchange(byConnection('ct-1', create, { email: 'other@example.com' }));
    expect(await findUser('ct-1')).toMatchObject({ attributes: { email: 'ct@example.com' } });
    await exchange(byConnection('ct-1', { updateBehavior: 'replace' }, { email: 'new@example.com' }));
    expect(await findUser('ct-1')).toMatchObject({ attributes: { email: 'new@example.com' } });
  });

  test('an exchange leaves the tokenset of the person as the last sign-in stored it', async () => {
    const { person, userId } = await signInSomebody();
    const { store } = getWorld().broker;
    const before = await store.identities.listByUser(userId);
    expect((await exchange(byConnection(person.id, { updateBehavior: 'replace' }))).status).toBe(200);
    expect(await store.identities.listByUser(userId)).toEqual(before);
  });

  const described = (error: string, error_description: string | ReturnType<typeof expect.stringMatching>) => ({
    error,
    error_description,
  });

  test.each([
    ['a denial', 'deny day', 400, described('invalid_request', 'Not today, please')],
    ['a denial with a code of its own', 'deny own', 400, described('wrong_day', 'Not today, please')],
    ['a denial that is a failure', 'deny down', 500, described('server_error', 'Not today, please')],
    [
      'a denial whose code is the token',
      'deny Zq81-in-the-token',
      400,
      described('invalid_request', 'Not today, please'),
    ],
    ['an Action that throws', 'throw', 500, described('server_error', 'lost its way')],
    [
      'an Action that repeats the token',
      'echo s3cret-token',
      500,
      described('server_error', expect.stringMatching(/^The Action failed; see trace tr_/)),
    ],
    [
      'no user',
      'nobody',
      500,
      described('server_error', expect.stringMatching(/^The Action must set exactly one user/)),
    ],
    [
      'two users',
      'twice oauth2|x|y',
      500,
      described('server_error', expect.stringMatching(/^The Action must set exactly one user/)),
    ],
    [
      'an organization',
      'organization',
      500,
      described('server_error', expect.stringMatching(/setOrganization, which Portico does not serve/)),
    ],
    [
      'a user who is not there',
      'id oauth2|mapped|nobody',
      400,
      described('invalid_request', 'The user does not exist'),
    ],
    [
      'a connection that is not there',
      'connection {"name":"nowhere","attributes":{"user_id":"a"}}',
      400,
      described('invalid_request', 'the connection was not found'),
    ],
    [
      'a connection that is off',
      'connection {"name":"scripted","attributes":{"user_id":"a"}}',
      400,
      described('invalid_request', 'the connection was disabled'),
    ],
  ])('%s: no tokens, and an event', async (name, subjectToken, status, body) => {
    const [last] = await getWorld().broker.store.logs.list(1);
    expect(await exchange(subjectToken)).toMatchObject({ status, body });
    const events = (await getWorld().broker.store.logs.listAfter(last?.id, 10)).map(({ type, clientId }) => [
      type,
      clientId,
    ]);
    expect(events).toContainEqual(['fecte', 'migrator']);
    const isFailure = name.startsWith('an Action that');
    expect(events.filter(([type]) => type === 'actions_execution_failed')).toHaveLength(isFailure ? 1 : 0);
  });

  test('a blocked person gets nothing, and post-login Actions have the last word', async () => {
    const { store, clock } = getWorld().broker;
    const { userId } = await signInSomebody();
    await store.write(store.users.setBlocked(userId, true, clock.now()));
    expect(await exchange(`id ${userId}`)).toMatchObject({
      status: 403,
      body: described('unauthorized', 'user is blocked'),
    });
    const create = { creationBehavior: 'create_if_not_exists' };
    const unwanted = await exchange(byConnection('unwanted', create, { email: 'unwanted@example.com' }));
    expect(unwanted).toMatchObject({ status: 403, body: described('access_denied', 'Not you') });
  });

  test('who may exchange what: the client by its setting, the type by its profile', async () => {
    const notAllowed = described('unauthorized_client', `Grant type '${grantType}' not allowed for the client.`);
    for (const clientId of ['web', 'third', 'listed']) {
      expect(await exchange('nobody', { client_id: clientId })).toMatchObject({ status: 403, body: notAllowed });
    }
    expect((await exchange('nobody', { client_secret: 'wrong' })).status).toBe(401);
    const cases: [Record<string, string | undefined>, string][] = [
      [{ subject_token: undefined }, 'Missing required parameter: subject_token'],
      [{ subject_token_type: undefined }, 'Missing required parameter: subject_token_type'],
      [{ subject_token_type: 'urn:acme:unknown' }, 'Unsupported subject_token_type: urn:acme:unknown'],
      [{ subject_token_type: 'urn:acme:draft' }, 'Unsupported subject_token_type: urn:acme:draft'],
      [{ actor_token: 'a' }, 'actor_token is not supported'],
      [{ actor_token_type: accessTokenType }, 'actor_token is not supported'],
      [{ requested_token_type: 'urn:ietf:params:oauth:token-type:saml2' }, 'Unsupported requested_token_type'],
      [{ organization: 'org_1' }, 'parameter organization is not allowed for this client'],
    ];
    for (const [more, text] of cases) {
      expect(await exchange('nobody', more)).toMatchObject({ status: 400, body: described('invalid_request', text) });
    }
    expect(await exchange('nobody', { audience: 'urn:unknown' })).toMatchObject({
      status: 403,
      body: described('access_denied', 'Service not found: urn:unknown'),
    });
    expect(await exchange('nobody', { audience: 'urn:asks' })).toMatchObject({
      status: 403,
      body: described('consent_required', 'Consent required'),
    });
  });

  test('DN-20 tokens of ours are no subject tokens: not another client’s, not another API’s, not under any name', async () => {
    const { tokens } = await signInSomebody();
    for (const token of [tokens.access_token, tokens.id_token ?? '']) {
      for (const type of ['access_token', 'id_token', 'refresh_token', 'jwt']) {
        const answer = await exchange(token, { subject_token_type: `urn:ietf:params:oauth:token-type:${type}` });
        expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
      }
      expect((await exchange(token)).status).toBe(500);
    }
  });
});

const keys = `t1:${Buffer.from([...Array(32).keys()]).toString('base64')}`;

describe('guessing subject tokens', () => {
  const getWorld = useWorld({ change, environment: { PORTICO_SEALING_KEYS: keys } });

  test('what the Action did is kept for whoever has to find out, without the subject token', async () => {
    const subjectToken = 'say a-subject-token-that-opens-something';
    const { status } = await postToken(getWorld(), {
      grant_type: grantType,
      client_id: 'migrator',
      client_secret: webSecret,
      subject_token_type: legacy,
      subject_token: subjectToken,
    });
    expect(status).toBe(500);
    const [stored] = await getWorld().broker.store.attempts.list(1);
    const parsed = parseKeyring(keys);
    if (stored === undefined || 'problems' in parsed) throw new Error('no attempt was kept');
    const attempt = createVault(parsed).openAttempt<RecordedRun>(stored);
    expect(attempt).toMatchObject({ kind: 'token-exchange', clientId: 'migrator', isFailed: true });
    expect(attempt.runs[0]?.consoleLines.map(({ text }) => text)).toEqual([expect.stringMatching(/^seen /)]);
    expect(JSON.stringify(attempt)).not.toContain('a-subject-token-that-opens-something');
  });

  test('after ten rejected tokens an address waits an hour, whatever it sends', async () => {
    const { broker } = getWorld();
    const exchange = (subject_token: string) =>
      postToken(getWorld(), {
        grant_type: grantType,
        client_id: 'migrator',
        client_secret: webSecret,
        subject_token_type: legacy,
        subject_token,
      });
    for (let attempt = 0; attempt < 10; attempt += 1) {
      expect(await exchange('reject')).toMatchObject({
        status: 400,
        body: { error: 'invalid_request', error_description: 'The token is not good' },
      });
    }
    const stopped = {
      status: 429,
      body: {
        error: 'too_many_attempts',
        error_description:
          'We have detected suspicious login behavior and further attempts will be blocked. Please contact the administrator.',
      },
    };
    expect(await exchange('nobody')).toMatchObject(stopped);
    expect(Number((await exchange('nobody')).headers['retry-after'])).toBeGreaterThan(3_000);
    broker.clock.advance(3_500);
    expect(await exchange('nobody')).toMatchObject(stopped);
    broker.clock.advance(200);
    expect((await exchange('nobody')).status).toBe(500);
  });

  test('the seed refuses a profile of a reserved type, of an Action that is not there, and names used twice', () => {
    const seed = seedFor(getWorld().provider);
    const profile = { name: 'one', subject_token_type: 'urn:ietf:params:x', action_name: 'none' };
    const parsed = parseSeed(JSON.stringify({ ...seed, token_exchange_profiles: [profile, profile] }), {
      systemAudience: 'urn:system',
    });
    expect('problems' in parsed ? parsed.problems : []).toEqual([
      'seed file: the profile name one is used twice',
      'seed file: the subject_token_type urn:ietf:params:x is used twice',
      'seed file, profile one: the subject_token_type is in a reserved namespace',
      'seed file, profile one: there is no custom-token-exchange Action none',
      'seed file, profile one: the subject_token_type is in a reserved namespace',
      'seed file, profile one: there is no custom-token-exchange Action none',
    ]);
  });
});
