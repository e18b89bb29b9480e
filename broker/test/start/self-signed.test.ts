import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { ConfigError } from '../../src/core/errors.ts';
import { issueServer } from '../../src/tls/issue.ts';
import { openSelfSigned } from '../../src/tls/self-signed.ts';
import { type Broker, startBroker } from '../support/broker.ts';

let directory: string;
const cleanups: (() => unknown)[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'portico-tls-'));
});
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
  rmSync(directory, { recursive: true, force: true });
});

const daysLater = (days: number): Date => new Date(Date.now() + days * 86_400_000);
const names = ['portico.test', 'localhost', '127.0.0.1', '::1'];
const authorityOf = (place: string): string => readFileSync(join(place, 'authority.pem'), 'utf8');

async function start(environment: Record<string, string> = {}): Promise<Broker> {
  const broker = await startBroker({
    environment: { PORTICO_TLS: 'self-signed', PORTICO_TLS_DIR: directory, ...environment },
  });
  cleanups.push(broker.close);
  return broker;
}

type Shaken = { readonly certificate: X509Certificate } | { readonly refused: string };

/** A TLS handshake as a client makes it that trusts one authority. */
function shakeHands(port: number, { ca, name }: { readonly ca: string; readonly name: string }): Promise<Shaken> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: 'localhost', ca, servername: name }, () => {
      const certificate = socket.getPeerX509Certificate();
      socket.destroy();
      resolve(certificate === undefined ? { refused: 'no certificate' } : { certificate });
    });
    socket.on('error', (error) => resolve({ refused: `${(error as NodeJS.ErrnoException).code}: ${error.message}` }));
  });
}

describe('PORTICO_TLS=self-signed', () => {
  test('who trusts the authority is served under every name of loopback, and nobody else is', async () => {
    const broker = await start();
    const ca = authorityOf(directory);
    expect(broker.issuerUrl).toBe(`https://localhost:${broker.port}/`);
    const shaken = await shakeHands(broker.port, { ca, name: 'localhost' });
    if (!('certificate' in shaken)) throw new Error(shaken.refused);
    const addresses = ['127.0.0.1', '::1'].filter((address) => shaken.certificate.checkIP(address) !== undefined);
    expect(addresses).toEqual(['127.0.0.1', '::1']);
    const other = mkdtempSync(join(tmpdir(), 'portico-tls-'));
    cleanups.push(() => rmSync(other, { recursive: true }));
    openSelfSigned({ directory: other, names }, new Date());
    const refused = await shakeHands(broker.port, { ca: authorityOf(other), name: 'localhost' });
    expect(refused).toEqual({ refused: expect.stringMatching(/UNABLE_TO_VERIFY|SELF_SIGNED/) });
  });

  test('it says at the start how to trust the authority', async () => {
    const { logs } = await start();
    const said = logs.find(({ message }) => message.includes('self-signed'));
    expect(said?.level).toBe('warn');
    expect(said?.fields).toMatchObject({ for_node: `NODE_EXTRA_CA_CERTS=${join(directory, 'authority.pem')}` });
  });

  test('a running broker takes up a new certificate of the same authority before the old one ends', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] });
    cleanups.push(() => vi.useRealTimers());
    openSelfSigned({ directory, names: ['localhost', '127.0.0.1', '::1'] }, daysLater(-59.9));
    const broker = await start();
    const ca = authorityOf(directory);
    const first = await shakeHands(broker.port, { ca, name: 'localhost' });
    broker.clock.advance(86_400);
    vi.advanceTimersByTime(60_000);
    const second = await shakeHands(broker.port, { ca, name: 'localhost' });
    if (!('certificate' in first) || !('certificate' in second)) throw new Error(JSON.stringify([first, second]));
    expect(second.certificate.validToDate.getTime()).toBeGreaterThan(first.certificate.validToDate.getTime());
    expect(authorityOf(directory)).toBe(ca);
  });

  test('a renewal that fails is told, and the broker goes on', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] });
    cleanups.push(() => vi.useRealTimers());
    openSelfSigned({ directory, names: ['localhost', '127.0.0.1', '::1'] }, daysLater(-59.9));
    const broker = await start();
    const ca = authorityOf(directory);
    writeFileSync(join(directory, 'server-key.pem'), 'not a key');
    broker.clock.advance(86_400);
    vi.advanceTimersByTime(60_000);
    expect(broker.logs.map(({ message }) => message)).toContain('the certificate was not renewed');
    expect(await shakeHands(broker.port, { ca, name: 'localhost' })).toHaveProperty('certificate');
  });

  test('a directory that cannot be used is told in one sentence, and what is in it stays', async () => {
    openSelfSigned({ directory, names: ['localhost'] }, new Date());
    writeFileSync(join(directory, 'authority.pem'), 'not a certificate');
    await expect(start()).rejects.toThrow(/PORTICO_TLS_DIR: .* cannot be used .* remove it to have new certificates/);
    expect(authorityOf(directory)).toBe('not a certificate');
  });

  test.each([
    [{ PORTICO_TLS: 'automatic' }, 'PORTICO_TLS must be self-signed, or not set'],
    [
      { PORTICO_TLS: 'self-signed', PORTICO_ISSUER: 'http://localhost:3000/' },
      'PORTICO_ISSUER must be an https address',
    ],
    [
      { PORTICO_TLS: 'self-signed', PORTICO_TLS_CERT: 'a.pem', PORTICO_TLS_KEY: 'b.pem' },
      'PORTICO_TLS cannot be combined with PORTICO_TLS_CERT and PORTICO_TLS_KEY',
    ],
  ])('%j is refused', (environment, problem) => {
    const read = () => readConfig({ PORTICO_DATA_DIR: directory, ...environment });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(problem);
  });
});

describe('the certificates', () => {
  test('they are made once, and their keys are for the owner only', () => {
    const first = openSelfSigned({ directory, names }, new Date());
    const again = openSelfSigned({ directory, names }, new Date());
    expect(again).toEqual(first);
    for (const name of ['authority-key.pem', 'server-key.pem']) {
      expect(statSync(join(directory, name)).mode & 0o777, name).toBe(0o600);
    }
  });

  test('the last thirty days bring a new certificate, another host too; the authority stays as long as it may', () => {
    const first = openSelfSigned({ directory, names }, new Date());
    const authority = authorityOf(directory);
    expect(openSelfSigned({ directory, names }, daysLater(59)).cert).toBe(first.cert);
    expect(openSelfSigned({ directory, names }, daysLater(61)).cert).not.toBe(first.cert);
    const fewer = openSelfSigned({ directory, names: names.slice(1) }, daysLater(61));
    expect(new X509Certificate(fewer.cert).checkHost('localhost')).toBe('localhost');
    expect(authorityOf(directory)).toBe(authority);
    openSelfSigned({ directory, names: ['other.test', ...names] }, daysLater(61));
    expect(authorityOf(directory)).not.toBe(authority);
  });

  test('a stolen authority key cannot vouch for a site that is not ours', async () => {
    openSelfSigned({ directory, names }, new Date());
    const authority = {
      certificate: new X509Certificate(authorityOf(directory)),
      privateKey: createPrivateKey(readFileSync(join(directory, 'authority-key.pem'))),
    };
    const period = { from: daysLater(-1), until: daysLater(30) };
    for (const name of ['bank.example', 'localhost.example']) {
      const forged = issueServer(authority, [name], period);
      const key = forged.privateKey.export({ format: 'pem', type: 'pkcs8' });
      const server = createServer({ cert: forged.certificate.toString(), key });
      await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
      cleanups.push(() => server.close());
      const { port } = server.address() as AddressInfo;
      const shaken = await shakeHands(port, {
        ca: authorityOf(directory),
        name,
      });
      expect(shaken, name).toEqual({ refused: expect.stringContaining('permitted subtree violation') });
    }
  });
});
