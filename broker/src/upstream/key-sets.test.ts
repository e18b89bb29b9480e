import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { redirectUri, startUpstream, upstreamFailureOf } from '../../test/support/upstream.ts';

/** A world whose connection verifies ID tokens by discovery; `exchange` answers with the given one. */
async function startWorld(options: Record<string, unknown> = {}) {
  const world = await startUpstream();
  const connection = world.connection({ scope: 'openid email', issuer: world.provider.issuer, ...options });
  return {
    ...world,
    of: connection,
    async exchangeWith(idToken: string, nonce?: string) {
      world.provider.on('token', () => ({ body: { access_token: 'the-access-token', id_token: idToken } }));
      return world.upstream.exchangeCode(
        connection,
        { code: 'c', verifier: undefined, redirectUri, nonce },
        world.trace,
      );
    },
  };
}

describe('keys and discovery', () => {
  test.each([
    ['a private key', () => ({ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd' })],
    ['a symmetric key', () => ({ kty: 'oct', k: 'c2VjcmV0' })],
    ['a weak RSA key', () => generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })],
    [
      'an RSA key with exponent 1',
      () => ({ ...generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }), e: 'AQ' }),
    ],
    ['text', () => 'key'],
  ])('JW-13: %s in the key set is not used', async (_what, key) => {
    const world = await startWorld();
    world.provider.on('jwks', () => ({ body: { keys: [key()] } }));
    expect((await upstreamFailureOf(world.exchangeWith(await world.provider.signIdToken()))).reason).toBe('signature');
  });

  test.each([
    ['too large', { body: { keys: [], padding: 'x'.repeat(300 * 1024) } }, 'too_large'],
    ['HTML', { body: '<html>' }, 'bad_keys'],
    ['status 500', { status: 500, body: { keys: [] } }, 'bad_keys'],
  ])(
    'JW-13: a key set that is %s ends the sign-in, and is asked for again at the next',
    async (_what, answer, reason) => {
      const world = await startWorld();
      world.provider.on('jwks', () => answer);
      const token = await world.provider.signIdToken();
      expect(await upstreamFailureOf(world.exchangeWith(token))).toMatchObject({ step: 'id_token', reason });
      world.provider.on('jwks', undefined);
      expect((await world.exchangeWith(token)).idTokenClaims?.sub).toBe('user-1');
    },
  );

  test.each([{ issuer: 'https://evil.example' }, { issuer: undefined }, { jwks_uri: undefined }])(
    'a discovery document with %j is about somebody else',
    async (changes) => {
      for (const by of ['issuer', 'url']) {
        const world = await startWorld();
        const { provider } = world;
        const options = by === 'url' ? { issuer: undefined, discovery_url: provider.discoveryUrl } : {};
        const connection = world.connection({ issuer: provider.issuer, ...options });
        provider.on('discovery', () => ({ body: { issuer: provider.issuer, jwks_uri: provider.jwksUrl, ...changes } }));
        provider.on('token', async () => ({ body: { access_token: 'abc', id_token: await provider.signIdToken() } }));
        const code = { code: 'c', verifier: undefined, redirectUri, nonce: undefined };
        expect(await upstreamFailureOf(world.upstream.exchangeCode(connection, code, world.trace))).toMatchObject({
          step: 'id_token',
          reason: 'discovery',
        });
      }
    },
  );

  test('a trailing slash makes another issuer (JW-06)', async () => {
    const world = await startWorld();
    const token = await world.provider.signIdToken({ iss: `${world.provider.issuer}/` });
    expect((await upstreamFailureOf(world.exchangeWith(token))).reason).toBe('iss');
  });
});
