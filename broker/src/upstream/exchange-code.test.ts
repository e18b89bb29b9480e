import { describe, expect, test } from 'vitest';
import type { ProviderAnswer } from '../../test/support/provider.ts';
import { redirectUri, startUpstream, upstreamFailureOf } from '../../test/support/upstream.ts';

type World = Awaited<ReturnType<typeof startUpstream>>;

const code = { code: 'the-code', verifier: undefined, redirectUri, nonce: undefined };
const answering = (world: World, answer: ProviderAnswer) => {
  world.provider.on('token', () => answer);
  return world.upstream.exchangeCode(world.connection(), code, world.trace);
};
const lastForm = (world: World) => world.provider.requestsTo('token').at(-1)?.body ?? '';

describe('the request', () => {
  test('a code becomes tokens, with PKCE, against a provider that insists on it (UP-11)', async () => {
    const world = await startUpstream({ provider: { requiresPkce: true } });
    const connection = world.connection({ pkce_enabled: true });
    const answer = await world.exchange(connection);
    expect(answer.tokenset).toMatchObject({ tokenType: 'Bearer', idToken: undefined });
    expect(answer.tokenset.accessToken).toMatch(/^at-/);
    const stolen = { ...(await world.signIn(connection)), verifier: 'w'.repeat(43) };
    expect(await upstreamFailureOf(world.upstream.exchangeCode(connection, stolen, world.trace))).toMatchObject({
      step: 'exchange',
      reason: 'status_400',
    });
  });

  test('the form has the order in which Auth0 sends it, secret in the body', async () => {
    const world = await startUpstream({ provider: { clientSecret: 'se cret&=' } });
    await upstreamFailureOf(world.upstream.exchangeCode(world.connection(), { ...code, verifier: 'ver' }, world.trace));
    expect(lastForm(world)).toBe(
      `grant_type=authorization_code&redirect_uri=${encodeURIComponent(redirectUri)}&code_verifier=ver&client_id=portico-at-provider&client_secret=se+cret%26%3D&code=the-code`,
    );
    const request = world.provider.requestsTo('token').at(-1);
    expect(request?.method).toBe('POST');
    expect(request?.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      'user-agent': 'Portico',
    });
  });

  test('UP-23: Basic credentials are form-encoded before they are joined', async () => {
    const secret = 'a:b%c+d é ü';
    const world = await startUpstream({ provider: { clientId: 'id:1', clientSecret: secret } });
    const answer = await world.exchange(world.connection({ token_endpoint_auth_method: 'client_secret_basic' }));
    expect(answer.tokenset.accessToken).toMatch(/^at-/);
    expect(lastForm(world)).not.toMatch(/client_secret|client_id/);
  });

  test.each([
    [{ token_endpoint_auth_method: 'none' }],
    [{ client_secret: '' }],
    [{ client_secret: '', token_endpoint_auth_method: 'client_secret_basic' }],
  ])('a public client sends its id and no secret: %j', async (options) => {
    const world = await startUpstream({ provider: { clientSecret: undefined } });
    await world.exchange(world.connection(options));
    expect(lastForm(world)).toContain('client_id=portico-at-provider&code=');
    expect(lastForm(world)).not.toContain('client_secret');
  });

  test('custom headers go to the token endpoint, beside the secret in the body, and cannot change the framing', async () => {
    const world = await startUpstream();
    const customHeaders = {
      Authorization: 'Basic eDp5',
      'X-Api-Key': 'k',
      'user-agent': 'Mine',
      Host: 'evil',
      'Content-Length': '1',
      'Content-Type': 'text/plain',
      Connection: 'close',
      'Transfer-Encoding': 'chunked',
    };
    await upstreamFailureOf(world.upstream.exchangeCode(world.connection({ customHeaders }), code, world.trace));
    const request = world.provider.requestsTo('token').at(-1);
    expect(request?.headers).toMatchObject({
      authorization: 'Basic eDp5',
      'x-api-key': 'k',
      'user-agent': 'Mine',
      host: world.provider.host,
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(request?.form.get('client_secret')).toBe('provider-secret');
  });

  test.each([
    { 'X-A': 'b\r\nX-Evil: 1' },
    { 'X A': 'b' },
    { 'X-A': 'b\u0000' },
    { 'X-A': 1 },
    { '': 'x' },
    { 'X-A': 'snow ☃' },
  ])('a custom header that HTTP does not allow is a configuration error: %j', async (customHeaders) => {
    const world = await startUpstream();
    const error = await upstreamFailureOf(
      world.upstream.exchangeCode(world.connection({ customHeaders }), code, world.trace),
    );
    expect(error).toMatchObject({ step: 'configuration', reason: 'bad_custom_header' });
    expect(world.provider.counts.token).toBe(0);
  });

  test("customHeaders '' is none", async () => {
    const world = await startUpstream();
    expect((await world.exchange(world.connection({ customHeaders: '' }))).tokenset.accessToken).toMatch(/^at-/);
  });

  test('UP-22: a tokenURL that carries the secret is refused', async () => {
    const world = await startUpstream();
    const connection = world.connection({ tokenURL: `${world.provider.tokenUrl}?client_secret=x` });
    expect(await upstreamFailureOf(world.upstream.exchangeCode(connection, code, world.trace))).toMatchObject({
      step: 'configuration',
      reason: 'secret_in_url',
    });
    expect(world.provider.counts.token).toBe(0);
  });
});

describe('the answer', () => {
  test('UP-20: a redirect is not followed and the secret is sent once', async () => {
    const world = await startUpstream();
    const other = await startUpstream();
    const headers = { location: other.provider.tokenUrl };
    for (const status of [301, 302, 303, 307, 308]) {
      expect(await upstreamFailureOf(answering(world, { status, headers }))).toMatchObject({
        step: 'exchange',
        reason: `status_${status}`,
      });
    }
    expect(other.provider.requests).toEqual([]);
  });

  test.each([
    [
      'form-encoded (GitHub)',
      {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'access_token=abc&scope=user%3Aemail&token_type=bearer',
      },
    ],
    [
      'form-encoded as text/plain (Facebook)',
      { headers: { 'content-type': 'text/plain' }, body: 'access_token=abc&expires=5' },
    ],
    ['JSON as text/html', { headers: { 'content-type': 'text/html' }, body: '{"access_token":"abc"}' }],
    ['JSON without a type', { headers: {}, body: '{"access_token":"abc"}' }],
    [
      'JSON with a byte order mark',
      { headers: { 'content-type': 'application/json' }, body: '\ufeff{"access_token":"abc"}' },
    ],
    ['JSON with 201', { status: 201, body: { access_token: 'abc' } }],
  ])('NET-14: %s is read', async (_what, answer) => {
    expect((await answering(await startUpstream(), answer)).tokenset.accessToken).toBe('abc');
  });

  test.each([
    '<html>secret words</html>',
    '',
    ' ',
    'null',
    '[]',
    '"secret words"',
    'NaN',
    '{"access_token":"abc"} trailing',
    'callback({"access_token":"abc"})',
    Buffer.from('{"access_token":"abc"}', 'utf16le'),
    '{"a":'.repeat(100_000),
    'secret=words',
  ])('NET-14: %j is refused with length and type only', async (body) => {
    const error = await upstreamFailureOf(
      answering(await startUpstream(), { headers: { 'content-type': 'text/html; charset=x' }, body }),
    );
    expect(error).toMatchObject({ step: 'exchange', reason: 'not_json' });
    expect(error.message).toBe(
      `The token endpoint answered neither a JSON object nor a form (${Buffer.byteLength(body)} bytes, text/html)`,
    );
  });

  test.each([
    [
      'an error with 200',
      { body: { error: 'bad_verification_code', error_description: 'secret words' } },
      'error_answer',
    ],
    ['an error beside tokens', { body: { error: 'x', access_token: 'abc' } }, 'error_answer'],
    ['a form-encoded error', { body: 'error=bad_verification_code&error_description=secret+words' }, 'error_answer'],
    ['tokens with 400', { status: 400, body: { access_token: 'abc' } }, 'status_400'],
    ['500 and HTML', { status: 500, body: '<html>secret words</html>' }, 'status_500'],
    ['429', { status: 429, headers: { 'retry-after': '1000000000' }, body: {} }, 'status_429'],
  ])('NET-16: %s ends the sign-in, and its words stay out of the message', async (_what, answer, reason) => {
    const error = await upstreamFailureOf(answering(await startUpstream(), answer));
    expect(error).toMatchObject({ step: 'exchange', reason });
    expect(error.message).not.toContain('secret');
  });

  test('what the upstream said is in the detail, for the log', async () => {
    const error = await upstreamFailureOf(
      answering(await startUpstream(), { status: 400, body: { error: 'invalid_grant', error_description: 'used' } }),
    );
    expect(error.detail).toBe('invalid_grant: used');
  });

  test.each(['mac', 'MAC', 'DPoP'])('UP-24: token_type %s is refused', async (token_type) => {
    expect(
      (await upstreamFailureOf(answering(await startUpstream(), { body: { access_token: 'abc', token_type } }))).reason,
    ).toBe('token_type');
  });

  test.each([
    ['bearer', 'Bearer'],
    ['BEARER', 'Bearer'],
    [undefined, 'Bearer'],
    [null, 'Bearer'],
    [5, 'Bearer'],
    ['bot', 'bot'],
  ])('UP-24: token_type %j is taken as %s', async (token_type, expected) => {
    expect(
      (await answering(await startUpstream(), { body: { access_token: 'abc', token_type } })).tokenset.tokenType,
    ).toBe(expected);
  });

  test.each([[123], [['abc']], [{}], ['a'.repeat(16 * 1024 + 1)], ['a\r\nb'], ['a\u0000'], [true]])(
    'UP-25: access_token %j is refused',
    async (access_token) => {
      expect((await upstreamFailureOf(answering(await startUpstream(), { body: { access_token } }))).reason).toBe(
        'bad_access_token',
      );
    },
  );

  test.each([undefined, null, ''])('UP-25: access_token %j is missing', async (access_token) => {
    expect((await upstreamFailureOf(answering(await startUpstream(), { body: { access_token } }))).reason).toBe(
      'no_access_token',
    );
  });

  test.each([
    [3600, 3600],
    ['3600', 3600],
    ['3600.5', 3600.5],
    [-1, 0],
    [1e308, 315_360_000],
    ['1e308', 315_360_000],
    [null, undefined],
    [undefined, undefined],
    ['soon', undefined],
    [{}, undefined],
    ['', undefined],
  ])('UP-25: expires_in %j means %s seconds', async (expires_in, expected) => {
    const now = new Date('2030-01-01T00:00:00Z');
    const world = await startUpstream({ clock: { now: () => now } });
    const { tokenset } = await answering(world, { body: { access_token: 'abc', expires_in } });
    expect(tokenset.expiresAt && (tokenset.expiresAt.getTime() - now.getTime()) / 1000).toBe(expected);
  });

  test('NET-15: numbers beyond 2^53 stay exact, and keys for prototypes are dropped', async () => {
    const body = '{"access_token":"abc","user_id":123456789012345678901,"__proto__":{"x":1}}';
    const { raw } = await answering(await startUpstream(), { body });
    expect(raw.user_id).toBe('123456789012345678901');
    expect(Object.keys(raw)).toEqual(['access_token', 'user_id']);
  });

  test('a list of scopes is a scope', async () => {
    const { tokenset } = await answering(await startUpstream(), {
      body: { access_token: 'abc', scope: ['a', 'b'], refresh_token: 7, id_token: {} },
    });
    expect(tokenset).toMatchObject({ scope: 'a b', refreshToken: undefined, idToken: undefined });
  });
});

describe('limits', () => {
  test('NET-08, NET-10: an endpoint that does not answer in time ends the sign-in', async () => {
    const world = await startUpstream({ limits: { timeoutMs: 80 } });
    world.provider.on('token', () => 'handled');
    expect(await upstreamFailureOf(world.upstream.exchangeCode(world.connection(), code, world.trace))).toMatchObject({
      step: 'exchange',
      reason: 'timeout',
    });
  });

  test('NET-11: an answer beyond 1 MiB ends the sign-in', async () => {
    const answer = { body: { access_token: 'abc', padding: 'x'.repeat(1024 * 1024) } };
    expect(await upstreamFailureOf(answering(await startUpstream(), answer))).toMatchObject({
      step: 'exchange',
      reason: 'too_large',
    });
  });

  test('an address that the egress does not allow is not reached', async () => {
    const world = await startUpstream();
    const other = await startUpstream();
    const connection = world.connection({ tokenURL: other.provider.tokenUrl });
    expect(await upstreamFailureOf(world.upstream.exchangeCode(connection, code, world.trace))).toMatchObject({
      step: 'exchange',
      reason: 'denied',
    });
    expect(other.provider.requests).toEqual([]);
  });

  test('the trace tells the step, and no secret', async () => {
    const world = await startUpstream();
    const { tokenset } = await world.exchange(world.connection());
    expect(world.trace.lines.map(({ step, fields }) => [step, fields.status])).toEqual([['upstream.token', 200]]);
    const text = JSON.stringify(world.trace.lines);
    for (const secret of [tokenset.accessToken, tokenset.refreshToken ?? '', 'provider-secret'])
      expect(text).not.toContain(secret);
  });
});
