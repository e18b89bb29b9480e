import { createPublicKey, randomBytes, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import type { CliDeps } from '../../src/cli/deps.ts';
import { readConfig, readScriptSettings } from '../../src/config.ts';
import { systemClock } from '../../src/core/clock.ts';
import { obtainTokens, web } from '../support/applications.ts';
import { type Broker, freePort, startBroker } from '../support/broker.ts';
import { type CommandResult, portico } from '../support/command-line.ts';
import { databases, useDatabase } from '../support/databases.ts';
import { createProof, createProofKey } from '../support/proofs.ts';
import { audience, machineSecret, postToken, type Reachable, startWorld, type World } from '../support/world.ts';

/*
 * JW-17: signing keys change under way. Whatever broker signed a token, and whatever broker the key set is fetched from,
 * at any moment the token verifies, until its key is revoked.
 */

const machine = { grant_type: 'client_credentials', client_id: 'machine', client_secret: machineSecret, audience };
type ListedKey = { readonly kid: string; readonly state: string };

describe.each(databases)('signing keys on %s', (database) => {
  const server = useDatabase(database);
  let directory: string;
  let world: World;
  let others: Broker[];
  let environment: Record<string, string>;
  /** Every broker, by its own address: SQLite has one, PostgreSQL two. */
  let at: Reachable[];

  beforeAll(async () => {
    const [port, otherPort, databaseUrl] = [await freePort(), await freePort(), await server.url()];
    directory = mkdtempSync(join(tmpdir(), 'portico-keys-'));
    const url = databaseUrl ?? `sqlite:${join(directory, 'portico.db')}`;
    environment = {
      PORTICO_DATABASE_URL: url,
      PORTICO_SEALING_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      PORTICO_ISSUER: `http://localhost:${port}/`,
    };
    world = await startWorld({ databaseUrl: url, environment: { ...environment, PORTICO_PORT: String(port) } });
    others =
      database === 'sqlite'
        ? []
        : [await startBroker({ databaseUrl: url, environment: { ...environment, PORTICO_PORT: String(otherPort) } })];
    at = [world.broker, ...others].map((broker) => ({
      broker: { url: (path: string) => `http://localhost:${broker.port}/${path}` },
    }));
  });
  afterAll(async () => {
    for (const broker of others) await broker.close();
    await world.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** The command as people type it, in this process: it opens the database beside the brokers all the same. */
  async function keys(...words: string[]): Promise<CommandResult> {
    const told = { output: '', errors: '' };
    const readStoreSettings = () => readConfig(environment, { createsKeys: false });
    const deps: CliDeps = {
      start: async () => {},
      readStoreSettings,
      prepareStoreSettings: readStoreSettings,
      npmEnvironment: {},
      readScriptSettings: () => readScriptSettings(environment),
      write: (text) => {
        told.output += text;
      },
      writeError: (text) => {
        told.errors += text;
      },
      clock: systemClock,
    };
    return { code: await runCommandLine(deps, ['keys', ...words]), ...told };
  }
  const listKeys = async (): Promise<ListedKey[]> => JSON.parse((await keys('list', '--json')).output);
  const kidOf = async (state: string) => (await listKeys()).find((key) => key.state === state)?.kid ?? '';
  const fetchKeys = async ({ broker }: Reachable) =>
    (await (await fetch(broker.url('.well-known/jwks.json'))).json()) as JSONWebKeySet;
  const everyKnows = (kid: string, isKnown = true) =>
    vi.waitFor(
      async () => {
        for (const place of at) {
          expect((await fetchKeys(place)).keys.some((key) => key.kid === kid)).toBe(isKnown);
        }
      },
      { timeout: 20_000, interval: 50 },
    );
  const tokenAt = async (place: Reachable): Promise<string> => {
    const { status, body } = await postToken(place, machine);
    expect(status).toBe(200);
    return String(body.access_token);
  };
  /** By the key set of every broker, fetched now. */
  async function checkEverywhere(token: string): Promise<void> {
    for (const place of at) await jwtVerify(token, createLocalJWKSet(await fetchKeys(place)));
  }
  const userinfoAt = async ({ broker }: Reachable, token: string) => {
    const { statusCode, body } = await request(broker.url('userinfo'), {
      headers: { authorization: `Bearer ${token}` },
    });
    await body.dump();
    return statusCode;
  };

  test('are listed as next, current and previous; a next key that is a moment old does not sign yet', async () => {
    const before = await listKeys();
    expect(before.map(({ state }) => state)).toEqual(['next', 'current']);
    expect((await keys('list')).output).toMatch(/^next {6}[\w-]{43} .*\ncurrent {3}[\w-]{43} /);
    expect(await keys('rotate')).toMatchObject({ code: 1, errors: expect.stringContaining('--force') });
    expect(await listKeys()).toEqual(before);
  });

  test('rotate while people sign in: every token verifies by the key set of every broker at every moment', async () => {
    const signed = new Set<string | undefined>();
    let isRotating = true;
    const work = at.map(async (place) => {
      while (isRotating) {
        const { id_token: idToken } = await obtainTokens(place, web);
        for (const token of [String(idToken), await tokenAt(place)]) {
          signed.add(decodeProtectedHeader(token).kid);
          await checkEverywhere(token);
        }
      }
    });
    const old = await tokenAt(world);
    for (let rotation = 0; rotation < 2; rotation += 1) {
      const next = await kidOf('next');
      // What the minute before a rotation is for: everybody has heard of the next key.
      await everyKnows(next);
      expect(await keys('rotate', '--force')).toEqual({ code: 0, output: `signing with ${next}\n`, errors: '' });
      for (const place of at) {
        const signsWith = async () => decodeProtectedHeader(await tokenAt(place)).kid;
        await vi.waitFor(async () => expect(await signsWith()).toBe(next), { timeout: 20_000, interval: 50 });
      }
    }
    isRotating = false;
    await Promise.all(work);
    expect(signed.size).toBeGreaterThan(1);
    await checkEverywhere(old);
    expect((await listKeys()).map(({ state }) => state)).toEqual(['next', 'current', 'previous', 'previous']);
  });

  test('of two rotations at the same moment one finds the new next key too young, and one key signs', async () => {
    const answers = await Promise.all([keys('rotate', '--force'), keys('rotate')]);
    expect(answers.map(({ code }) => code)).toContain(1);
    expect((await listKeys()).filter(({ state }) => state === 'current')).toHaveLength(1);
    await everyKnows(await kidOf('next'));
  });

  test('are revoked: what they signed is refused everywhere; opaque tokens stay', async () => {
    const { access_token: jwt } = await obtainTokens(world, web, { audience });
    const { access_token: opaque } = await obtainTokens(world, web);
    const signedBy = String(decodeProtectedHeader(jwt).kid);
    expect(await keys('revoke', signedBy)).toMatchObject({ code: 1, errors: expect.stringContaining('rotate first') });
    expect((await keys('rotate', '--force')).code).toBe(0);
    for (const place of at) expect(await userinfoAt(place, jwt)).toBe(200);
    expect(await keys('revoke', signedBy)).toMatchObject({ code: 0, output: `revoked ${signedBy}\n` });
    await everyKnows(signedBy, false);
    for (const place of at) {
      expect(await userinfoAt(place, jwt)).toBe(401);
      expect(await userinfoAt(place, opaque)).toBe(200);
    }
    expect(await keys('revoke', signedBy)).toMatchObject({
      code: 1,
      errors: expect.stringContaining('there is no key'),
    });
  });

  test('a next key that is revoked is replaced by another one', async () => {
    const next = await kidOf('next');
    expect((await keys('revoke', next)).code).toBe(0);
    const another = await kidOf('next');
    expect(another).not.toBe(next);
    await everyKnows(another);
  });

  test('the certificate of the key that signs is there as a file, and has its name', async () => {
    const current = await kidOf('current');
    for (const [path, type] of [
      ['pem', 'application/x-pem-file'],
      ['cer', 'application/x-x509-ca-cert'],
      ['rawpem', 'text/plain; charset=utf-8'],
    ] as const) {
      const response = await fetch(world.broker.url(path));
      expect(response.headers.get('content-type')).toBe(type);
      const certificate = new X509Certificate(await response.text());
      const jwk = (await fetchKeys(world)).keys.find(({ kid }) => kid === current);
      expect(certificate.publicKey.equals(createPublicKey({ key: { ...jwk }, format: 'jwk' }))).toBe(true);
      expect(certificate.subject).toBe('CN=localhost');
      expect(certificate.verify(certificate.publicKey)).toBe(true);
    }
    const keySet = await fetch(world.broker.url('.well-known/jwks.json'));
    expect(keySet.headers.get('cache-control')).toBe('public, max-age=15');
  });

  test('brokers agree on nonces of proofs, and on the proofs that are spent', async () => {
    const [here, there] = [at[0], at.at(-1)];
    if (here === undefined || there === undefined) throw new Error('there is one at least');
    const key = await createProofKey();
    const target = { method: 'POST', url: `${world.broker.issuerUrl}oauth/token`, now: new Date() };
    const { headers } = await postToken(here, machine, { dpop: await createProof(key, target) });
    const proof = await createProof(key, target, { claims: { nonce: headers['dpop-nonce'] } });
    expect((await postToken(there, machine, { dpop: proof })).status).toBe(200);
    expect((await postToken(here, machine, { dpop: proof })).body).toMatchObject({ error: 'invalid_dpop_proof' });
  });
});

test('without a database there is nothing to rotate', async () => {
  const environment = {
    PORTICO_DATABASE_URL: 'sqlite:/nowhere/portico.db',
    PORTICO_SEALING_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  };
  expect(await portico(environment, 'keys', 'rotate')).toMatchObject({
    code: 1,
    errors: expect.stringContaining('there is no database'),
  });
});
