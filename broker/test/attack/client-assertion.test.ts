import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { selfSignedCertificate } from '../../src/setup/certificate.ts';
import { databases, useWorld } from '../support/databases.ts';
import { assertionForm, createAssertion } from '../support/proofs.ts';
import { audience, machineSecret, postToken } from '../support/world.ts';
import { times } from './refusal.ts';

/*
 * DN-14: an assertion is signed by its client's key, made for us, for minutes, and for one use. Every failure is the one
 * answer that a wrong secret gets.
 */

const refused = { error: 'access_denied', error_description: 'Unauthorized' };
const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const [first, second, pss, ended, stranger] = [rsa(), rsa(), rsa(), rsa(), rsa()] as const;
const pemOf = (key: KeyObject) => key.export({ format: 'pem', type: 'spki' }) as string;
const publicKey = (key: KeyObject, more: object = {}) => ({
  credential_type: 'public_key' as const,
  pem: pemOf(key),
  ...more,
});

describe.each(databases)('a client with a key, on %s', (database) => {
  const getWorld = useWorld(
    {
      change(seed) {
        seed.clients.push(
          {
            client_id: 'signing',
            name: 'Signing',
            grant_types: ['client_credentials'],
            client_authentication_methods: {
              private_key_jwt: {
                credentials: [
                  publicKey(first.publicKey),
                  {
                    credential_type: 'public_key',
                    alg: 'RS384',
                    jwk: { ...second.publicKey.export({ format: 'jwk' }) },
                  },
                  publicKey(pss.publicKey, { alg: 'PS256' }),
                  publicKey(ended.publicKey, { expires_at: '2026-01-01T00:00:00.000Z' }),
                ],
              },
            },
          },
          {
            client_id: 'also-signing',
            name: 'Also signing',
            client_secret: machineSecret,
            grant_types: ['client_credentials'],
            client_authentication_methods: { private_key_jwt: { credentials: [publicKey(first.publicKey)] } },
          },
        );
        seed.client_grants.push({ client_id: 'signing', audience, scope: [] });
        seed.client_grants.push({ client_id: 'also-signing', audience, scope: [] });
      },
    },
    database,
  );
  const about = (clientId = 'signing') => {
    const { broker } = getWorld();
    return { clientId, audience: broker.issuerUrl, now: broker.clock.now() };
  };
  const ask = (form: Record<string, string>, headers = {}) =>
    postToken(getWorld(), { grant_type: 'client_credentials', audience, ...form }, headers);
  const send = async (assertion: string, more: Record<string, string> = {}) =>
    ask({ ...assertionForm(assertion), ...more });
  const cryptoKey = (key: KeyObject, algorithm = 'RS256') =>
    key.toCryptoKey(
      {
        name: algorithm === 'PS256' ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5',
        hash: algorithm === 'RS384' ? 'SHA-384' : 'SHA-256',
      },
      true,
      ['sign'],
    );
  const now = () => Math.floor(getWorld().broker.clock.now().getTime() / 1000);

  test.each([
    ['RS256', first, {}],
    ['RS384', second, {}],
    ['PS256', pss, {}],
    ['RS256', first, { aud: 'token endpoint' }],
    ['RS256', first, { aud: 'pushed requests' }],
    ['RS256', first, { aud: ['issuer'] }],
  ])('gets a token with %s %#', async (alg, pair, claims: { aud?: unknown }) => {
    const { broker } = getWorld();
    const endpoint = broker.url(claims.aud === 'pushed requests' ? 'oauth/par' : 'oauth/token');
    const aud = Array.isArray(claims.aud) ? [broker.issuerUrl] : claims.aud && endpoint;
    const key = cryptoKey(pair.privateKey, alg);
    const assertion = await createAssertion(key, about(), {
      header: { alg },
      claims: aud === undefined ? {} : { aud },
    });
    const { status, body } = await send(assertion);
    expect(status, JSON.stringify(body)).toBe(200);
  });

  test('gets a token with client_id beside it, and with a kid that is its own', async () => {
    const key = cryptoKey(first.privateKey);
    const named = await createAssertion(key, about(), { header: { kid: 'of-the-client' } });
    expect((await send(named, { client_id: 'signing' })).status).toBe(200);
  });

  test('DN-14: an assertion works once, also of a hundred sent at the same moment', async () => {
    const assertion = await createAssertion(cryptoKey(first.privateKey), about());
    const answers = await Promise.all(times(100, () => send(assertion)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 200)) {
      expect({ status, body }).toEqual({ status: 401, body: refused });
    }
  });

  test('the jti of one client does not spend the same jti of another', async () => {
    const key = cryptoKey(first.privateKey);
    const claims = { jti: 'a-name-that-both-use' };
    expect((await send(await createAssertion(key, about(), { claims }))).status).toBe(200);
    expect((await send(await createAssertion(key, about('also-signing'), { claims }))).status).toBe(200);
  });

  const claims: readonly (readonly [string, () => Record<string, unknown>])[] = [
    ['two audiences', () => ({ aud: [getWorld().broker.issuerUrl, 'https://other.example.com/'] })],
    ['our own audience twice', () => ({ aud: [getWorld().broker.issuerUrl, getWorld().broker.url('oauth/token')] })],
    ['another audience', () => ({ aud: 'https://other.example.com/' })],
    ['the issuer without its slash', () => ({ aud: getWorld().broker.issuerUrl.slice(0, -1) })],
    ['another endpoint', () => ({ aud: getWorld().broker.url('userinfo') })],
    ['no audience', () => ({ aud: undefined })],
    ['an empty list of audiences', () => ({ aud: [] })],
    ['an end more than five minutes ahead', () => ({ exp: now() + 330 })],
    ['no end', () => ({ exp: undefined })],
    ['an end in the past', () => ({ exp: now() - 30 })],
    ['an end that is text', () => ({ exp: String(now() + 60) })],
    ['a beginning in the future', () => ({ nbf: now() + 60 })],
    ['an issue in the future', () => ({ iat: now() + 60 })],
    ['no jti', () => ({ jti: undefined })],
    ['an empty jti', () => ({ jti: '' })],
    ['a jti that is a number', () => ({ jti: 7 })],
    ['a jti of kilobytes', () => ({ jti: 'x'.repeat(4000) })],
    ['another issuer', () => ({ iss: 'web' })],
    ['no issuer', () => ({ iss: undefined })],
    ['the subject of another client', () => ({ sub: 'machine' })],
    ['the subject of another client that signs', () => ({ sub: 'also-signing' })],
    ['an unknown subject', () => ({ sub: 'nobody', iss: 'nobody' })],
    ['no subject', () => ({ sub: undefined })],
  ];
  test.each(claims)('DN-14: %s is refused', async (_, make) => {
    const assertion = await createAssertion(cryptoKey(first.privateKey), about(), { claims: make() });
    const { status, body } = await send(assertion);
    expect({ status, body }).toEqual({ status: 401, body: refused });
  });

  test("another's key, a key that has ended, and another algorithm are refused", async () => {
    for (const [pair, alg] of [
      [stranger, 'RS256'],
      [ended, 'RS256'],
      [first, 'RS384'],
      [first, 'PS256'],
      [pss, 'RS256'],
    ] as const) {
      const assertion = await createAssertion(cryptoKey(pair.privateKey, alg), about(), { header: { alg } });
      expect((await send(assertion)).status).toBe(401);
    }
  });

  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = () => ({
    iss: 'signing',
    sub: 'signing',
    aud: getWorld().broker.issuerUrl,
    exp: now() + 60,
    jti: 'j',
  });

  test('DN-14: no signature, or one made with the public key as a secret, is refused', async () => {
    const forged = [
      ...['none', 'None', ''].map((alg) => `${encode({ alg })}.${encode(payload())}.`),
      ...[pemOf(first.publicKey), first.publicKey.export({ format: 'der', type: 'spki' })].map((secret) => {
        const input = `${encode({ alg: 'HS256' })}.${encode(payload())}`;
        return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
      }),
      'a.b.c',
      'e30.e30.e30',
      encode(payload()),
    ];
    for (const assertion of forged) {
      const { status, body } = await send(assertion);
      expect({ status, body }).toEqual({ status: 401, body: refused });
    }
  });

  test('a secret is no way in for a client with a key, and an assertion none for a client with a secret', async () => {
    const basic = (id: string) => ({
      authorization: `Basic ${Buffer.from(`${id}:${machineSecret}`).toString('base64')}`,
    });
    const key = cryptoKey(first.privateKey);
    const answers = [
      await ask({ client_id: 'also-signing', client_secret: machineSecret }),
      await ask({}, basic('also-signing')),
      await ask({ client_id: 'also-signing' }),
      await send(await createAssertion(key, about('machine'))),
      await send(await createAssertion(key, about('also-signing')), { client_secret: machineSecret }),
      await ask(assertionForm(await createAssertion(key, about('also-signing'))), basic('also-signing')),
      await send(await createAssertion(key, about('also-signing')), { client_id: 'signing' }),
      await ask({ client_id: 'also-signing', client_assertion: await createAssertion(key, about('also-signing')) }),
      await ask({ client_id: 'machine', client_secret: machineSecret, client_assertion_type: 'x' }),
    ];
    for (const { status, body } of answers) expect({ status, body }).toEqual({ status: 401, body: refused });
  });

  test('the log says what was wrong and repeats nothing of the assertion', async () => {
    const { broker } = getWorld();
    const before = broker.logs.length;
    const assertion = await createAssertion(cryptoKey(stranger.privateKey), about());
    await send(assertion);
    const logged = JSON.stringify(broker.logs.slice(before));
    expect(logged).toContain('client assertion: ');
    for (const part of assertion.split('.')) expect(logged).not.toContain(part);
  });
});

describe('a certificate', () => {
  const clockNow = new Date('2010-01-01T00:00:00Z');
  const certificate = new X509Certificate(
    selfSignedCertificate({
      publicKey: createPublicKey(first.privateKey),
      name: 'of an application',
      now: clockNow,
      sign: (data) => Buffer.from(data.subarray(0, 256)),
    }),
  ).toString();
  const getWorld = useWorld({
    change(seed) {
      for (const [id, more] of [
        ['lasting', {}],
        ['ended', { parse_expiry_from_cert: true }],
      ] as const) {
        const credentials = [{ credential_type: 'public_key' as const, pem: certificate, ...more }];
        seed.clients.push({
          client_id: id,
          name: id,
          grant_types: ['client_credentials'],
          client_authentication_methods: { private_key_jwt: { credentials } },
        });
        seed.client_grants.push({ client_id: id, audience, scope: [] });
      }
    },
  });

  test('gives the key, and its own end where that is asked for', async () => {
    const { broker } = getWorld();
    const key = first.privateKey.toCryptoKey({ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, true, ['sign']);
    const statusOf = async (clientId: string) => {
      const now = broker.clock.now();
      const assertion = await createAssertion(key, { clientId, audience: broker.issuerUrl, now });
      const form = { grant_type: 'client_credentials', audience, ...assertionForm(assertion) };
      return (await postToken(getWorld(), form)).status;
    };
    expect(await statusOf('lasting')).toBe(200);
    expect(await statusOf('ended')).toBe(401);
  });
});
