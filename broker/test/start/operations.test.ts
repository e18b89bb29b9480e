import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Agent, createAgent } from '../support/agent.ts';
import { obtainTokens, readForm, readHandoff, refreshed, silentUrl, web } from '../support/applications.ts';
import { type BrokerPlace, makeBrokerPlace, startBrokerProcess } from '../support/broker-process.ts';
import { databases, useDatabase, useWorld } from '../support/databases.ts';
import { type Provider, startProvider } from '../support/provider.ts';
import {
  answerParameters,
  audience,
  authorizeUrl,
  callback,
  createPkce,
  machineSecret,
  postToken,
  redeem,
  seedFor,
  signIn,
  startWorld,
  webSecret,
} from '../support/world.ts';

describe('sealing keys that the first start makes', () => {
  let provider: Provider;
  let place: BrokerPlace;
  beforeAll(async () => {
    provider = await startProvider();
    place = await makeBrokerPlace({ seed: seedFor(provider) });
  });
  afterAll(async () => {
    place.remove();
    await provider.close();
  });
  const keyFile = () => join(place.dataDir, 'sealing-keys');
  const childrenOf = (pid: number): number[] => {
    const direct = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number);
    return direct.flatMap((child) => [child, ...childrenOf(child)]);
  };

  test('can be read by the owner alone, like the database, and the next start uses them', async () => {
    const first = await startBrokerProcess(place, { PORTICO_SEALING_KEYS: undefined });
    expect(readFileSync(keyFile(), 'utf8')).toMatch(/^k1:[A-Za-z0-9+/]{43}=\n$/);
    for (const name of readdirSync(place.dataDir))
      expect([name, statSync(join(place.dataDir, name)).mode & 0o777]).toEqual([name, 0o600]);
    expect(statSync(place.dataDir).mode & 0o777).toBe(0o700);
    first.kill('SIGTERM');
    await first.exited;
    const before = readFileSync(keyFile(), 'utf8');
    const second = await startBrokerProcess(place, { PORTICO_SEALING_KEYS: undefined });
    expect(readFileSync(keyFile(), 'utf8')).toBe(before);
    second.kill('SIGTERM');
    expect(await second.exited).toEqual({ code: 0, signal: null });
  });

  test('are not in the environment or command line of a script host, given or kept', async () => {
    const kept = readFileSync(keyFile(), 'utf8').trim();
    for (const [keys, environment] of [
      [kept, { PORTICO_SEALING_KEYS: undefined }],
      [kept, { PORTICO_SEALING_KEYS: kept }],
    ] as const) {
      const broker = await startBrokerProcess(place, environment);
      const children = childrenOf(broker.pid);
      expect(children.length).toBeGreaterThan(0);
      for (const child of children) {
        for (const name of ['environ', 'cmdline']) {
          const content = readFileSync(`/proc/${child}/${name}`, 'latin1');
          expect(content).not.toContain(keys.split(':')[1]);
          expect(content).not.toContain('PORTICO_');
        }
      }
      broker.kill('SIGTERM');
      await broker.exited;
    }
  });
});

describe.each(databases)('health on %s', (database) => {
  const server = useDatabase(database);

  test('ready while it serves; "stopping" from the moment a stop is asked for, while requests under way finish', async () => {
    const world = await startWorld({ databaseUrl: await server.url() });
    const { port } = world.broker;
    const status = async (path: string) => {
      const response = await request(world.broker.url(path));
      return [response.statusCode, await response.body.json()];
    };
    expect(await status('healthz')).toEqual([200, { status: 'ok' }]);
    expect(await status('readyz')).toEqual([200, { status: 'ready' }]);

    const gate = Promise.withResolvers<void>();
    world.provider.on('token', async () => {
      await gate.promise;
      return undefined;
    });
    const underWay = createAgent().follow(authorizeUrl(world), callback);
    await vi.waitFor(() => expect(world.provider.counts.token).toBe(1));
    // Asked before the stop, finished after it.
    const probe = connect(port, 'localhost');
    probe.write('GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(probe, 'data');
    const said = text(probe);
    probe.write('GET /readyz HTTP/1.1\r\nHost: localhost\r\n');
    // By the time that these are answered the broker has read the half.
    for (const path of ['healthz', 'healthz']) expect((await status(path))[0]).toBe(200);
    const stopped = world.close();
    probe.write('\r\n');
    expect(await said).toMatch(/^HTTP\/1\.1 503 .*"status":"stopping"/s);
    gate.resolve();
    expect(answerParameters(await underWay)).toHaveProperty('code');
    await stopped;
  });
});

describe('metrics', () => {
  const getWorld = useWorld();

  test('count sign-ins by result, tokens by grant type and requests by route, and name nobody', async () => {
    const world = getWorld();
    const { agent } = await obtainTokens(world, web, { scope: 'openid offline_access' });
    await agent.get(silentUrl(world));
    world.provider.on('token', () => ({ status: 500, body: 'no' }));
    await createAgent().follow(authorizeUrl(world), callback);
    world.provider.on('token', undefined);
    await postToken(world, {
      grant_type: 'client_credentials',
      client_id: 'machine',
      client_secret: machineSecret,
      audience,
    });
    const response = await request(world.broker.url('metrics'));
    const page = await response.body.text();
    expect(response.headers['content-type']).toMatch(/^text\/plain/);
    for (const line of [
      'portico_sign_ins_total{result="success",silent="false"} 1',
      'portico_sign_ins_total{result="success",silent="true"} 1',
      'portico_sign_ins_total{result="failure",silent="false"} 1',
      'portico_tokens_total{grant_type="authorization_code"} 1',
      'portico_tokens_total{grant_type="client_credentials"} 1',
    ]) {
      expect(page.split('\n')).toContain(line);
    }
    expect(page).toMatch(/portico_http_request_seconds_count\{route="\/login\/callback",status="302"\} 2/);
    expect(page).not.toMatch(/user-1|ada@|oauth2\||tr_/);
  });
});

/** All but the one that names the connection that was used last, which the log names too. */
const secretCookies = ({ cookies }: Agent): Record<string, string> =>
  Object.fromEntries([...cookies].filter(([name]) => name !== 'used'));

describe('the log of a sign-in', () => {
  let provider: Provider;
  let place: BrokerPlace;
  beforeAll(async () => {
    provider = await startProvider();
    place = await makeBrokerPlace({ seed: seedFor(provider), environment: { PORTICO_LOG_LEVEL: 'trace' } });
  });
  afterAll(async () => {
    place.remove();
    await provider.close();
  });

  test('has one line per attempt with its trace id and step, and none of the secrets that were used', async () => {
    const broker = await startBrokerProcess(place);
    const world = { provider, broker: { url: (path: string) => `${place.issuerUrl}${path}` } };
    const secrets = new Map<string, string>();
    const keep = (values: Readonly<Record<string, unknown>>, what: string) => {
      for (const [name, value] of Object.entries(values)) {
        // Short values, and what anybody may know, say nothing.
        const isPublic = ['iss', 'state', 'scope', 'token_type', 'expires_in', 'client_id', 'redirect_uri'].includes(
          name,
        );
        if (typeof value === 'string' && value.length >= 12 && !isPublic) secrets.set(value, `${what} ${name}`);
      }
    };

    const pkce = createPkce();
    const { agent, answer } = await signIn(world, {
      scope: 'openid profile email offline_access',
      state: 'state-of-the-application',
      code_challenge: pkce.challenge,
      code_challenge_method: 'S256',
    });
    const { body } = await redeem(world, answer.code, { code_verifier: pkce.verifier });
    const again = await refreshed(world, web, String(body.refresh_token));
    keep(answer, 'answer');
    keep(body, 'tokens');
    keep(again, 'refreshed');
    keep(secretCookies(agent), 'cookie');
    keep(
      { verifier: pkce.verifier, webSecret, machineSecret, provider: 'provider-secret', keys: place.sealingKeys },
      'given',
    );

    // The page, a script, and the ways to fail: at the token endpoint, in the script, with a lost transaction, with reuse.
    const visitor = createAgent();
    const sent = await visitor.get(authorizeUrl(world, { connection: undefined }));
    const { action, fields } = readForm((await visitor.get(sent.location ?? '')).body);
    keep(fields, 'page');
    const handoff = await visitor.post(action, { ...fields, connection: 'scripted' });
    await visitor.follow(readHandoff(handoff.body), callback);
    keep(secretCookies(visitor), 'cookie');
    provider.on('token', ({ form }) => ({
      status: 400,
      body: { error: 'invalid_grant', error_description: `code ${form.get('code')} of ${form.get('client_secret')}` },
    }));
    const failed = createAgent();
    const failure = answerParameters(await failed.follow(authorizeUrl(world), callback));
    expect(failure).toMatchObject({ error: 'invalid_request', error_description: 'failed to obtain access token' });
    keep(secretCookies(failed), 'cookie');
    provider.on('token', undefined);
    provider.on('userinfo', ({ headers }) => ({ status: 500, body: `${headers.authorization} was not good` }));
    await createAgent().follow(authorizeUrl(world, { connection: 'scripted' }), callback);
    await createAgent().follow(authorizeUrl(world), callback);
    provider.on('userinfo', undefined);
    const lost = await createAgent().get(
      `${world.broker.url('login/callback')}?code=a-code-that-leaked-1&state=a-state-that-leaked-1`,
    );
    expect(lost.status).toBe(400);
    keep({ code: 'a-code-that-leaked-1', state: 'a-state-that-leaked-1' }, 'lost');
    expect((await redeem(world, answer.code, { code_verifier: pkce.verifier })).status).toBe(403);
    await postToken(world, {
      grant_type: 'client_credentials',
      client_id: 'machine',
      client_secret: 'a-wrong-secret-012345',
      audience,
    });
    keep({ secret: 'a-wrong-secret-012345' }, 'wrong');
    for (const upstream of provider.requests) {
      keep(Object.fromEntries(upstream.form), `upstream ${upstream.endpoint}`);
      keep({ authorization: upstream.headers.authorization?.replace(/^Bearer /, '') }, `upstream ${upstream.endpoint}`);
      const state = upstream.query.get('state');
      if (state !== null) secrets.set(state, 'upstream state');
    }
    broker.kill('SIGTERM');
    await broker.exited;

    const output = broker.output();
    const lines = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const successes = lines.filter(({ msg }) => msg === 'sign-in succeeded');
    const failures = lines.filter(({ msg }) => msg === 'sign-in failed');
    expect(successes).toHaveLength(2);
    expect(failures.length).toBeGreaterThanOrEqual(3);
    for (const line of [...successes, ...failures]) {
      expect(line).toMatchObject({ trace_id: expect.stringMatching(/^tr_\w{16}$/) });
    }
    for (const line of successes)
      expect(line).toMatchObject({ client_id: 'web', user_id: expect.stringMatching(/^oauth2\|/) });
    expect(JSON.stringify(failures)).toContain('"step":"exchange"');
    expect(JSON.stringify(failures)).toContain('"step":"profile"');
    expect(lost.body).toContain(
      String(lines.find(({ error }) => String(error).includes('pressed the back button'))?.trace_id),
    );

    expect(secrets.size).toBeGreaterThan(20);
    const found = [...secrets].filter(([secret]) => output.includes(secret)).map(([, what]) => what);
    expect(found).toEqual([]);
  });
});
