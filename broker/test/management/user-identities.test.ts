import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { databases, useDatabase } from '../support/databases.ts';
import { type Api, addAdmin, apiWith, createApi } from '../support/management.ts';
import { authorizeUrl, callback, redeem, signIn, startWorld, type World } from '../support/world.ts';

describe.each(databases)('linking users on %s', (database) => {
  const server = useDatabase(database);
  let world: World;
  let api: Api;
  beforeAll(async () => {
    world = await startWorld({
      databaseUrl: await server.url(),
      change: (seed, issuerUrl) =>
        addAdmin(seed, issuerUrl, ['read:users', 'update:users', 'delete:users', 'read:connections']),
    });
    api = await createApi(world);
  });
  afterAll(() => world.close());

  const pathOf = (id: string) => `/users/${encodeURIComponent(id)}`;

  async function signInAs(id: string, connection = 'mapped') {
    world.provider.signInAs({ id, email: `${id}@${connection}.example`, name: `${id} at ${connection}` });
    const { agent, answer } = await signIn(world, { connection });
    const tokens = await redeem(world, answer.code);
    return { agent, id: `oauth2|${connection}|${id}`, idToken: String(tokens.body.id_token) };
  }

  /** Two people who are about to become one. */
  async function aPair(name: string) {
    const primary = await signInAs(`${name}-1`);
    const secondary = await signInAs(`${name}-2`, 'scripted');
    await api.call('PATCH', pathOf(secondary.id), { user_metadata: { gone: true } });
    return { primary, secondary };
  }

  const link = (id: string, body: unknown) => api.call('POST', `${pathOf(id)}/identities`, body);

  test('the other user disappears, its profile stays beside its identity, and either way in is the first user', async () => {
    const { primary, secondary } = await aPair('joined');
    const linked = await link(primary.id, { provider: 'oauth2', user_id: 'scripted|joined-2' });
    expect(linked).toMatchObject({
      status: 201,
      body: [
        {
          connection: 'mapped',
          user_id: 'mapped|joined-1',
          provider: 'oauth2',
          isSocial: true,
          profileData: { name: 'joined-1 at mapped' },
        },
        { connection: 'scripted', user_id: 'scripted|joined-2', profileData: { name: 'joined-2 at scripted' } },
      ],
    });
    expect((await api.call('GET', pathOf(secondary.id))).status).toBe(404);
    const user = (await api.call('GET', pathOf(primary.id))).body;
    expect(user).toMatchObject({ name: 'joined-1 at mapped' });
    expect(JSON.stringify(user)).not.toContain('gone');
    const silent = await secondary.agent.follow(authorizeUrl(world, { prompt: 'none' }), callback);
    expect(silent.location).toContain('login_required');

    const again = await signInAs('joined-2', 'scripted');
    const claims = JSON.parse(Buffer.from(again.idToken.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({ sub: primary.id, name: 'joined-1 at mapped' });
    expect((await api.call('GET', pathOf(primary.id))).body).toMatchObject({ logins_count: 2 });
    expect(
      (await api.call('GET', `/users?q=${encodeURIComponent('identities.user_id:"scripted|joined-2"')}`)).body,
    ).toMatchObject([{ user_id: primary.id }]);
  });

  test('what is unlinked is a user of its own again, without metadata', async () => {
    const { primary, secondary } = await aPair('parted');
    await link(primary.id, { provider: 'oauth2', user_id: secondary.id });
    const left = await api.call('DELETE', `${pathOf(primary.id)}/identities/oauth2/scripted%7Cparted-2`);
    expect(left).toMatchObject({ status: 200, body: [{ user_id: 'mapped|parted-1' }] });
    const restored = (await api.call('GET', pathOf(secondary.id))).body;
    expect(restored).toMatchObject({ name: 'parted-2 at scripted', identities: [{ user_id: 'scripted|parted-2' }] });
    expect(restored).not.toHaveProperty('user_metadata');
    expect((await signInAs('parted-2', 'scripted')).id).toBe(secondary.id);
  });

  test('a connection may be named by its id, beside the id that the provider knows', async () => {
    const { primary } = await aPair('named');
    const connections = (await api.call('GET', '/connections?name=scripted')).body as [{ id: string }];
    const named = (connection_id: string, user_id: string) => ({ provider: 'oauth2', connection_id, user_id });
    expect(await link(primary.id, named('con_none', 'named-2'))).toMatchObject({
      status: 400,
      body: { message: 'The connection does not exist.' },
    });
    const linked = await link(primary.id, named(connections[0].id, 'named-2'));
    expect(linked).toMatchObject({ status: 201, body: [{}, { user_id: 'scripted|named-2' }] });
    // Beside the other identities, the profile of the first is the user's own.
    expect(JSON.stringify((await api.call('GET', `${pathOf(primary.id)}?fields=identities`)).body)).not.toContain(
      'at mapped',
    );
  });

  test('deleting the first user deletes what was linked to it', async () => {
    const { primary, secondary } = await aPair('both');
    await link(primary.id, { provider: 'oauth2', user_id: secondary.id });
    await api.call('DELETE', pathOf(primary.id));
    expect((await api.call('GET', `/users?q=${encodeURIComponent('name:both*')}`)).body).toEqual([]);
    await signInAs('both-2', 'scripted');
    expect((await api.call('GET', pathOf(secondary.id))).body).toMatchObject({ logins_count: 1 });
  });

  test('what cannot be linked or unlinked is refused in Auth0’s words', async () => {
    const { primary, secondary } = await aPair('refused');
    const messageOf = async (body: unknown) => {
      const answer = await link(primary.id, body);
      return [answer.status, (answer.body as { message: string }).message];
    };
    const self = { provider: 'oauth2', user_id: 'mapped|refused-1' };
    expect(await messageOf(self)).toEqual([400, 'Main identity and the new one are the same.']);
    const nobody = { provider: 'oauth2', user_id: 'scripted|nobody' };
    expect(await messageOf(nobody)).toEqual([400, 'Linking to an inexistent identity is not allowed.']);
    await link(primary.id, { provider: 'oauth2', user_id: secondary.id });
    const twice = { provider: 'oauth2', user_id: secondary.id };
    expect(await messageOf(twice)).toEqual([409, 'Specified identity already exists.']);
    const main = await api.call('DELETE', `${pathOf(primary.id)}/identities/oauth2/mapped%7Crefused-1`);
    expect(main).toMatchObject({ status: 400, body: { message: 'Main identity cannot be removed.' } });
  });

  test('somebody else’s identity is linked with an ID token of the same application, and with nothing else', async () => {
    const { primary, secondary } = await aPair('proof');
    // `admin` is another application than the one that the ID token was given to.
    expect((await link(primary.id, { link_with: secondary.idToken })).status).toBe(400);
    for (const link_with of ['a.b.c', secondary.idToken.slice(0, -4), api.token]) {
      expect((await link(primary.id, { link_with })).status).toBe(400);
    }
    expect((await apiWith(world, secondary.idToken).call('GET', '/users')).status).toBe(401);
    expect((await api.call('GET', pathOf(secondary.id))).status).toBe(200);
    expect((await signIn(world, {}, createAgent())).answer.code).toBeDefined();
  });

  test('of parallel links of one user to two others, one wins and nobody is lost', async () => {
    const { primary, secondary } = await aPair('race');
    const third = await signInAs('race-3');
    const outcomes = await Promise.all([
      link(primary.id, { provider: 'oauth2', user_id: secondary.id }),
      link(third.id, { provider: 'oauth2', user_id: secondary.id }),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual([201, 400]);
    const q = encodeURIComponent('identities.user_id:"scripted|race-2"');
    expect((await api.call('GET', `/users?q=${q}`)).body).toHaveLength(1);
  });
});
