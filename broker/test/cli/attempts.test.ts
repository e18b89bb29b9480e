import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createAgent } from '../support/agent.ts';
import { portico } from '../support/command-line.ts';
import { signIn, startWorld, type World } from '../support/world.ts';

const brokenScript = (url: string): string => `function fetchUserProfile(accessToken, ctx, callback) {
  console.log('asking with', accessToken);
  request.get({ url: '${url}/userinfo', headers: { Authorization: 'Bearer ' + accessToken }, json: true },
    function (error, response, body) {
      const first = body.emails[0];
      callback(null, { user_id: body.id, email: first });
    });
}`;

let world: World;
let directory: string;
let environment: Record<string, string>;
const run = (...words: string[]) => portico(environment, ...words);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'portico-cli-'));
  environment = {
    PORTICO_DATA_DIR: directory,
    PORTICO_SEALING_KEYS: `t1:${randomBytes(32).toString('base64')}`,
    PORTICO_EGRESS_ALLOW: 'loopback',
  };
  world = await startWorld({
    environment,
    change: ({ connections }) => {
      const scripted = connections.find(({ name }) => name === 'scripted');
      const provider = String(scripted?.options.tokenURL).replace('/token', '');
      connections.push({
        ...connections[1],
        name: 'broken',
        options: { ...scripted?.options, scripts: { fetchUserProfile: brokenScript(provider) } },
      } as (typeof connections)[number]);
    },
  });
});
afterAll(async () => {
  await world?.close();
  rmSync(directory, { recursive: true, force: true });
});

async function failSignIn(): Promise<string> {
  const { answer } = await signIn(world, { connection: 'broken' });
  expect(answer).toMatchObject({ error: 'invalid_request' });
  const failed = world.broker.logs.findLast(({ message }) => message === 'sign-in failed');
  return String(failed?.fields.trace_id);
}

describe('portico attempts', () => {
  test('show prints the whole story of a failed sign-in while the broker runs, and none of its secrets', async () => {
    const id = await failSignIn();
    const { code, output } = await run('attempts', 'show', id);
    expect(code).toBe(0);
    expect(output).toContain(`Attempt ${id}: failed`);
    expect(output).toMatch(/reason +script_runtime/);
    expect(output).toMatch(/\+\d+ ms +upstream\.token/);
    expect(output).toContain('Script broken.fetchUserProfile.js: ended with runtime');
    expect(output).toContain('> 5 |       const first = body.emails[0];');
    expect(output).toContain('log   asking with [hidden]');
    expect(output).toContain(`GET ${world.provider.url}/userinfo → 200`);
    expect(output).toContain('> authorization: Bearer [hidden]');
    expect(output).toMatch(/< \{.*"email"/);
    expect(output).toMatch(/Used \d+ of 20000 ms, 1 of 50 requests/);

    const json = await run('attempts', 'show', id, '--json');
    const attempt = JSON.parse(json.output);
    expect(attempt).toMatchObject({ traceId: id, isFailed: true, runs: [{ outcome: { ok: false, line: 5 } }] });
    expect(attempt.runs[0].entry.arguments[0]).toBe('[hidden]');
    expect(json.output).not.toContain('provider-secret');
  });

  test('a sign-in that succeeded with a script is kept too; one without a script leaves its events', async () => {
    await signIn(world, { connection: 'scripted' });
    const scripted = String(
      world.broker.logs.findLast(({ message }) => message === 'sign-in succeeded')?.fields.trace_id,
    );
    expect((await run('attempts', 'show', scripted)).output).toContain(
      'Script scripted.fetchUserProfile.js: ended well',
    );
    await signIn(world, { connection: 'mapped' });
    const mapped = String(
      world.broker.logs.findLast(({ message }) => message === 'sign-in succeeded')?.fields.trace_id,
    );
    expect(await world.broker.store.attempts.find(mapped)).toBeUndefined();
    const { code, output } = await run('attempts', 'show', mapped);
    expect(code).toBe(0);
    expect(output).toContain('only its log events are kept');
    expect(output).toContain('Event s');
  });

  test('the trace id on an error page leads to its attempt', async () => {
    const page = await createAgent().get(world.broker.url('login/callback?state=unknown&code=1'));
    const [, id = ''] = /Trace ID<\/dt><dd><code>([^<]+)/.exec(page.body) ?? [];
    const { output } = await run('attempts', 'show', id);
    expect(output).toContain(`Attempt ${id}: failed`);
    expect(output).toMatch(/step +state/);
  });

  test('list shows the newest first, and on demand the failed ones only', async () => {
    const id = await failSignIn();
    await signIn(world, { connection: 'scripted' });
    const lines = (await run('attempts', 'list', '--limit', '2')).output.trimEnd().split('\n');
    expect(lines.map((line) => line.split('  ')[1]?.trim())).toEqual(['succeeded', 'failed']);
    const failed = JSON.parse((await run('attempts', 'list', '--failed', '--limit', '1', '--json')).output);
    expect(failed).toMatchObject([{ traceId: id, failure: { reason: 'script_runtime' } }]);
  });

  test('replay repeats the failure offline, and succeeds with the mended script; a new request is told as not recorded', async () => {
    const id = await failSignIn();
    const asked = world.provider.requests.length;
    const again = await run('attempts', 'replay', id);
    expect(again).toMatchObject({ code: 1, output: expect.stringContaining('ended with runtime') });

    const fixed = join(directory, 'fixed.ts');
    const mended = brokenScript(world.provider.url)
      .replace('accessToken, ctx, callback', 'accessToken: string, ctx: object, callback: Function')
      .replace('body.emails[0]', 'body.email');
    writeFileSync(fixed, mended);
    const replayed = await run('attempts', 'replay', id, '--script', fixed, '--json');
    expect(replayed.errors).toBe('');
    expect(JSON.parse(replayed.output)).toMatchObject({
      run: { filename: 'fixed.ts', outcome: { ok: true } },
      result: { profile: { user_id: expect.any(String), email: expect.stringContaining('@') } },
    });

    writeFileSync(
      fixed,
      mended
        .replace('/userinfo', '/elsewhere')
        .replace('const first', 'if (error) return callback(error); const first'),
    );
    const unknown = await run('attempts', 'replay', id, '--script', fixed);
    expect(unknown.code).toBe(1);
    expect(unknown.output).toContain(`The request GET ${world.provider.url}/elsewhere was not recorded`);
    expect(world.provider.requests).toHaveLength(asked);
  });

  test('a failed attempt is saved as a test that expects the failure; the same attempt gives the same bytes', async () => {
    const id = await failSignIn();
    const fixtures = join(directory, 'failures');
    const broken = await run('attempts', 'save', id, '--to', fixtures);
    expect(broken.output).toContain('expects the failure runtime');
    const first = readFileSync(broken.output.split('\n')[0] ?? '', 'utf8');
    await run('attempts', 'save', id, '--to', fixtures);
    expect(readFileSync(broken.output.split('\n')[0] ?? '', 'utf8')).toBe(first);
    expect(first).not.toMatch(/Bearer (?!\[hidden\])|provider-secret|"date"/);
  });

  test('a failed attempt, saved with its mended script, is a test that passes offline', async () => {
    const id = await failSignIn();
    const fixtures = join(directory, 'fixtures');
    const mended = join(directory, 'mended.js');
    writeFileSync(mended, brokenScript(world.provider.url).replace('body.emails[0]', 'body.email'));
    expect(await run('attempts', 'save', id, '--to', fixtures, '--script', mended)).toMatchObject({
      code: 0,
      output: expect.stringContaining('expects what the script gave'),
    });
    const tested = await run('scripts', 'test', fixtures);
    expect(tested).toMatchObject({ code: 0, errors: '', output: expect.stringContaining('1 of 1 passed') });
  });

  test('an attempt that is not there, and a database that is not there, are told with exit code 1', async () => {
    expect(await run('attempts', 'show', 'nobody')).toMatchObject({
      code: 1,
      output: '',
      errors: 'portico: there is no attempt nobody, or its time has passed\n',
    });
    const elsewhere = join(directory, 'elsewhere');
    const lost = await portico({ ...environment, PORTICO_DATA_DIR: elsewhere }, 'attempts', 'list');
    expect(lost).toMatchObject({ code: 1, output: '' });
    expect(lost.errors).toContain('there is no database');
    const { PORTICO_SEALING_KEYS: _, ...keyless } = environment;
    const unsealed = await portico({ ...keyless, PORTICO_DATA_DIR: elsewhere }, 'attempts', 'list');
    expect(unsealed.errors).toContain('start the broker once');
  });

  test('an attempt is kept for the time that was set, and purged after', async () => {
    const id = await failSignIn();
    const stored = await world.broker.store.attempts.find(id);
    expect(stored?.expiresAt.getTime()).toBe(Number(stored?.at.getTime()) + 72 * 3_600_000);
    await world.broker.store.purgeExpired(new Date(Number(stored?.expiresAt)), 5_000);
    expect(await world.broker.store.attempts.find(id)).toBeUndefined();
  });

  test('every command has help with examples; a wrong word is told', async () => {
    const { output: completion } = await run('completion', 'bash');
    const places = [...completion.matchAll(/^ {8}'([^']*)'\) words/gm)].map(([, place = '']) => place.trim());
    expect(places).toEqual(expect.arrayContaining(['', 'start', 'attempts', 'attempts replay', 'scripts test']));
    for (const place of places.filter((name) => !places.some((other) => other.startsWith(`${name} `)))) {
      let output = '';
      const write = (text: string) => {
        output += text;
      };
      const unused = () => {
        throw new Error('help needs nothing');
      };
      const code = await runCommandLine(
        {
          start: unused,
          readStoreSettings: unused,
          prepareStoreSettings: unused,
          readScriptSettings: unused,
          npmEnvironment: {},
          write,
          writeError: write,
          clock: systemClock,
        },
        [...place.split(' ').filter(Boolean), '--help'],
      );
      expect({ code, hasExample: /Examples?:\n {2}.*portico\b/.test(output) }, place).toEqual({
        code: 0,
        hasExample: true,
      });
    }
    expect(await run('atempts')).toMatchObject({
      code: 1,
      errors: expect.stringContaining("unknown command 'atempts'"),
    });
  });
});
