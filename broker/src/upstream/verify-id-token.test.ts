import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { startUpstream, startVerifying, upstreamFailureOf } from '../../test/support/upstream.ts';

type World = Awaited<ReturnType<typeof startUpstream>>;
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The claims that would be right, changed as given; undefined leaves one out. */
const claimsOf = (world: World, changes: Record<string, unknown> = {}): JWTPayload => {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: world.provider.issuer,
    aud: world.provider.clientId,
    sub: 'user-1',
    iat: now,
    exp: now + 300,
    ...changes,
  };
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
};

describe('an ID token that is right', () => {
  test.each(['discovery by issuer', 'discovery by URL', 'jwks_uri', 'jwks_uri and issuer'])(
    'is verified by %s, nonce and all',
    async (way) => {
      const world = await startUpstream();
      const { provider } = world;
      const ways: Record<string, Record<string, unknown>> = {
        'discovery by issuer': { issuer: provider.issuer },
        'discovery by URL': { discovery_url: provider.discoveryUrl },
        jwks_uri: { jwks_uri: provider.jwksUrl },
        'jwks_uri and issuer': { jwks_uri: provider.jwksUrl, issuer: provider.issuer },
      };
      const answer = await world.exchange(world.connection({ scope: 'openid', ...ways[way] }));
      expect(answer.idTokenClaims).toMatchObject({ iss: provider.issuer, sub: 'user-1', nonce: 'nonce-1' });
    },
  );

  test('without keys or an issuer it is kept and not trusted', async () => {
    const world = await startUpstream();
    const answer = await world.exchange(world.connection({ scope: 'openid' }));
    expect(answer.idTokenClaims).toBeUndefined();
    expect(answer.tokenset.idToken).toMatch(/^ey/);
    expect(world.provider.counts.jwks).toBe(0);
  });

  test('keys and discovery are fetched once for many sign-ins', async () => {
    const world = await startVerifying();
    await Promise.all([1, 2, 3, 4].map(() => world.exchange(world.of)));
    await world.exchange(world.of);
    expect(world.provider.counts).toMatchObject({ discovery: 1, jwks: 1, token: 5 });
  });

  test('its hash of the access token is checked (JW-10)', async () => {
    const world = await startVerifying();
    const half = createHash('sha256').update('the-access-token').digest().subarray(0, 16).toString('base64url');
    const { idTokenClaims } = await world.exchangeWith(await world.provider.signIdToken({ at_hash: half }));
    expect(idTokenClaims?.at_hash).toBe(half);
    expect(
      (await upstreamFailureOf(world.exchangeWith(await world.provider.signIdToken({ at_hash: `x${half.slice(1)}` }))))
        .reason,
    ).toBe('at_hash');
  });
});

describe('claims', () => {
  const now = Math.floor(Date.now() / 1000);
  test.each<[string, string, Record<string, unknown>]>([
    ['JW-06', 'another iss', { iss: 'https://evil.example' }],
    ['JW-06', 'an array as iss', { iss: ['x'] }],
    ['JW-06', 'no iss', { iss: undefined }],
    ['JW-07', 'another aud', { aud: 'other' }],
    ['JW-07', 'an empty aud', { aud: [] }],
    ['JW-07', 'no aud', { aud: undefined }],
    ['JW-07', 'two aud without azp', { aud: ['portico-at-provider', 'other'] }],
    ['JW-07', 'another azp', { azp: 'other' }],
    ['JW-08', 'exp beyond the leeway', { exp: now - 75 }],
    ['JW-08', 'no exp', { exp: undefined }],
    ['JW-08', 'exp as a string', { exp: String(now + 300) }],
    ['JW-08', 'exp as a fraction', { exp: now + 300.5 }],
    ['JW-08', 'exp far beyond all dates', { exp: 1e18 }],
    ['JW-08', 'nbf in the future', { nbf: now + 120 }],
    ['JW-08', 'no iat', { iat: undefined }],
    ['JW-08', 'iat in the future', { iat: now + 120 }],
    ['JW-09', 'no sub', { sub: undefined }],
    ['JW-09', 'sub as a number', { sub: 1 }],
    ['JW-09', 'an empty sub', { sub: '' }],
    ['JW-09', 'a sub of 256 characters', { sub: 'x'.repeat(256) }],
  ])('%s: %s is refused', async (_id, _what, changes) => {
    const world = await startVerifying();
    const error = await upstreamFailureOf(world.exchangeWith(await world.provider.signIdToken(changes)));
    expect(error.step).toBe('id_token');
  });

  test.each([{ exp: now - 45 }, { nbf: now + 45 }, { iat: now + 45 }])(
    'JW-08: %j is within the leeway',
    async (changes) => {
      const world = await startVerifying();
      expect((await world.exchangeWith(await world.provider.signIdToken(changes))).idTokenClaims?.sub).toBe('user-1');
    },
  );

  test('JW-07: several audiences with the right azp are accepted', async () => {
    const world = await startVerifying();
    const { clientId } = world.provider;
    const token = await world.provider.signIdToken({ aud: ['other', clientId], azp: clientId });
    expect((await world.exchangeWith(token)).idTokenClaims?.sub).toBe('user-1');
  });

  test.each([undefined, 'other', 'OUR-NONCE', ''])('UP-12: nonce %j is refused where ours was sent', async (nonce) => {
    const world = await startVerifying();
    const token = await world.provider.signIdToken(nonce === undefined ? {} : { nonce });
    expect((await upstreamFailureOf(world.exchangeWith(token, 'our-nonce'))).reason).toBe('nonce');
    const right = await world.provider.signIdToken({ nonce: 'our-nonce' });
    expect((await world.exchangeWith(right, 'our-nonce')).idTokenClaims?.nonce).toBe('our-nonce');
  });
});

describe('signatures', () => {
  async function signedWith(
    world: World,
    header: Partial<JWTHeaderParameters>,
    given?: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'],
  ) {
    const key = given ?? (await generateKeyPair('ES256')).privateKey;
    return new SignJWT(claimsOf(world)).setProtectedHeader({ alg: 'ES256', ...header }).sign(key);
  }
  const keyId = async (world: World): Promise<string> => {
    const document = (await (await fetch(world.provider.jwksUrl)).json()) as { keys: { kid: string }[] };
    return document.keys[0]?.kid ?? '';
  };

  test.each(['none', 'None', 'nOnE', ''])('JW-01: alg %j is refused', async (alg) => {
    const world = await startVerifying();
    for (const signature of ['', 'AAAA']) {
      const token = `${encode({ alg, kid: await keyId(world) })}.${encode(claimsOf(world))}.${signature}`;
      expect((await upstreamFailureOf(world.exchangeWith(token))).step).toBe('id_token');
    }
  });

  test('JW-02: a public key is no HMAC secret', async () => {
    const world = await startVerifying();
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k1' };
    world.provider.on('jwks', () => ({ body: { keys: [jwk, { kty: 'oct', k: 'c2VjcmV0', kid: 'k2' }] } }));
    const secrets = [
      publicKey.export({ format: 'pem', type: 'spki' }),
      publicKey.export({ format: 'der', type: 'spki' }),
      JSON.stringify(jwk),
      'secret',
    ];
    for (const secret of secrets) {
      for (const kid of ['k1', 'k2']) {
        const input = `${encode({ alg: 'HS256', kid })}.${encode(claimsOf(world))}`;
        const token = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
        expect((await upstreamFailureOf(world.exchangeWith(token))).step).toBe('id_token');
      }
    }
  });

  test.each([undefined, 'unknown', '../../dev/null', "' OR 1=1--", 'x'.repeat(10_000), '__proto__'])(
    'JW-03: a foreign key under kid %j is refused, and the key set is asked for at most once more',
    async (kid) => {
      const world = await startVerifying();
      const token = await signedWith(world, kid === undefined ? {} : { kid });
      for (const _ of [1, 2, 3])
        expect(await upstreamFailureOf(world.exchangeWith(token))).toMatchObject({
          step: 'id_token',
          reason: 'signature',
        });
      expect(world.provider.counts.jwks).toBeLessThanOrEqual(2);
    },
  );

  test('JW-04: keys and addresses in the header are not looked at', async () => {
    const world = await startVerifying();
    const evil = await startUpstream();
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const header = {
      jwk: await exportJWK(publicKey),
      jku: evil.provider.jwksUrl,
      x5u: evil.provider.url,
      kid: await keyId(world),
    };
    expect((await upstreamFailureOf(world.exchangeWith(await signedWith(world, header, privateKey)))).reason).toBe(
      'signature',
    );
    expect(evil.provider.requests).toEqual([]);
  });

  test.each([
    [{}, undefined],
    [{ crit: ['x'], x: 1 }, 'signature'],
    [{ crit: ['b64'], b64: false }, 'signature'],
    [{ crit: [] }, 'signature'],
  ])('JW-05: header %j, rightly signed, gives %s', async (extra, reason) => {
    const world = await startVerifying();
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    world.provider.on('jwks', () => ({ body: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'own' }] } }));
    const input = `${encode({ alg: 'ES256', kid: 'own', ...extra })}.${encode(claimsOf(world))}`;
    const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    const answer = world.exchangeWith(`${input}.${signature.toString('base64url')}`);
    if (reason === undefined) expect((await answer).idTokenClaims?.sub).toBe('user-1');
    else expect(await upstreamFailureOf(answer)).toMatchObject({ step: 'id_token', reason });
  });

  test('JW-12: a payload that is no JSON object, though signed, is refused', async () => {
    const world = await startVerifying();
    const token = await world.provider.signIdToken({ deep: JSON.parse('['.repeat(100) + ']'.repeat(100)) });
    expect((await upstreamFailureOf(world.exchangeWith(token))).reason).toBe('form');
  });

  test.each(['all zeros', 'padded', 'with spaces', 'with stray bits', 'cut', 'in five parts'])(
    'JW-14, JW-15: a signature %s is refused',
    async (how) => {
      const world = await startVerifying();
      const token = await world.provider.signIdToken();
      const [header, claims, signature = ''] = token.split('.');
      const changed: Record<string, string> = {
        'all zeros': Buffer.alloc(64).toString('base64url'),
        padded: `${signature}==`,
        'with spaces': ` ${signature}`,
        // 64 bytes end in two significant bits; the other four must be zero.
        'with stray bits': `${signature.slice(0, -1)}${{ A: 'B', Q: 'R', g: 'h', w: 'x' }[signature.at(-1) ?? ''] ?? ''}`,
        cut: signature.slice(0, -8),
        'in five parts': `${signature}.AA.AA`,
      };
      expect((await upstreamFailureOf(world.exchangeWith(`${header}.${claims}.${changed[how]}`))).step).toBe(
        'id_token',
      );
      expect((await world.exchangeWith(token)).idTokenClaims?.sub).toBe('user-1');
    },
  );

  test('JW-16: a key that was rotated a moment ago is found', async () => {
    const world = await startVerifying();
    await world.exchange(world.of);
    world.provider.rotateKeys();
    world.passTime(31);
    expect((await world.exchangeWith(await world.provider.signIdToken())).idTokenClaims?.sub).toBe('user-1');
    expect(world.provider.counts.jwks).toBe(2);
  });
});
