import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../core/json.ts';
import type { RecordedExchange, ScriptRun } from './sandbox.ts';
import { accessToken, type SandboxWorld, startSandboxWorld } from './testing/sandbox-world.ts';

let world: SandboxWorld;
let served = 0;

beforeAll(async () => {
  world = await startSandboxWorld((request, response, body) => {
    served += 1;
    const url = request.url ?? '';
    if (url.startsWith('/echo')) {
      response.setHeader('set-cookie', 'sid=cookie-secret');
      response.end(
        JSON.stringify({ heard: request.headers.authorization, body, refresh_token: 'fresh-refresh-token' }),
      );
    } else if (url === '/bytes') response.end(Buffer.from([0xff, 0xfe, 0x00]));
    else if (url === '/long') response.end(JSON.stringify({ text: 'x'.repeat(100_000) }));
    else if (url === '/gone') request.socket.destroy();
    else response.end(JSON.stringify({ id: `u-${served}` }));
  });
});
afterAll(() => world.close());

const script = (body: string): string =>
  `function (token, ctx, callback) { const origin = ${JSON.stringify(world.origin)}; ${body} }`;
const asks = (path: string): string =>
  `request({ url: origin + '${path}', json: true, headers: { Authorization: 'Bearer ' + token } },
    (error, response, body) => callback(error, { user_id: 'x', body }));`;

/** As a file keeps it. */
const kept = (run: ScriptRun): RecordedExchange[] => JSON.parse(JSON.stringify(run.exchanges));

const replay = (source: string, recorded: readonly RecordedExchange[], context: JsonObject = {}) =>
  world.runScript({
    source,
    entry: { kind: 'callback', arguments: ['another-token-2', context] },
    secrets: ['another-token-2'],
    replay: recorded,
  });

describe('recording', () => {
  test('an exchange keeps headers and bodies of both sides, without any token', async () => {
    const source = script(
      `request.post({ url: origin + '/echo?access_token=' + token, json: { token, name: 'Ada' }, headers: {
        Authorization: 'Bearer ' + token, Cookie: 'a=cookie-secret', 'X-Api-Key': 'api-key-1', Accept: 'a/b' } },
        (error, response, body) => callback(null, { user_id: body.heard }));`,
    );
    const run = await world.run(source);
    expect(run.outcome).toMatchObject({ ok: true, value: { user_id: `Bearer ${accessToken}` } });
    const [exchange] = run.exchanges;
    expect(exchange).toMatchObject({ method: 'POST', url: `${world.origin}/echo?access_token=[hidden]`, status: 200 });
    expect(exchange?.request.headers).toMatchObject({
      authorization: 'Bearer [hidden]',
      cookie: '[hidden]',
      'x-api-key': '[hidden]',
      accept: 'a/b',
    });
    expect(JSON.parse(exchange?.request.body.text ?? '')).toEqual({ token: '[hidden]', name: 'Ada' });
    expect(JSON.parse(exchange?.response?.body.text ?? '')).toMatchObject({
      heard: 'Bearer [hidden]',
      refresh_token: '[hidden]',
    });
    expect(JSON.stringify(run.exchanges)).not.toMatch(/upstream-access-token|cookie-secret|api-key-1|fresh-refresh/);
  });

  test('a form keeps its members, but for those that hold secrets by their name', async () => {
    const run = await world.run(
      script(`request.post({ url: origin + '/echo', form: { code: 'code-1', client_secret: 's-1', scope: 'a b' } },
        () => callback(null, {}));`),
    );
    expect(run.exchanges[0]?.request.body.text).toBe('code=[hidden]&client_secret=[hidden]&scope=a%20b');
  });

  test('bytes that are no text are kept as base64, and a long body in part', async () => {
    const run = await world.run(
      script(
        `request({ url: origin + '/bytes', encoding: null }, () => request(origin + '/long', () => callback(null, {})));`,
      ),
    );
    expect(run.exchanges[0]?.response?.body).toEqual({ text: '//4A', encoding: 'base64', isCut: false });
    expect(run.exchanges[1]?.response?.body).toMatchObject({ encoding: 'utf8', isCut: true });
    expect(run.exchanges[1]?.response?.body.text).toHaveLength(64 * 1024);
  });

  test('what is kept of one run is bounded, also where every body is within its own bound', async () => {
    const run = await world.run(
      script(`let left = 20; for (let i = 0; i < 20; i++) request.post({ url: origin + '/', body: 'y'.repeat(60000) },
        () => { left -= 1; if (left === 0) callback(null, {}); });`),
    );
    expect(run.exchanges).toHaveLength(20);
    expect(JSON.stringify(run.exchanges).length).toBeLessThan(300_000);
  });

  test('values of the configuration are secrets too', async () => {
    const run = await world.runScript({
      source: script(`console.log(configuration.KEY); request(origin + '/?q=' + configuration.KEY, () =>
        callback(null, { user_id: configuration.KEY }));`),
      entry: { kind: 'callback', arguments: [accessToken, {}] },
      configuration: { KEY: 'configured-key-1', FLAG: 'true' },
    });
    expect(run.outcome).toMatchObject({ ok: true, value: { user_id: 'configured-key-1' } });
    expect(JSON.stringify([run.exchanges, run.consoleLines])).not.toContain('configured-key-1');
  });
});

describe('replay', () => {
  test('a recorded run runs again without the network, with another token and an edited script', async () => {
    const source = script(`request(origin + '/me?access_token=' + token, (error, response, body) =>
      callback(error, { user_id: JSON.parse(body).id }));`);
    const run = await world.run(source);
    const before = served;
    const again = await replay(source, kept(run));
    expect(again.outcome).toEqual(run.outcome);
    const edited = await replay(source.replace('user_id:', 'edited: true, user_id:'), kept(run));
    expect(edited.outcome).toMatchObject({ ok: true, value: { edited: true } });
    expect(served).toBe(before);
  });

  test('answers of one address come in the order in which they were recorded', async () => {
    const source = script(`request(origin + '/n', (e1, r1, first) => request(origin + '/n', (e2, r2, second) =>
      callback(null, { user_id: first + second })));`);
    const run = await world.run(source);
    expect((await replay(source, kept(run))).outcome).toEqual(run.outcome);
  });

  test('a network error is replayed as the same error', async () => {
    const source = script(`request(origin + '/gone', (error) => callback(null, { user_id: error.code }));`);
    const run = await world.run(source);
    expect(run.outcome).toMatchObject({ value: { user_id: 'ECONNRESET' } });
    expect((await replay(source, kept(run))).outcome).toEqual(run.outcome);
  });

  test('a request that was not recorded fails and says so; the network is not asked', async () => {
    const run = await world.run(script(asks('/me')));
    const before = served;
    const other = await replay(script(asks('/other?key=secret-value-1')), kept(run));
    expect(other.outcome).toMatchObject({
      kind: 'callback',
      message: `The request GET ${world.origin}/other?key=[hidden] was not recorded`,
    });
    const twice = await replay(script(`request(origin + '/me', () => { ${asks('/me')} });`), kept(run));
    expect(twice.outcome).toMatchObject({
      kind: 'callback',
      message: `The request GET ${world.origin}/me was made more often than it was recorded`,
    });
    expect(served).toBe(before);
  });

  test('an answer that was recorded in part only is not replayed as if it were whole', async () => {
    const run = await world.run(script(asks('/long')));
    const again = await replay(script(asks('/long')), kept(run));
    expect(again.outcome).toMatchObject({ kind: 'callback', message: expect.stringContaining('in part only') });
  });
});
