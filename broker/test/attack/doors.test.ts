import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Broker, startBroker } from '../support/broker.ts';
import {
  type BrokerPlace,
  type BrokerProcess,
  makeBrokerPlace,
  startBrokerProcess,
} from '../support/broker-process.ts';
import { postToken } from '../support/world.ts';

/*
 * API-23: there is no way in that nobody made on purpose. Keys and secrets that are no secrets are in config.test.ts and
 * start/refusals.test.ts.
 */

describe('API-23: a broker that nobody has set anything up in', () => {
  let place: BrokerPlace;
  let broker: BrokerProcess;
  beforeAll(async () => {
    place = await makeBrokerPlace();
    broker = await startBrokerProcess(place);
  });
  afterAll(() => place.remove());
  const raw = (path: string, method = 'GET') =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const sent = httpRequest({ host: 'localhost', port: place.port, path, method }, (answer) => {
        let body = '';
        answer.on('data', (chunk) => {
          body += String(chunk);
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
      });
      sent.on('error', reject).end();
    });

  const familyOf = (pid: number): number[] => {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
    return [pid, ...children.flatMap((child) => familyOf(Number(child)))];
  };

  test('no process of it can be debugged, not even after the signal that asks Node.js for it', async () => {
    const family = familyOf(broker.pid);
    expect(family.length).toBeGreaterThan(1);
    for (const pid of family) expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toMatch(/--(inspect|debug)/);
    for (let time = 0; time < 3; time += 1) {
      broker.kill('SIGUSR1');
      expect((await raw('/healthz')).status).toBe(200);
    }
    expect(broker.output()).not.toMatch(/debugger/i);
    expect((await raw('/readyz')).status).toBe(200);
  });

  test.each([
    '/debug',
    '/debug/pprof/',
    '/debug/vars',
    '/json/list',
    '/.env',
    '/.git/config',
    '/.npmrc',
    '/package.json',
    '/package-lock.json',
    '/broker/src/main.ts',
    '/src/main.ts',
    '/main.js.map',
    '/assets/index.js.map',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/../../../etc/passwd',
    '/..%2f..%2f.portico%2fsealing-keys',
    '/.portico/sealing-keys',
    '/portico.db',
    '/admin',
    '/console',
    '/actuator/env',
    '/actuator/heapdump',
    '/server-status',
    '/phpinfo.php',
    '/graphql',
    '/swagger',
    '/docs/json',
    '/trace',
    '/u/',
    '/exports',
    '/portico/v1',
  ])('%s is nothing', async (path) => {
    for (const method of ['GET', 'POST', 'TRACE']) {
      const { status, body } = await raw(path, method);
      expect([400, 401, 403, 404, 405, 415, 501], `${method} ${path}`).toContain(status);
      expect(body).not.toMatch(/sourceMappingURL|node_modules|file:\/\/|\/broker\/|root:|PORTICO_|"stack"|\bat \S+ \(/);
    }
  });

  test('no page or document refers to a source map', async () => {
    for (const path of ['/authorize', '/u/login', '/activate', '/v2/logout', '/api/v2/openapi.json']) {
      expect((await raw(path)).body, path).not.toMatch(/sourceMappingURL|\.map\b/);
    }
  });

  test('no usual name with a usual secret is an application', async () => {
    const names = ['admin', 'portico', 'root', 'test', 'client', 'default', 'global', 'auth0', 'management', 'api'];
    const secrets = ['', 'admin', 'password', 'secret', 'changeme', 'portico', 'default'];
    for (const client_id of names) {
      for (const client_secret of [...secrets, client_id]) {
        const form = {
          grant_type: 'client_credentials',
          client_id,
          client_secret,
          audience: `${place.issuerUrl}api/v2/`,
        };
        const { status } = await postToken({ broker: { url: (path) => `${place.issuerUrl}${path}` } }, form);
        expect([401, 429], client_id).toContain(status);
      }
    }
  });
});

describe('API-23: /metrics', () => {
  const token = 'metrics-token-0123456789';
  const brokers: Broker[] = [];
  const start = async (environment: Readonly<Record<string, string>>) => {
    const broker = await startBroker({ environment });
    brokers.push(broker);
    return async (headers: Readonly<Record<string, string>> = {}) => {
      const answer = await request(`http://localhost:${broker.port}/metrics`, { headers });
      return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
    };
  };
  afterAll(() => Promise.all(brokers.map((broker) => broker.close())));

  test('with a token is for whoever has it', async () => {
    const ask = await start({ PORTICO_METRICS_TOKEN: token });
    const wrong = [
      undefined,
      'Bearer',
      'Bearer ',
      `Bearer ${token}x`,
      `Bearer ${token.slice(1)}`,
      `Basic ${token}`,
      token,
    ];
    for (const authorization of wrong) {
      const answer = await ask(authorization === undefined ? {} : { authorization });
      expect(answer, authorization).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
      expect(answer.body).not.toContain('portico_');
    }
    for (const authorization of [`Bearer ${token}`, `bearer ${token}`]) {
      expect(await ask({ authorization })).toMatchObject({ status: 200, body: expect.stringContaining('portico_') });
    }
  });

  test('without one is there for this machine alone, and only while Portico is called by a name of this machine', async () => {
    const development = await start({ PORTICO_TRUST_PROXY: '127.0.0.1,::1' });
    expect((await development()).status).toBe(200);
    expect((await development({ 'x-forwarded-for': '8.8.8.8' })).status).toBe(404);
    const production = await start({ PORTICO_ISSUER: 'https://login.example.com' });
    const answer = await production();
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('portico_');
  });
});
