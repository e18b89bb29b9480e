import { describe, expect, test } from 'vitest';
import type { UserId } from '../../src/core/ids.ts';
import { addPerson, obtainTokens, refreshed, web } from '../support/applications.ts';
import { useWorld } from '../support/databases.ts';
import { createProof, createProofKey } from '../support/proofs.ts';
import {
  audience,
  callback,
  createPkce,
  machineSecret,
  postToken,
  redeem,
  signIn,
  spaCallback,
  type World,
  type WorldOptions,
  webSecret,
} from '../support/world.ts';

/*
 * What /oauth/token says when it says no: status, code and words as applications know them. One row, one request.
 */

const change: WorldOptions['change'] = (seed) => {
  const [first] = seed.clients;
  if (first === undefined) throw new Error('the seed has one');
  seed.clients.push(
    { ...first, client_id: 'narrow', grant_types: ['authorization_code'] },
    { ...first, client_id: 'rotating', refresh_token: { rotation_type: 'rotating', expiration_type: 'expiring' } },
    {
      client_id: 'denied-machine',
      client_secret: machineSecret,
      name: 'Denied machine',
      app_type: 'non_interactive',
      grant_types: ['client_credentials'],
    },
    {
      ...first,
      client_id: 'exchanger',
      token_exchange: { allow_any_profile_of_type: ['custom_authentication'] },
    },
  );
  for (const clientId of ['narrow', 'rotating']) seed.connections[0]?.enabled_clients?.push(clientId);
  seed.resource_servers.push({ identifier: 'urn:other', scopes: [{ value: 'read:other' }] });
  seed.client_grants.push({ client_id: 'denied-machine', audience, scope: ['read:shows'] });
  seed.actions.push(
    {
      name: 'denies refreshes',
      supported_triggers: [{ id: 'post-login' }],
      deploy: true,
      code: `exports.onExecutePostLogin = async (event, api) => {
        const isRefresh = event.transaction.protocol === 'oauth2-refresh-token';
        if (isRefresh && event.user.email === 'later@example.com') api.access.deny('Come back later');
      };`,
    },
    {
      name: 'denies machines',
      supported_triggers: [{ id: 'credentials-exchange' }],
      deploy: true,
      code: `exports.onExecuteCredentialsExchange = async (event, api) => {
        if (event.client.client_id !== 'denied-machine') return;
        api.access.deny(event.request.body.wanted, 'Not for you');
      };`,
    },
    {
      name: 'rejects',
      supported_triggers: [{ id: 'custom-token-exchange' }],
      deploy: true,
      code: `exports.onExecuteCustomTokenExchange = async (event, api) => {
        api.access.rejectInvalidSubjectToken('Invalid subject_token');
      };`,
    },
  );
  seed.token_exchange_profiles.push({ name: 'all', subject_token_type: 'urn:acme:t', action_name: 'rejects' });
};

type Form = Readonly<Record<string, string | undefined>>;
type Row = {
  readonly what: string;
  readonly ask: Form | ((world: World) => Promise<Form>);
  readonly status: number;
  readonly error: string;
  readonly description: string;
};

const asWeb = { client_id: 'web', client_secret: webSecret };
const asMachine = { client_id: 'machine', client_secret: machineSecret };
const code = { grant_type: 'authorization_code', redirect_uri: callback, ...asWeb };
const refresh = { grant_type: 'refresh_token', ...asWeb };
const machine = { grant_type: 'client_credentials', ...asMachine, audience };
const offline = { scope: 'openid offline_access' };

const freshCode = async (world: World) => (await signIn(world)).answer.code;

async function spaCode(world: World) {
  const { challenge } = createPkce();
  const proof = { code_challenge: challenge, code_challenge_method: 'S256' };
  const { answer } = await signIn(world, { client_id: 'spa', redirect_uri: spaCallback, ...proof });
  return { grant_type: 'authorization_code', client_id: 'spa', redirect_uri: spaCallback, code: answer.code };
}

async function refreshOf(world: World, attributes: Record<string, unknown> = {}) {
  const person = addPerson(world, attributes);
  const tokens = await obtainTokens(world, web, { ...offline, login_hint: person.id });
  return { userId: `oauth2|mapped|${person.id}` as UserId, form: { ...refresh, refresh_token: tokens.refresh_token } };
}

const codes: readonly Row[] = [
  {
    what: 'a code that nobody was given',
    ask: { ...code, code: 'nonsense' },
    status: 403,
    error: 'invalid_grant',
    description: 'Invalid authorization code',
  },
  {
    what: 'a code that was used',
    async ask(world) {
      const used = await freshCode(world);
      await redeem(world, used);
      return { ...code, code: used };
    },
    status: 403,
    error: 'invalid_grant',
    description: 'Invalid authorization code',
  },
  {
    what: 'a code that has expired',
    async ask(world) {
      const old = await freshCode(world);
      world.broker.clock.advance(61);
      return { ...code, code: old };
    },
    status: 403,
    error: 'invalid_grant',
    description: 'Invalid authorization code',
  },
  {
    what: "another client's code",
    async ask(world) {
      return { ...code, code: (await spaCode(world)).code };
    },
    status: 403,
    error: 'invalid_grant',
    description: 'Invalid authorization code',
  },
  {
    what: 'a wrong verifier',
    ask: async (world) => ({ ...(await spaCode(world)), code_verifier: createPkce().verifier }),
    status: 403,
    error: 'invalid_grant',
    description: 'Failed to verify code verifier',
  },
  {
    what: 'no verifier for a code with a challenge',
    ask: spaCode,
    status: 400,
    error: 'invalid_request',
    description: "Parameter 'code_verifier' is required",
  },
  {
    what: 'another redirect URI: only the origins are told',
    ask: async (world) => ({
      ...code,
      code: await freshCode(world),
      redirect_uri: 'https://other.example.com/secret-path',
    }),
    status: 403,
    error: 'unauthorized_client',
    description:
      'The redirect URI is wrong. You sent https://other.example.com, and we expected https://app.example.com',
  },
];

const clients: readonly Row[] = [
  {
    what: 'a wrong secret',
    ask: { ...machine, client_secret: 'wrong' },
    status: 401,
    error: 'access_denied',
    description: 'Unauthorized',
  },
  {
    what: 'no secret of a client that has one',
    ask: { ...machine, client_secret: undefined },
    status: 401,
    error: 'access_denied',
    description: 'Unauthorized',
  },
  {
    what: 'an unknown client',
    ask: { ...machine, client_id: 'unknown' },
    status: 401,
    error: 'access_denied',
    description: 'Unauthorized',
  },
  {
    what: 'no client_id',
    ask: { grant_type: 'client_credentials', audience },
    status: 401,
    error: 'invalid_client',
    description: 'Missing client_id',
  },
  {
    what: 'no grant_type',
    ask: asMachine,
    status: 400,
    error: 'invalid_request',
    description: 'Missing required parameter: grant_type',
  },
  {
    what: 'a grant type that the client is not registered for',
    ask: { grant_type: 'refresh_token', client_id: 'narrow', client_secret: webSecret, refresh_token: 'any' },
    status: 403,
    error: 'unauthorized_client',
    description: "Grant type 'refresh_token' not allowed for the client.",
  },
  {
    what: 'a grant type that nobody knows',
    ask: { ...asMachine, grant_type: 'urn:acme:wish' },
    status: 400,
    error: 'unsupported_grant_type',
    description: 'Unsupported grant type: urn:acme:wish',
  },
];

/** Grant types of Auth0 that are for other ways to sign in than Portico's. */
const foreign: readonly Row[] = [
  'password',
  'http://auth0.com/oauth/grant-type/password-realm',
  'http://auth0.com/oauth/grant-type/passwordless/otp',
  'http://auth0.com/oauth/grant-type/mfa-otp',
  'http://auth0.com/oauth/grant-type/mfa-oob',
  'http://auth0.com/oauth/grant-type/mfa-recovery-code',
  'urn:openid:params:grant-type:ciba',
  'urn:okta:params:oauth:grant-type:webauthn',
].map((grantType) => ({
  what: `the grant type ${grantType}`,
  ask: { ...asWeb, grant_type: grantType, username: 'a', password: 'b', otp: '1', mfa_token: 'm', auth_req_id: 'x' },
  status: 403,
  error: 'unauthorized_client',
  description: `Grant type '${grantType}' not allowed for the client.`,
}));

const machines: readonly Row[] = [
  {
    what: 'no audience, and no default',
    ask: { ...machine, audience: undefined },
    status: 403,
    error: 'access_denied',
    description: 'Non-global clients are not allowed access to APIv1',
  },
  {
    what: 'an unknown audience',
    ask: { ...machine, audience: 'urn:unknown' },
    status: 403,
    error: 'access_denied',
    description: 'Service not found: urn:unknown',
  },
  {
    what: 'an API that the client has no grant for',
    ask: { ...machine, audience: 'urn:other' },
    status: 403,
    error: 'access_denied',
    description:
      'Client is not authorized to access "urn:other". You need to create a "client-grant" associated to this API. See: https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants',
  },
  {
    what: 'scopes beyond the client grant',
    ask: { ...machine, scope: 'read:shows write:shows admin' },
    status: 403,
    error: 'access_denied',
    description: 'Client has not been granted scopes: write:shows, admin',
  },
  ...[
    ['invalid_scope', 400],
    ['invalid_request', 400],
    ['server_error', 500],
  ].map(([wanted, status]) => ({
    what: `an Action that denies with ${wanted}`,
    ask: { ...machine, client_id: 'denied-machine', wanted: String(wanted) },
    status: Number(status),
    error: String(wanted),
    description: 'Not for you',
  })),
  ...['organization', 'invitation'].map((name) => ({
    what: `the parameter ${name}`,
    ask: { ...machine, [name]: 'org_1' },
    status: 400,
    error: 'invalid_request',
    description: `parameter ${name} is not allowed for this client`,
  })),
];

const refreshes: readonly Row[] = [
  {
    what: 'a refresh token that nobody was given',
    ask: { ...refresh, refresh_token: 'v1.nonsense' },
    status: 403,
    error: 'invalid_grant',
    description: 'Unknown or invalid refresh token.',
  },
  {
    what: 'a refresh token that was rotated',
    async ask(world) {
      const rotating = { ...web, clientId: 'rotating' };
      const tokens = await obtainTokens(world, rotating, offline);
      await refreshed(world, rotating, tokens.refresh_token);
      return { ...refresh, client_id: 'rotating', refresh_token: tokens.refresh_token };
    },
    status: 403,
    error: 'invalid_grant',
    description: 'Unknown or invalid refresh token.',
  },
  {
    what: 'a person who is blocked',
    async ask(world) {
      const { userId, form } = await refreshOf(world);
      const { store, clock } = world.broker;
      await store.write(store.users.setBlocked(userId, true, clock.now()));
      return form;
    },
    status: 403,
    error: 'unauthorized',
    description: 'user is blocked',
  },
  {
    what: 'a person who is deleted',
    async ask(world) {
      const { userId, form } = await refreshOf(world);
      await world.broker.store.write(world.broker.store.users.delete(userId));
      return form;
    },
    status: 403,
    error: 'invalid_grant',
    description: "The refresh_token was generated for a user who doesn't exist anymore.",
  },
  {
    what: 'an Action that denies a refresh',
    ask: async (world) => (await refreshOf(world, { email: 'later@example.com' })).form,
    status: 403,
    error: 'access_denied',
    description: 'Come back later',
  },
];

describe('/oauth/token refuses', () => {
  const getWorld = useWorld({ change });

  test.each([...codes, ...clients, ...foreign, ...machines, ...refreshes])('$what', async (row) => {
    const form = typeof row.ask === 'function' ? await row.ask(getWorld()) : row.ask;
    const { status, body } = await postToken(getWorld(), form);
    const { trace_id: traceId, ...told } = body;
    expect([status, told]).toEqual([row.status, { error: row.error, error_description: row.description }]);
    expect(traceId === undefined).toBe(row.status < 500);
  });

  test('too many subject tokens that are not good', async () => {
    const form = { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token_type: 'urn:acme:t' };
    const exchange = () =>
      postToken(getWorld(), { ...form, client_id: 'exchanger', client_secret: webSecret, subject_token: 'guess' });
    for (let guess = 0; guess < 10; guess += 1) {
      expect(await exchange()).toMatchObject({
        status: 400,
        body: { error: 'invalid_request', error_description: 'Invalid subject_token' },
      });
    }
    expect(await exchange()).toMatchObject({
      status: 429,
      body: {
        error: 'too_many_attempts',
        error_description:
          'We have detected suspicious login behavior and further attempts will be blocked. Please contact the administrator.',
      },
    });
  });

  test("a public client's proof of possession without nonce, and says which one to use", async () => {
    const { broker } = getWorld();
    const target = { method: 'POST', url: broker.url('oauth/token'), now: broker.clock.now() };
    const dpop = await createProof(await createProofKey(), target);
    const answer = await postToken(getWorld(), { grant_type: 'refresh_token', client_id: 'spa' }, { dpop });
    expect(answer).toMatchObject({
      status: 400,
      body: {
        error: 'use_dpop_nonce',
        error_description: 'Authorization server requires nonce in DPoP proof',
      },
      headers: { 'dpop-nonce': expect.stringMatching(/./) },
    });
  });
});
