import { describe, expect, test } from 'vitest';
import { sandboxOf, startUpstream, upstreamFailureOf } from '../../test/support/upstream.ts';
import type { Json } from '../core/json.ts';
import type { ScriptOutcome, ScriptRun } from '../sandbox/sandbox.ts';

type Options = Record<string, unknown>;

async function profileOf(options: Options, deps: Parameters<typeof startUpstream>[0] = {}) {
  const world = await startUpstream(deps);
  const connection = world.connection(options);
  const answer = await world.exchange(connection);
  return { ...world, answer, profile: () => world.upstream.fetchProfile(connection, answer, world.trace) };
}

describe('userinfo and mapping', () => {
  test('without a mapping the body is the profile', async () => {
    const { profile } = await profileOf({});
    expect(await profile()).toMatchObject({
      upstreamUserId: 'user-1',
      attributes: { email: 'ada@example.com', email_verified: true, name: 'Ada Lovelace' },
    });
  });

  test('a mapping reaches nested values, and copies nothing else', async () => {
    const profileMapping = {
      user_id: 'accountId',
      email: 'email',
      name: 'displayName',
      picture: 'avatar.url',
      email_verified: 'emailVerified',
    };
    const user = {
      id: 'x',
      accountId: 77,
      email: 'a@b.c',
      avatar: { url: 'https://cdn.example/a.png' },
      emailVerified: 'true',
      secret: 1,
    };
    const { profile, provider } = await profileOf({ profileMapping }, { provider: { users: [user] } });
    expect(await profile()).toEqual({
      upstreamUserId: '77',
      attributes: { email: 'a@b.c', picture: 'https://cdn.example/a.png', email_verified: false },
      userMetadata: undefined,
      appMetadata: undefined,
    });
    expect(provider.requestsTo('userinfo')[0]?.headers).toMatchObject({
      accept: 'application/json',
      authorization: expect.stringMatching(/^Bearer at-/),
    });
  });

  test('AC-03: an id beyond 2^53 stays exact', async () => {
    const { profile, provider } = await profileOf({ profileMapping: { user_id: 'id' } });
    provider.on('userinfo', () => ({
      headers: { 'content-type': 'application/json' },
      body: '{"id":9007199254740993}',
    }));
    expect((await profile()).upstreamUserId).toBe('9007199254740993');
  });

  test.each([
    [{ status: 401, body: { error: 'secret words' } }, 'status_401'],
    [{ status: 500, body: 'secret words' }, 'status_500'],
    [{ status: 302, headers: { location: '/elsewhere' } }, 'status_302'],
    [{ body: '<html>secret words</html>' }, 'not_json'],
    [{ status: 204 }, 'not_json'],
    [{ body: [] }, 'not_an_object'],
    [{ body: 'null' }, 'not_an_object'],
    [{ body: { email: 'a@b.c' } }, 'no_user_id'],
    [{ body: { id: {} } }, 'bad_user_id'],
    [{ body: { id: '1', padding: 'x'.repeat(100_000) } }, 'too_large'],
    [{ body: { id: '1', padding: 'x'.repeat(1_100_000) } }, 'too_large'],
  ])('an answer %j ends the sign-in with %s', async (answer, reason) => {
    const { profile, provider } = await profileOf({});
    provider.on('userinfo', () => answer);
    const error = await upstreamFailureOf(profile());
    expect(error).toMatchObject({ step: 'profile', reason });
    expect(error.message).not.toContain('secret');
  });

  test('a token in the profile is taken out, and the trace names the place and not the token', async () => {
    const { profile, provider, answer, trace } = await profileOf({});
    provider.on('userinfo', () => ({ body: { id: '1', app_metadata: { token: answer.tokenset.accessToken } } }));
    expect((await profile()).appMetadata).toEqual({});
    expect(trace.lines.at(-1)).toMatchObject({
      step: 'upstream.profile',
      fields: { removedTokens: ['app_metadata.token'] },
    });
    expect(JSON.stringify(trace.lines)).not.toContain(answer.tokenset.accessToken);
  });

  test('the tenant can let tokens stay in app_metadata', async () => {
    const { profile, provider, answer } = await profileOf(
      {},
      { readSettings: async () => ({ allowsTokensInAppMetadata: true }) },
    );
    const token = answer.tokenset.accessToken;
    provider.on('userinfo', () => ({ body: { id: '1', app_metadata: { token }, user_metadata: { token } } }));
    expect(await profile()).toMatchObject({ appMetadata: { token }, userMetadata: {} });
  });
});

describe('ID token', () => {
  const openid = (issuer: string) => ({ scope: 'openid', issuer, userInfoURL: undefined });

  test('its verified claims are a profile where there is nothing else', async () => {
    const world = await startUpstream();
    const connection = world.connection(openid(world.provider.issuer));
    world.provider.on('token', async () => ({
      body: {
        access_token: 'abc',
        id_token: await world.provider.signIdToken({
          nonce: 'nonce-1',
          email: 'a@b.c',
          email_verified: true,
          acr: '1',
        }),
      },
    }));
    const profile = await world.upstream.fetchProfile(connection, await world.exchange(connection), world.trace);
    expect(profile).toMatchObject({ upstreamUserId: 'user-1', attributes: { email: 'a@b.c', email_verified: true } });
    expect(Object.keys(profile.attributes)).toEqual(['email', 'email_verified']);
  });

  test('claims that nobody verified are no profile', async () => {
    const { profile } = await profileOf({ scope: 'openid', userInfoURL: undefined });
    expect(await upstreamFailureOf(profile())).toMatchObject({ step: 'configuration', reason: 'no_profile_source' });
  });

  test('JW-11: userinfo about another person than the ID token ends the sign-in', async () => {
    const world = await startUpstream();
    const connection = world.connection({
      scope: 'openid',
      issuer: world.provider.issuer,
      profileMapping: { user_id: 'id' },
    });
    const answer = await world.exchange(connection);
    for (const sub of ['user-2', 'USER-1', 1, null]) {
      world.provider.on('userinfo', () => ({ body: { sub, id: 'user-1' } }));
      expect((await upstreamFailureOf(world.upstream.fetchProfile(connection, answer, world.trace))).reason).toBe(
        'sub_mismatch',
      );
    }
    world.provider.on('userinfo', () => ({ body: { sub: 'user-1', id: 'x' } }));
    expect((await world.upstream.fetchProfile(connection, answer, world.trace)).upstreamUserId).toBe('x');
  });
});

describe('script', () => {
  const source = "function (accessToken, ctx, callback) { callback(new Error('Failed to fetch user profile')); }";
  const scripts = { fetchUserProfile: source };
  const ended = async (run: Partial<ScriptRun>, options: Options = {}) => {
    const sandbox = sandboxOf(run);
    return { sandbox, ...(await profileOf({ scripts, ...options }, { sandbox })) };
  };
  const failing = (outcome: Exclude<ScriptOutcome, { ok: true }>, run: Partial<ScriptRun> = {}) =>
    ended({ outcome, ...run });

  test('it goes before userinfo, and sees the token answer without refresh token and secrets', async () => {
    const value: Json = { id: 5, name: 'Ada', user_metadata: { plan: 'gold' } };
    const { profile, sandbox, provider, answer } = await ended(
      { outcome: { ok: true, value } },
      { customHeaders: { 'x-key': 'hidden' }, authParams: { key: 'hidden' } },
    );
    expect(await profile()).toMatchObject({ upstreamUserId: '5', userMetadata: { plan: 'gold' } });
    expect(provider.counts.userinfo).toBe(0);
    const [script] = sandbox.scripts;
    expect(script).toMatchObject({
      source,
      filename: 'acme.fetchUserProfile.js',
      entry: { kind: 'callback', arguments: [answer.tokenset.accessToken, {}] },
    });
    const context = script?.entry.kind === 'callback' ? script.entry.arguments[1] : undefined;
    expect(Object.keys(Object(context)).sort()).toEqual(['access_token', 'expires_in', 'options', 'token_type']);
    const seen = JSON.stringify(context);
    for (const hidden of [answer.tokenset.refreshToken ?? 'none', 'provider-secret', 'hidden', 'callback'])
      expect(seen).not.toContain(hidden);
  });

  test.each([[undefined], [null], ['text'], [[]]])('a profile %j is none', async (value) => {
    const { profile } = await ended({ outcome: { ok: true, value: value as Json } });
    expect(await upstreamFailureOf(profile())).toMatchObject({ step: 'profile', reason: 'not_an_object' });
  });

  test.each(['timeout', 'memory', 'crash', 'busy', 'syntax', 'contract', 'limit'] as const)(
    'a run that ends in %s is told in our words',
    async (kind) => {
      const { profile } = await failing({ ok: false, kind, message: 'internal words' });
      const error = await upstreamFailureOf(profile());
      expect(error).toMatchObject({ step: 'profile', reason: `script_${kind}`, detail: 'internal words' });
      expect(error.message).not.toContain('internal');
      expect(error.message).toContain('trace-1');
    },
  );

  test.each([
    ['callback', 'Failed to fetch user profile'],
    ['callback', 'Missing fields: email'],
    ['runtime', 'access_token is not defined'],
  ] as const)("the author's own words reach the application: %s, %s", async (kind, message) => {
    const responseTexts = ['{"error":"quota exceeded","hint":"Failed to fetch user profile"}'];
    const { profile } = await failing({ ok: false, kind, message }, { responseTexts });
    expect(await upstreamFailureOf(profile())).toMatchObject({ reason: `script_${kind}`, message });
  });

  test("words of the upstream do not, and the log's detail has them", async () => {
    const { profile } = await failing(
      { ok: false, kind: 'callback', message: '{"error":"quota exceeded"}' },
      { responseTexts: ['{"error":"quota exceeded"}'] },
    );
    const error = await upstreamFailureOf(profile());
    expect(error.message).toBe('The profile script reported an error; see trace trace-1');
    expect(error.detail).toContain('quota exceeded');
  });

  test('a token does not, whichever it is', async () => {
    const world = await startUpstream();
    const connection = world.connection({ scripts });
    const answer = await world.exchange(connection);
    const { accessToken, refreshToken } = answer.tokenset;
    for (const token of [accessToken, refreshToken, accessToken.slice(3, 14), 'provider-secret']) {
      const message = `cannot use ${token}`;
      const failingUpstream = await startUpstream({
        sandbox: sandboxOf({ outcome: { ok: false, kind: 'callback', message } }),
      });
      const error = await upstreamFailureOf(failingUpstream.upstream.fetchProfile(connection, answer, world.trace));
      expect(error.message).toBe('The profile script reported an error; see trace trace-1');
    }
  });

  test('a message is cut to 200 characters, and one that is empty or full of control characters is mended', async () => {
    const message = `line one\r\nline two ${'z'.repeat(500)}`;
    const { profile } = await failing({ ok: false, kind: 'callback', message });
    const error = await upstreamFailureOf(profile());
    expect(error.message).toHaveLength(200);
    expect(error.message).toMatch(/^line one line two z+$/);
    const empty = await failing({ ok: false, kind: 'callback', message: ' \n' });
    expect((await upstreamFailureOf(empty.profile())).message).toContain('trace-1');
  });

  test('the trace tells how the run went, and nothing that it read or said', async () => {
    const { profile, trace } = await ended({
      outcome: { ok: false, kind: 'runtime', message: 'secret words', line: 3 },
      consoleLines: [{ level: 'log', text: 'secret words' }],
      exchanges: [
        {
          method: 'GET',
          url: 'https://api.example/?token=secret',
          status: 200,
          error: undefined,
          responseBytes: 12,
          ms: 4,
          request: { headers: {}, body: { text: 'secret words', encoding: 'utf8', isCut: false } },
          response: undefined,
        },
      ],
      responseTexts: ['secret words'],
    });
    await upstreamFailureOf(profile());
    const line = trace.lines.find(({ step }) => step === 'script.run');
    expect(line?.fields).toEqual({
      script: 'fetchUserProfile',
      ms: 1,
      outcome: 'runtime',
      line: 3,
      consoleLines: 1,
      requests: [{ method: 'GET', status: 200, bytes: 12, ms: 4 }],
    });
    expect(JSON.stringify(trace.lines)).not.toContain('secret');
  });
});
