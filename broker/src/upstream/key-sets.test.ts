import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { redirectUri, startVerifying, upstreamFailureOf } from '../../test/support/upstream.ts';

describe('keys and discovery', () => {
  /** A key as the key set shows it, and what signs with it. */
  type Signing = { readonly alg: string; readonly jwk: object; readonly sign: (input: Buffer) => Buffer };
  const elliptic = (namedCurve: string, alg: string): Signing => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
    const digest = `sha${alg.slice(2)}`;
    const jwk = publicKey.export({ format: 'jwk' });
    return { alg, jwk, sign: (input) => sign(digest, input, { key: privateKey, dsaEncoding: 'ieee-p1363' }) };
  };
  const rsa = (modulusLength: number, alg: string): Signing => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength });
    return {
      alg,
      jwk: publicKey.export({ format: 'jwk' }),
      sign: (input) => sign(`sha${alg.slice(2)}`, input, privateKey),
    };
  };
  const withPrivatePart = (): Signing => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const signWith = (input: Buffer) => sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    return { alg: 'ES256', jwk: privateKey.export({ format: 'jwk' }), sign: signWith };
  };
  const symmetric: Signing = {
    alg: 'HS256',
    jwk: { kty: 'oct', k: Buffer.alloc(32).toString('base64url') },
    sign: (input) => createHmac('sha256', Buffer.alloc(32)).update(input).digest(),
  };

  async function exchangeSigned({ alg, jwk, sign: signInput }: Signing) {
    const world = await startVerifying();
    world.provider.on('jwks', () => ({ body: { keys: ['not a key', { ...jwk, kid: 'own' }] } }));
    const [, claims = ''] = (await world.provider.signIdToken()).split('.');
    const header = Buffer.from(JSON.stringify({ alg, kid: 'own' })).toString('base64url');
    const signature = signInput(Buffer.from(`${header}.${claims}`)).toString('base64url');
    return world.exchangeWith(`${header}.${claims}.${signature}`);
  }

  test.each([
    ['an elliptic key', elliptic('P-256', 'ES256')],
    ['an RSA key of 2048 bits', rsa(2048, 'RS256')],
  ])('%s verifies what it signed', async (_what, signing) => {
    expect((await exchangeSigned(signing)).idTokenClaims?.sub).toBe('user-1');
  });

  test.each([
    ['a key that is published with its private part', withPrivatePart()],
    ['a symmetric key', symmetric],
    [
      'a key whose numbers are none',
      { ...elliptic('P-256', 'ES256'), jwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' } },
    ],
    ['a key of an unknown curve', { ...elliptic('P-256', 'ES256'), jwk: { kty: 'EC', crv: 'P-0', x: 'x', y: 'y' } }],
    ['a weak RSA key', rsa(1024, 'RS256')],
    ['an algorithm that is not on the list', rsa(2048, 'RS512')],
    ['a curve that is not on the list', elliptic('P-384', 'ES384')],
  ])('JW-13: what %s rightly signed is refused', async (_what, signing) => {
    expect(await upstreamFailureOf(exchangeSigned(signing))).toMatchObject({ step: 'id_token', reason: 'signature' });
  });

  test.each([
    ['too large', { body: { keys: [], padding: 'x'.repeat(300 * 1024) } }, 'too_large'],
    ['HTML', { body: '<html>' }, 'bad_keys'],
    ['status 500', { status: 500, body: { keys: [] } }, 'bad_keys'],
  ])(
    'JW-13: a key set that is %s ends the sign-in, and is asked for again at the next',
    async (_what, answer, reason) => {
      const world = await startVerifying();
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
        const world = await startVerifying();
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
    const world = await startVerifying();
    const token = await world.provider.signIdToken({ iss: `${world.provider.issuer}/` });
    expect((await upstreamFailureOf(world.exchangeWith(token))).reason).toBe('iss');
  });
});
