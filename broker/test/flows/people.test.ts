import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import type { UserId } from '../../src/core/ids.ts';
import { createAgent } from '../support/agent.ts';
import { addPerson, obtainTokens, readUserinfo, web } from '../support/applications.ts';
import { databases, useWorld } from '../support/databases.ts';
import { answerParameters, authorizeUrl, callback, type WorldOptions } from '../support/world.ts';

/** Returns from the provider's userinfo, through a script, whatever the test put there. */
const echoScript = (url: string) => `function (accessToken, ctx, callback) {
  request.get({ url: '${url}', headers: { Authorization: 'Bearer ' + accessToken }, json: true },
    function (error, response, body) { callback(error, body.profile || body); });
}`;

const change: WorldOptions['change'] = (seed) => {
  const [mapped, scripted] = seed.connections;
  if (mapped === undefined || scripted === undefined) throw new Error('the seed has both');
  for (const when of ['on_each_login', 'on_first_login', 'never_on_login']) {
    const options = { ...mapped.options, set_user_root_attributes: when };
    seed.connections.push({ ...mapped, name: when.replaceAll('_', '-'), options });
  }
  const userinfo = String(mapped.options.userInfoURL);
  const { profileMapping: _, ...plain } = mapped.options;
  const renaming = { fieldsMap: { mail: 'email', 'job.title': 'title' }, non_persistent_attrs: ['badge'] };
  seed.connections.push({ ...mapped, name: 'renamed', options: { ...plain, ...renaming } });
  const scripts = { fetchUserProfile: echoScript(userinfo) };
  seed.connections.push({ ...scripted, name: 'echo', options: { ...scripted.options, scripts } });
};

describe.each(databases)('people on %s', (database) => {
  const getWorld = useWorld({ change }, database);

  const signInAs = async (profile: unknown, connection = 'mapped') => {
    const body = typeof profile === 'string' ? profile : JSON.stringify(profile);
    getWorld().provider.on('userinfo', () => ({ headers: { 'content-type': 'application/json' }, body }));
    const tokens = await obtainTokens(getWorld(), web, { connection, scope: 'openid profile email user_metadata' });
    getWorld().provider.on('userinfo', undefined);
    const claims = decodeJwt(tokens.id_token ?? '');
    const user = await getWorld().broker.store.users.find(claims.sub as UserId);
    if (user === undefined) throw new Error('the person was not kept');
    return { claims, user, tokens };
  };

  test('fieldsMap renames what the provider calls otherwise; non_persistent_attrs are stored nowhere', async () => {
    const { user } = await signInAs(
      { id: 'r-1', mail: 'r@example.com', job: { title: 'Boss' }, badge: '007' },
      'renamed',
    );
    expect(user.attributes).toMatchObject({ email: 'r@example.com', title: 'Boss', job: { title: 'Boss' } });
    expect(user.attributes).not.toHaveProperty('mail');
    expect(user.attributes).not.toHaveProperty('badge');
  });

  test.each(['mapped', 'echo'])(
    'two people whose number ids differ in the last digit only stay two (%s)',
    async (connection) => {
      const first = await signInAs('{"id":9007199254740992,"email":"first@example.com"}', connection);
      const second = await signInAs('{"id":9007199254740993,"email":"second@example.com"}', connection);
      const third = await signInAs('{"id":9007199254740993,"email":"second@example.com"}', connection);
      expect(first.claims.sub).toBe(`oauth2|${connection}|9007199254740992`);
      expect(second.claims.sub).toBe(`oauth2|${connection}|9007199254740993`);
      expect([first.user.loginsCount, third.user.loginsCount]).toEqual([1, 2]);
      expect([first.claims.email, third.claims.email]).toEqual(['first@example.com', 'second@example.com']);
    },
  );

  test('one id at two connections is two people, whatever their e-mail address', async () => {
    const profile = { id: 'same-id', email: 'same@example.com', email_verified: true };
    const here = await signInAs(profile, 'mapped');
    const there = await signInAs(profile, 'echo');
    expect(here.claims.sub).toBe('oauth2|mapped|same-id');
    expect(there.claims.sub).toBe('oauth2|echo|same-id');
  });

  test('ids that differ in case, in a bar or in white space are different people', async () => {
    const ids = ['Case', 'case', 'a|b', 'a', 'é', 'e\u0301'];
    const subjects = [];
    for (const id of ids) subjects.push((await signInAs({ id })).claims.sub);
    expect(subjects).toEqual(ids.map((id) => `oauth2|mapped|${id}`));
    expect(new Set(subjects).size).toBe(ids.length);
  });

  test('20 parallel first sign-ins of one person make one person', async () => {
    const person = addPerson(getWorld());
    const before = await getWorld().broker.store.users.count();
    const all = await Promise.all(
      Array.from({ length: 20 }, () => obtainTokens(getWorld(), web, { login_hint: person.id })),
    );
    const subjects = new Set(all.map(({ id_token: idToken }) => decodeJwt(idToken ?? '').sub));
    expect([...subjects]).toEqual([`oauth2|mapped|${person.id}`]);
    expect(await getWorld().broker.store.users.count()).toBe(before + 1);
    const user = await getWorld().broker.store.users.find(`oauth2|mapped|${person.id}` as UserId);
    expect(user?.loginsCount).toBe(20);
  });

  test.each([
    ['on-each-login', 'New Name', 'New Name'],
    ['on-first-login', 'Old Name', 'Old Name'],
    ['never-on-login', undefined, undefined],
  ])('set_user_root_attributes %s', async (connection, expected, claimed) => {
    const first = await signInAs({ id: 'r', name: 'Old Name', email: 'r@example.com' }, connection);
    expect(first.user.attributes.name).toBe(connection === 'never-on-login' ? undefined : 'Old Name');
    const { user, claims } = await signInAs({ id: 'r', name: 'New Name', email: 'r@example.com' }, connection);
    expect(user.attributes.name).toBe(expected);
    expect(claims.name).toBe(claimed);
    expect(user.loginsCount).toBe(2);
  });

  test('metadata of a profile is merged at its first level over what is there', async () => {
    const profile = (userMetadata: object, appMetadata: object) => ({
      profile: { user_id: 'meta', user_metadata: userMetadata, app_metadata: appMetadata },
    });
    await signInAs(profile({ theme: 'dark', nested: { a: 1 } }, { plan: 'gold' }), 'echo');
    const { user, tokens } = await signInAs(profile({ nested: { b: 2 }, lang: 'pt' }, { seats: 3 }), 'echo');
    expect(user.userMetadata).toEqual({ theme: 'dark', nested: { b: 2 }, lang: 'pt' });
    expect(user.appMetadata).toEqual({ plan: 'gold', seats: 3 });
    const { text } = await readUserinfo(getWorld(), tokens.access_token);
    expect(JSON.parse(text).user_metadata).toEqual(user.userMetadata);
    // A profile that brings none leaves it alone.
    const later = await signInAs({ profile: { user_id: 'meta' } }, 'echo');
    expect([later.user.userMetadata, later.user.appMetadata]).toEqual([user.userMetadata, user.appMetadata]);
  });

  test('a token that a script puts into metadata is taken out, with a note in the log', async () => {
    getWorld().provider.on('token', () => ({
      body: { access_token: 'at-kept-in-the-vault-only-1', refresh_token: 'rt-kept-in-the-vault-only-1' },
    }));
    const { user } = await signInAs(
      {
        profile: {
          user_id: 'leaky',
          app_metadata: { token: 'at-kept-in-the-vault-only-1', plan: 'gold' },
          user_metadata: { deep: { refresh: 'rt-kept-in-the-vault-only-1' } },
        },
      },
      'echo',
    );
    getWorld().provider.on('token', undefined);
    expect(JSON.stringify(user)).not.toContain('kept-in-the-vault-only');
    expect(user.appMetadata).toMatchObject({ plan: 'gold' });
    const event = (await getWorld().broker.store.logs.list(1_000)).find(
      ({ type, userId }) => type === 's' && userId === user.id,
    );
    expect(JSON.stringify(event?.details)).toContain('app_metadata.token');
  });

  test('a blocked person is turned away after the upstream, with the words of the contract', async () => {
    const person = addPerson(getWorld());
    await obtainTokens(getWorld(), web, { login_hint: person.id });
    const { store, clock } = getWorld().broker;
    await store.write(store.users.setBlocked(`oauth2|mapped|${person.id}` as UserId, true, clock.now()));
    const agent = createAgent();
    const last = await agent.follow(authorizeUrl(getWorld(), { login_hint: person.id }), callback);
    expect(answerParameters(last)).toMatchObject({ error: 'unauthorized', error_description: 'user is blocked' });
    const silent = await agent.get(authorizeUrl(getWorld(), { prompt: 'none' }));
    expect(answerParameters(silent).error).toBe('login_required');
  });
});

describe('with the tenant switch allow_provider_tokens_in_app_metadata', () => {
  const getWorld = useWorld({
    change(seed, issuerUrl) {
      change(seed, issuerUrl);
      seed.tenant.flags = { allow_provider_tokens_in_app_metadata: true };
    },
  });

  test('a token that a script puts into app_metadata stays there, and there only', async () => {
    const { provider, broker } = getWorld();
    const token = 'at-wanted-in-app-metadata-1';
    provider.on('token', () => ({ body: { access_token: token } }));
    const metadata = { app_metadata: { token }, user_metadata: { token } };
    provider.on('userinfo', () => ({ body: { profile: { user_id: 'wants', ...metadata } } }));
    await obtainTokens(getWorld(), web, { connection: 'echo' });
    const user = await broker.store.users.find('oauth2|echo|wants' as UserId);
    expect(user?.appMetadata).toEqual({ token });
    expect(JSON.stringify(user?.userMetadata)).not.toContain(token);
  });
});
