import { createHash, createHmac } from 'node:crypto';
import { type CryptoKey, exportSPKI, importJWK, type JWTPayload, UnsecuredJWT } from 'jose';
import { afterEach, describe, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { useWorld } from '../support/databases.ts';
import { answerParameters, authorizeUrl, callback } from '../support/world.ts';

/*
 * Here we are the application, and the provider misbehaves. The suite lets an application skip the signature of an ID
 * token that it fetched itself; we do not skip it.
 */

const getWorld = useWorld({
  change(seed) {
    const [mapped] = seed.connections;
    if (mapped === undefined) throw new Error('the seed has it');
    const issuer = String(mapped.options.authorizationURL).replace('/authorize', '');
    const add = (name: string, more: object) =>
      seed.connections.push({
        ...mapped,
        name,
        options: { ...mapped.options, issuer, scope: 'openid profile', ...more },
      });
    add('openid', {});
    add('openid-basic', { token_endpoint_auth_method: 'client_secret_basic' });
    add('openid-many-keys', { jwks_uri: `${issuer}/jwks?many` });
    add('openid-mismatch', { discovery_url: `${issuer}/.well-known/openid-configuration`, issuer: `${issuer}/other` });
  },
});
afterEach(() => {
  for (const endpoint of ['authorize', 'token', 'userinfo', 'jwks', 'discovery'] as const) {
    getWorld().provider.on(endpoint, undefined);
  }
});

/** undefined leaves a claim out. */
type Claims = Readonly<Record<string, string | undefined>>;
type MakeIdToken = (nonce: string) => string | Promise<string>;
const accessToken = 'access-token-of-the-suite';

/** The provider answers with this ID token, and everything else is as it must be. */
function answerWith(makeIdToken: MakeIdToken, userinfo: object = { id: 'user-1', sub: 'user-1', name: 'Ada' }): void {
  const { provider } = getWorld();
  let nonce = '';
  provider.on('authorize', ({ query }) => {
    nonce = query.get('nonce') ?? '';
    return undefined;
  });
  provider.on('token', async () => ({
    body: { access_token: accessToken, token_type: 'Bearer', id_token: await makeIdToken(nonce) },
  }));
  provider.on('userinfo', () => ({ body: userinfo }));
}
const bent = (claims: Claims) =>
  answerWith((nonce) => getWorld().provider.signIdToken({ nonce, ...claims } as JWTPayload));

async function signIn(connection = 'openid') {
  const agent = createAgent();
  const answer = await agent.follow(authorizeUrl(getWorld(), { connection }), callback);
  return { agent, fields: answerParameters(answer) };
}
async function isAccepted(connection?: string): Promise<void> {
  const { fields } = await signIn(connection);
  expect(fields.code, JSON.stringify(fields)).toMatch(/^ac_/);
}
/** Neither a code nor a session comes of it. */
async function isRefused(connection?: string): Promise<void> {
  const { agent, fields } = await signIn(connection);
  expect(fields.error, JSON.stringify(fields)).toBe('invalid_request');
  expect(fields).not.toHaveProperty('code');
  expect(agent.cookies.has('auth0')).toBe(false);
}

const half = (text: string): string => createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const tamper = (idToken: string): string => {
  const [header, payload, signature = ''] = idToken.split('.');
  return `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
};
const publicKeys = async (): Promise<{ readonly keys: Record<string, unknown>[] }> =>
  (await fetch(getWorld().provider.jwksUrl)).json() as never;

/** Signed by a secret that is the public key. */
async function signWithPublicKey(nonce: string): Promise<string> {
  const [key = {}] = (await publicKeys()).keys;
  const pem = await exportSPKI((await importJWK(key, 'ES256')) as CryptoKey);
  const [, payload] = (await getWorld().provider.signIdToken({ nonce })).split('.');
  const signed = `${encode({ alg: 'HS256', kid: key.kid })}.${payload}`;
  return `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`;
}

/** Right in everything, but an algorithm whose signature is another key's. */
async function signFor(algorithm: string, nonce: string): Promise<string> {
  const [, payload, signature] = (await getWorld().provider.signIdToken({ nonce })).split('.');
  return `${encode({ alg: algorithm })}.${payload}.${signature}`;
}

async function withoutKid(nonce: string): Promise<string> {
  const { provider } = getWorld();
  return provider.signIdToken({ nonce }, undefined, { kid: undefined });
}

describe('oidcc-client-basic-certification-test-plan', () => {
  test('oidcc-client-test', () => isAccepted());

  test.each<[string, Claims]>([
    ['oidcc-client-test-invalid-iss', { iss: 'https://evil.example.com' }],
    ['oidcc-client-test-invalid-aud', { aud: 'another-client' }],
    ['oidcc-client-test-missing-aud', { aud: undefined }],
    ['oidcc-client-test-missing-iat', { iat: undefined }],
    ['oidcc-client-test-missing-sub', { sub: undefined }],
    ['oidcc-client-test-nonce-invalid', { nonce: 'another-nonce' }],
    ['oidcc-client-test-invalid-athash', { at_hash: half('another token') }],
  ])('%s', (_, claims) => {
    bent(claims);
    return isRefused();
  });

  test('oidcc-client-test-missing-athash', () => {
    bent({ at_hash: undefined });
    return isAccepted();
  });

  test('oidcc-client-test-invalid-sig-es256', () => {
    answerWith(async (nonce) => tamper(await getWorld().provider.signIdToken({ nonce })));
    return isRefused();
  });
  test('oidcc-client-test-invalid-sig-rs256', () => {
    answerWith((nonce) => signFor('RS256', nonce));
    return isRefused();
  });
  test('oidcc-client-test-invalid-sig-hs256', () => {
    answerWith(signWithPublicKey);
    return isRefused();
  });
  test('oidcc-client-test-idtoken-sig-none', () => {
    const { issuer, clientId } = getWorld().provider;
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, aud: clientId, sub: 'user-1', iat: now, exp: now + 300 };
    answerWith((nonce) => new UnsecuredJWT({ ...claims, nonce }).encode());
    return isRefused();
  });

  test('oidcc-client-test-kid-absent-single-jwks', () => {
    answerWith(withoutKid);
    return isAccepted();
  });
  test('oidcc-client-test-kid-absent-multiple-jwks', async () => {
    const { provider } = getWorld();
    provider.rotateKeys();
    const first = (await publicKeys()).keys;
    provider.rotateKeys();
    const second = (await publicKeys()).keys;
    provider.on('jwks', () => ({ body: { keys: [...first, ...second] } }));
    answerWith(withoutKid);
    await isRefused('openid-many-keys');
  });

  test('oidcc-client-test-signing-key-rotation', async () => {
    getWorld().broker.clock.advance(60);
    await isAccepted();
    getWorld().provider.rotateKeys();
    getWorld().broker.clock.advance(60);
    await isAccepted();
  });
  test('oidcc-client-test-signing-key-rotation-just-before-signing', async () => {
    getWorld().broker.clock.advance(60);
    answerWith((nonce) => {
      getWorld().provider.rotateKeys();
      return getWorld().provider.signIdToken({ nonce });
    });
    await isAccepted();
  });

  test('oidcc-client-test-userinfo-invalid-sub', () => {
    answerWith((nonce) => getWorld().provider.signIdToken({ nonce }), { id: 'user-2', sub: 'user-2' });
    return isRefused();
  });
  test('oidcc-client-test-discovery-issuer-mismatch', () => isRefused('openid-mismatch'));
  test('oidcc-client-test-client-secret-basic', async () => {
    await isAccepted('openid-basic');
    const { authorization } = getWorld().provider.requestsTo('token').at(-1)?.headers ?? {};
    expect(authorization).toMatch(/^Basic /);
  });
});
