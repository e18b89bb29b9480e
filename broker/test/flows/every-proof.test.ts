import { generateKeyPairSync } from 'node:crypto';
import { decodeProtectedHeader } from 'jose';
import * as oidc from 'openid-client';
import { expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { useWorld } from '../support/databases.ts';
import { audience, callback } from '../support/world.ts';

/* Everything that an application can prove, at once, by a certified library: key, pushed request, DPoP, PS256. */

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

const getWorld = useWorld({
  change(seed) {
    const credential = { credential_type: 'public_key' as const, alg: 'PS256' as const };
    seed.clients.push({
      client_id: 'proving',
      name: 'Proves everything',
      callbacks: [callback],
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      client_authentication_methods: {
        private_key_jwt: {
          credentials: [{ ...credential, pem: publicKey.export({ format: 'pem', type: 'spki' }) as string }],
        },
      },
      require_pushed_authorization_requests: true,
      require_proof_of_possession: true,
      jwt_configuration: { alg: 'PS256' },
    });
    seed.client_grants.push({ client_id: 'proving', audience, scope: ['read:shows'] });
    for (const { enabled_clients: enabled } of seed.connections) enabled?.push('proving');
    for (const api of seed.resource_servers) {
      Object.assign(api, { signing_alg: 'PS256', token_dialect: 'rfc9068_profile' });
    }
  },
});

async function discover(): Promise<oidc.Configuration> {
  const key = privateKey.toCryptoKey({ name: 'RSA-PSS', hash: 'SHA-256' }, false, ['sign']);
  const metadata = { id_token_signed_response_alg: 'PS256', use_mtls_endpoint_aliases: false };
  return oidc.discovery(new URL(getWorld().broker.issuerUrl), 'proving', metadata, oidc.PrivateKeyJwt(key), {
    execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
  });
}

test('a sign-in, the person, a renewal, and a token for the client itself', async () => {
  const config = await discover();
  const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'));
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [oidc.randomState(), oidc.randomNonce()];
  const parameters = {
    redirect_uri: callback,
    scope: 'openid profile offline_access read:shows',
    audience,
    connection: 'mapped',
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
  };
  const url = await oidc.buildAuthorizationUrlWithPAR(config, parameters, { DPoP });
  expect([...url.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
  const answer = await createAgent().follow(url.href, callback);
  const tokens = await oidc.authorizationCodeGrant(
    config,
    new URL(answer.location ?? 'missing:'),
    { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true },
    undefined,
    { DPoP },
  );
  expect(tokens.token_type).toBe('dpop');
  expect(decodeProtectedHeader(String(tokens.id_token)).alg).toBe('PS256');
  expect(decodeProtectedHeader(tokens.access_token)).toMatchObject({ alg: 'PS256', typ: 'at+jwt' });
  const subject = String(tokens.claims()?.sub);
  const person = await oidc.fetchUserInfo(config, tokens.access_token, subject, { DPoP });
  expect(person.sub).toBe(subject);
  const renewed = await oidc.refreshTokenGrant(config, String(tokens.refresh_token), undefined, { DPoP });
  expect(renewed.token_type).toBe('dpop');
  const own = await oidc.clientCredentialsGrant(config, { audience }, { DPoP });
  expect([own.token_type, own.scope]).toEqual(['dpop', 'read:shows']);
});

test('discovery names every address and algorithm that is served', async () => {
  const { broker } = getWorld();
  const document = (await discover()).serverMetadata();
  expect(document).toMatchObject({
    issuer: broker.issuerUrl,
    pushed_authorization_request_endpoint: broker.url('oauth/par'),
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    token_endpoint_auth_signing_alg_values_supported: ['RS256', 'RS384', 'PS256'],
    id_token_signing_alg_values_supported: ['HS256', 'RS256', 'PS256'],
    dpop_signing_alg_values_supported: ['ES256'],
  });
  const addresses = Object.entries(document).filter(([name]) => /_(endpoint|uri)$/.test(name));
  expect(addresses.length).toBeGreaterThan(6);
  for (const [, address] of addresses) {
    const answers = await Promise.all(
      ['GET', 'POST'].map((method) => fetch(String(address), { method, redirect: 'manual' })),
    );
    expect(
      answers.map(({ status }) => status).some((status) => status !== 404),
      String(address),
    ).toBe(true);
  }
});
