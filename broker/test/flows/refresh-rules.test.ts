import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import type { ClientId } from '../../src/core/ids.ts';
import { type Application, addPerson, obtainTokens, refresh, refreshed, web } from '../support/applications.ts';
import { databases, useWorld } from '../support/databases.ts';
import { audience, type WorldOptions } from '../support/world.ts';

const offline = 'openid profile offline_access';
const refused = { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' };
const account = 'https://account.example.com/';
const parallel = 20;

const rotating: Application = { ...web, clientId: 'rotating' };
const lenient: Application = { ...web, clientId: 'lenient' };
const switching: Application = { ...web, clientId: 'switching' };
const several: Application = { ...web, clientId: 'several' };

const change: WorldOptions['change'] = (seed) => {
  const [first] = seed.clients;
  const [connection] = seed.connections;
  if (first === undefined || connection === undefined) throw new Error('the seed has both');
  const rotation = { rotation_type: 'rotating', expiration_type: 'expiring' } as const;
  seed.clients.push(
    { ...first, client_id: 'rotating', refresh_token: rotation },
    { ...first, client_id: 'lenient', refresh_token: { ...rotation, leeway: 30 } },
    { ...first, client_id: 'switching' },
    {
      ...first,
      client_id: 'several',
      refresh_token: {
        rotation_type: 'non-rotating',
        expiration_type: 'non-expiring',
        policies: [
          { audience: account, scope: ['read:me', 'write:me', 'gone:me'] },
          { audience, scope: ['read:shows', 'write:shows'] },
          { audience: 'urn:gone', scope: ['any'] },
        ],
      },
    },
  );
  seed.resource_servers = [
    {
      identifier: audience,
      scopes: [{ value: 'read:shows' }, { value: 'write:shows' }],
      allow_offline_access: true,
    },
    { identifier: account, scopes: [{ value: 'read:me' }, { value: 'write:me' }] },
  ];
  connection.enabled_clients?.push('rotating', 'lenient', 'switching', 'several');
  seed.actions.push({
    name: 'counts',
    supported_triggers: [{ id: 'post-login' }],
    deploy: true,
    code: `exports.onExecutePostLogin = async (event, api) => {
      const runs = (event.user.app_metadata.runs || 0) + 1;
      api.user.setAppMetadata('runs', runs);
      api.accessToken.setCustomClaim('runs', runs);
    };`,
  });
};

describe.each(databases)('refresh tokens on %s', (database) => {
  const getWorld = useWorld({ change }, database);

  async function signInSomebody(application: Application, more: Record<string, string> = {}) {
    const world = getWorld();
    const person = addPerson(world);
    const tokens = await obtainTokens(world, application, { scope: offline, audience, login_hint: person.id, ...more });
    return { world, person, tokens };
  }

  const runsOf = ({ access_token: accessToken }: { readonly access_token: string }) => decodeJwt(accessToken).runs;

  async function setRotation(rotation: 'rotating' | 'non-rotating') {
    const { store } = getWorld().broker;
    const client = await store.clients.find('switching' as ClientId);
    if (client === undefined) throw new Error('no client');
    const refreshToken = { ...client.refreshToken, rotation, lifetimeSeconds: 1000, idleLifetimeSeconds: 1000 };
    await store.write(store.clients.update({ ...client, refreshToken }));
  }

  test('a rotated token that comes again runs no Action, and leaves one event that names the client and the person', async () => {
    const { world, person, tokens } = await signInSomebody(rotating);
    const first = await refreshed(world, rotating, tokens.refresh_token);
    expect(runsOf(first)).toBe(2);
    const before = (await world.broker.store.logs.list(1_000)).length;
    expect(await refresh(world, rotating, tokens.refresh_token)).toMatchObject({ status: 403, body: refused });
    const events = (await world.broker.store.logs.list(1_000)).slice(0, -before);
    expect(events.map(({ type, clientId, userId }) => [type, clientId, userId])).toEqual([
      ['ferrt', 'rotating', `oauth2|mapped|${person.id}`],
    ]);
    expect(await refresh(world, rotating, first.refresh_token)).toMatchObject({ status: 403, body: refused });
    const again = await obtainTokens(world, rotating, { scope: offline, audience, login_hint: person.id });
    expect(runsOf(again)).toBe(3);
  });

  test('TK-02 within leeway parallel exchanges all succeed, and one of their successors goes on', async () => {
    const { world, tokens } = await signInSomebody(lenient);
    const answers = await Promise.all(
      Array.from({ length: parallel }, () => refresh(world, lenient, tokens.refresh_token)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(parallel).fill(200));
    const successors = answers.map(({ body }) => String(body.refresh_token));
    expect(new Set(successors).size).toBe(parallel);
    const used = await Promise.all(successors.map((token) => refresh(world, lenient, token)));
    expect(used.filter(({ status }) => status === 200)).toHaveLength(1);
    // The others told of a copy: the family has ended.
    const [leaf] = used.filter(({ status }) => status === 200);
    expect((await refresh(world, lenient, String(leaf?.body.refresh_token))).status).toBe(403);
  });

  test('only the previous token passes within leeway; the one before it ends the family', async () => {
    const { world, tokens } = await signInSomebody(lenient);
    const first = await refreshed(world, lenient, tokens.refresh_token);
    const second = await refreshed(world, lenient, first.refresh_token);
    const again = await refreshed(world, lenient, first.refresh_token);
    expect((await refresh(world, lenient, tokens.refresh_token)).status).toBe(403);
    for (const token of [second, again]) expect((await refresh(world, lenient, token.refresh_token)).status).toBe(403);
  });

  test('where rotation was switched on, an exchange gives a rotating token and ends the others from before', async () => {
    await setRotation('non-rotating');
    const { world, person, tokens } = await signInSomebody(switching);
    const other = await obtainTokens(world, switching, { scope: offline, audience, login_hint: person.id });
    const elsewhere = await obtainTokens(world, switching, { scope: offline, login_hint: person.id });
    await setRotation('rotating');
    const first = await refreshed(world, switching, tokens.refresh_token);
    expect(first.refresh_token).not.toBe(tokens.refresh_token);
    expect(await refresh(world, switching, other.refresh_token)).toMatchObject({ status: 403, body: refused });
    const second = await refreshed(world, switching, first.refresh_token);
    await refreshed(world, switching, elsewhere.refresh_token);
    expect((await refresh(world, switching, tokens.refresh_token)).status).toBe(403);
    expect((await refresh(world, switching, second.refresh_token)).status).toBe(403);
  });

  test('where rotation was switched off, an exchange gives a token that stays, and ends the rotating ones', async () => {
    await setRotation('rotating');
    const { world, person, tokens } = await signInSomebody(switching);
    const other = await obtainTokens(world, switching, { scope: offline, audience, login_hint: person.id });
    await setRotation('non-rotating');
    const first = await refreshed(world, switching, tokens.refresh_token);
    expect(first.refresh_token).not.toBe(tokens.refresh_token);
    expect((await refresh(world, switching, other.refresh_token)).status).toBe(403);
    const second = await refreshed(world, switching, first.refresh_token);
    expect(second.refresh_token).toBe(first.refresh_token);
    // Absolute expiry is that of the family.
    world.broker.clock.advance(900);
    await refreshed(world, switching, first.refresh_token);
    world.broker.clock.advance(200);
    expect((await refresh(world, switching, first.refresh_token)).status).toBe(403);
  });

  test('a policy lets one refresh token get tokens for another API, with the scopes of the policy that the API has', async () => {
    const { world, tokens } = await signInSomebody(several, { scope: `${offline} read:shows` });
    const forAccount = await refreshed(world, several, tokens.refresh_token, { audience: account });
    expect(forAccount.scope).toBe(`${offline} read:me write:me`);
    expect(decodeJwt(forAccount.access_token)).toMatchObject({
      aud: [account, world.broker.url('userinfo')],
      azp: 'several',
    });
    expect(forAccount.refresh_token).toBe(tokens.refresh_token);
    const narrowed = await refreshed(world, several, tokens.refresh_token, {
      audience: account,
      scope: 'write:me gone:me read:shows admin',
    });
    expect(narrowed.scope).toBe('write:me');
    expect(decodeJwt(narrowed.access_token).aud).toBe(account);
    const own = await refreshed(world, several, tokens.refresh_token);
    expect(own.scope).toBe(`${offline} read:shows`);
    expect(decodeJwt(own.access_token).aud).toEqual([audience, world.broker.url('userinfo')]);
  });

  test('TK-04 nothing is widened without a policy and without being asked for', async () => {
    const { world, tokens } = await signInSomebody(several, { scope: offline });
    expect((await refreshed(world, several, tokens.refresh_token, { audience })).scope).toBe(offline);
    const wider = { scope: 'openid write:shows admin' };
    expect((await refreshed(world, several, tokens.refresh_token, wider)).scope).toBe('openid');
    expect((await refreshed(world, several, tokens.refresh_token, { ...wider, audience })).scope).toBe(
      'openid write:shows',
    );
    const unknown = await refresh(world, several, tokens.refresh_token, { audience: 'urn:unknown' });
    expect(unknown).toMatchObject({ status: 403, body: refused });
    const gone = await refresh(world, several, tokens.refresh_token, { audience: 'urn:gone' });
    expect(gone).toMatchObject({
      status: 403,
      body: { error: 'access_denied', error_description: 'Service not found: urn:gone' },
    });
    const plain = await signInSomebody(rotating);
    expect((await refresh(world, rotating, plain.tokens.refresh_token, { audience: account })).body).toEqual(refused);
  });

  test('where openid was granted, every refresh brings an ID token, with the claims of the scopes it is for', async () => {
    const { world, tokens, person } = await signInSomebody(several, { scope: `${offline} email` });
    const narrow = await refreshed(world, several, tokens.refresh_token, { scope: 'email' });
    const claims = decodeJwt(narrow.id_token ?? '');
    expect(claims).toMatchObject({ aud: 'several', email: person.email });
    expect(claims.name).toBeUndefined();
    expect(narrow.scope).toBe('email');
    const withoutOpenid = await signInSomebody(several, { scope: 'offline_access read:shows' });
    const answer = await refreshed(world, several, withoutOpenid.tokens.refresh_token);
    expect(answer.id_token).toBeUndefined();
  });
});
