import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { decodeProtectedHeader } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { databases, useWorld } from '../support/databases.ts';
import { type Api, type ApiAnswer, addAdmin, createApi } from '../support/management.ts';

const scopes = ['read', 'create', 'update'].map((verb) => `${verb}:signing_keys`);

type WireKey = {
  readonly kid: string;
  readonly cert: string;
  readonly pkcs7: string;
  readonly current: boolean;
  readonly next: boolean;
  readonly previous: boolean;
  readonly fingerprint: string;
  readonly thumbprint: string;
  readonly revoked: boolean;
  readonly current_since?: string;
  readonly current_until?: string;
};

describe.each(databases)('signing keys through /api/v2 on %s', (database) => {
  const getWorld = useWorld({ change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, scopes) }, database);
  let api: Api;
  beforeAll(async () => {
    api = await createApi(getWorld());
  });
  const list = async () => (await api.call('GET', '/keys/signing')).body as readonly WireKey[];
  const kidOf = async (state: 'current' | 'next' | 'previous') => (await list()).find((key) => key[state])?.kid;
  const bodyOf = (answer: ApiAnswer) => answer.body as { readonly kid: string; readonly cert: string };

  test('a list shows next and current with certificates that Node and OpenSSL read', async () => {
    const keys = await list();
    expect(keys.map(({ next, current, previous, revoked }) => [next, current, previous, revoked])).toEqual([
      [true, false, false, false],
      [false, true, false, false],
    ]);
    for (const key of keys) {
      const certificate = new X509Certificate(key.cert);
      expect(key.fingerprint).toBe(certificate.fingerprint);
      expect(key.thumbprint).toBe(certificate.fingerprint.replaceAll(':', ''));
      const printed = spawnSync('openssl', ['pkcs7', '-print_certs'], { input: key.pkcs7, encoding: 'utf8' });
      expect(printed.status, printed.stderr).toBe(0);
      expect(new X509Certificate(printed.stdout).fingerprint).toBe(certificate.fingerprint);
      expect(await api.call('GET', `/keys/signing/${key.kid}`)).toMatchObject({ status: 200, body: key });
    }
  });

  test('a rotation waits until everybody can know the next key, signs with it, and what signed before can be revoked', async () => {
    const [before, next] = [await kidOf('current'), await kidOf('next')];
    expect(await api.call('POST', '/keys/signing/rotate')).toMatchObject({
      status: 429,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
      body: { errorCode: 'too_many_requests' },
    });
    getWorld().broker.clock.advance(61);
    const rotated = await api.call('POST', '/keys/signing/rotate');
    expect(rotated).toMatchObject({ status: 201, body: { kid: next } });
    expect([await kidOf('previous'), await kidOf('current')]).toEqual([before, next]);
    const [, signing, previous] = await list();
    expect(Date.parse(String(signing?.current_since)) - Date.parse(String(previous?.current_since))).toBeGreaterThan(
      60_000,
    );
    expect(previous?.current_until).toBe(signing?.current_since);
    const after = await createApi(getWorld());
    expect(decodeProtectedHeader(after.token).kid).toBe(next);
    expect((await api.call('GET', '/keys/signing')).status).toBe(200);

    expect(await api.call('PUT', `/keys/signing/${next}/revoke`)).toMatchObject({ status: 400 });
    const revoked = await after.call('PUT', `/keys/signing/${before}/revoke`);
    expect(revoked.status).toBe(200);
    expect(bodyOf(revoked)).toMatchObject({ kid: before, cert: expect.stringContaining('BEGIN CERTIFICATE') });
    expect((await api.call('GET', '/keys/signing')).status, 'a token of the revoked key').toBe(401);
    expect(await after.call('PUT', `/keys/signing/${before}/revoke`)).toMatchObject({
      status: 404,
      body: { message: 'The signing key does not exist' },
    });
    const said = (await getWorld().broker.store.logs.list(50)).flatMap(({ type, description }) =>
      type === 'sapi' ? [description] : [],
    );
    expect(said).toEqual(expect.arrayContaining(['Rotate the signing keys', 'Revoke a signing key']));
    api = after;
  });

  test.each(['create:signing_keys', 'update:signing_keys'])(
    'rotating takes both scopes; %s alone is refused',
    async (scope) => {
      const halfway = await createApi(getWorld(), scope);
      expect(await halfway.call('POST', '/keys/signing/rotate')).toMatchObject({
        status: 403,
        body: { errorCode: 'insufficient_scope' },
      });
    },
  );
});
