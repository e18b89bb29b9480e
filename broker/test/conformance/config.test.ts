import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { type CryptoKey, decodeProtectedHeader, exportSPKI, importJWK, type JSONWebKeySet } from 'jose';
import * as oidc from 'openid-client';
import { describe, expect, test, vi } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { systemClock } from '../../src/core/clock.ts';
import { rotateSigningKeys } from '../../src/setup/signing-keys.ts';
import { createVault } from '../../src/vault/vault.ts';
import { startBroker } from '../support/broker.ts';
import { useWorld } from '../support/databases.ts';
import { assertionForm, createAssertion } from '../support/proofs.ts';
import { callback, postToken, redeem, webSecret } from '../support/world.ts';
import { authorize, type Flow, type Op, open, signIn } from './relying-party.ts';

/*
 * What is known about us before anybody asks, and what changes of it: the Config plan, and of the Dynamic plan what has a
 * sense without dynamic registration.
 */

const callbackWithQuery = `${callback}?registered=yes`;
const sealingKeys = `k1:${randomBytes(32).toString('base64')}`;
const keyPairs = [0, 1].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }));

const getWorld = useWorld({
  environment: { PORTICO_SEALING_KEYS: sealingKeys },
  change(seed) {
    const [web] = seed.clients;
    if (web === undefined) throw new Error('the seed has it');
    web.callbacks?.push(callbackWithQuery);
    const { client_secret: _, ...withoutSecret } = web;
    const credentials = keyPairs.map(({ publicKey }) => ({
      credential_type: 'public_key' as const,
      pem: publicKey.export({ format: 'pem', type: 'spki' }) as string,
    }));
    seed.clients.push({
      ...withoutSecret,
      client_id: 'signing',
      client_authentication_methods: { private_key_jwt: { credentials } },
    });
    for (const { enabled_clients: enabled } of seed.connections) enabled?.push('signing');
  },
});

const flow: Flow = { plan: 'oidcc-dynamic-certification-test-plan', responseType: 'code', mode: 'default' };
const op = (): Op => ({ world: getWorld(), flow });

const discover = async (): Promise<Record<string, unknown>> =>
  (await fetch(getWorld().broker.url('.well-known/openid-configuration'))).json() as never;
const fetchKeys = async (): Promise<JSONWebKeySet['keys']> =>
  ((await (await fetch(getWorld().broker.url('.well-known/jwks.json'))).json()) as JSONWebKeySet).keys;

describe('oidcc-config-certification-test-plan', () => {
  test('oidcc-discovery-endpoint-verification', async () => {
    const { issuerUrl } = getWorld().broker;
    const document = await discover();
    expect(document).toMatchObject({
      issuer: issuerUrl,
      scopes_supported: expect.arrayContaining(['openid']),
      response_types_supported: expect.arrayContaining(['code', 'id_token']),
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: expect.arrayContaining(['RS256']),
      claims_supported: expect.arrayContaining(['sub']),
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
    });
    for (const name of ['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'jwks_uri']) {
      expect(String(document[name]).startsWith(issuerUrl), name).toBe(true);
    }
    const keys = await fetchKeys();
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length);
    for (const key of keys) {
      expect(key).toMatchObject({ kty: 'RSA', use: 'sig', kid: expect.any(String) });
      expect(key).not.toHaveProperty('d');
      expect(await exportSPKI((await importJWK(key)) as CryptoKey)).toContain('BEGIN PUBLIC KEY');
    }
    const insecure = { execute: [oidc.allowInsecureRequests] };
    const configuration = await oidc.discovery(new URL(issuerUrl), 'web', webSecret, undefined, insecure);
    expect(configuration.serverMetadata().issuer).toBe(issuerUrl);
  });
});

describe('oidcc-dynamic-certification-test-plan', () => {
  test('oidcc-server-rotate-keys', async () => {
    const before = await signIn(op());
    const known = await fetchKeys();
    const { keyring } = readConfig({ PORTICO_SEALING_KEYS: sealingKeys }, { createsKeys: false });
    const vault = createVault({ keyring });
    await rotateSigningKeys({ store: getWorld().broker.store, vault, clock: systemClock }, 'hurry');
    await vi.waitFor(
      async () => {
        const { idToken } = await signIn(op());
        expect(decodeProtectedHeader(idToken).kid).not.toBe(decodeProtectedHeader(before.idToken).kid);
      },
      { timeout: 15_000, interval: 100 },
    );
    const now = (await fetchKeys()).map(({ kid }) => kid);
    expect(now).toEqual(expect.arrayContaining(known.map(({ kid }) => kid)));
    expect(now.length).toBeGreaterThan(known.length);
  });

  test('oidcc-redirect-uri-query-OK', async () => {
    const { fields } = await authorize(op(), { redirect_uri: callbackWithQuery });
    expect(fields.registered).toBe('yes');
    expect((await redeem(getWorld(), fields.code, { redirect_uri: callbackWithQuery })).status).toBe(200);
  });

  test('oidcc-redirect-uri-query-mismatch', () => isRefused(`${callback}?registered=no`));
  test('oidcc-redirect-uri-query-added', () => isRefused(`${callbackWithQuery}&more=1`));

  async function isRefused(redirectUri: string): Promise<void> {
    const answer = await open(op(), { redirect_uri: redirectUri });
    expect({ status: answer.status, location: answer.location }).toEqual({ status: 400, location: undefined });
  }

  test('oidcc-redirect-uri-regfrag', async () => {
    const client = { client_id: 'fragment', name: 'x', app_type: 'spa' as const, callbacks: [`${callback}#part`] };
    await expect(startBroker({ seed: { clients: [client] } })).rejects.toThrow('must not have a fragment');
  });

  test('oidcc-ensure-redirect-uri-in-authorization-request', async () => {
    const answer = await open(op(), { redirect_uri: undefined });
    expect({ status: answer.status, location: answer.location }).toEqual({ status: 400, location: undefined });
  });

  const about = () => ({
    clientId: 'signing',
    audience: getWorld().broker.issuerUrl,
    now: getWorld().broker.clock.now(),
  });
  const assertWith = async (pair: (typeof keyPairs)[number] | undefined) => {
    const pem = pair?.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    return assertionForm(await createAssertion(createPrivateKey(pem).toCryptoKey(algorithm, true, ['sign']), about()));
  };
  const redeemWith = async (pair: (typeof keyPairs)[number] | undefined) => {
    const { fields } = await authorize(op(), { client_id: 'signing', scope: 'openid offline_access' });
    const form = { grant_type: 'authorization_code', code: fields.code, redirect_uri: callback };
    return postToken(getWorld(), { ...form, ...(await assertWith(pair)) });
  };

  test('oidcc-ensure-client-assertion-with-iss-aud-succeeds', async () => {
    const { status, body } = await redeemWith(keyPairs[0]);
    expect(status, JSON.stringify(body)).toBe(200);
  });

  test('oidcc-refresh-token-rp-key-rotation', async () => {
    const { body } = await redeemWith(keyPairs[0]);
    const form = { grant_type: 'refresh_token', refresh_token: String(body.refresh_token) };
    const renewed = await postToken(getWorld(), { ...form, ...(await assertWith(keyPairs[1])) });
    expect(renewed.status, JSON.stringify(renewed.body)).toBe(200);
    expect((await postToken(getWorld(), form)).status).toBe(401);
  });
});
