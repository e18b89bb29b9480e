import { describe, expect, test } from 'vitest';
import type { ProviderAnswer } from '../../test/support/provider.ts';
import { redirectUri, startUpstream, upstreamFailureOf } from '../../test/support/upstream.ts';

type World = Awaited<ReturnType<typeof startUpstream>>;
const code = { code: 'the-code', verifier: undefined, redirectUri, nonce: undefined };
const answering = (world: World, answer: ProviderAnswer) => {
  world.provider.on('token', () => answer);
  return world.upstream.exchangeCode(world.connection(), code, world.trace);
};

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
