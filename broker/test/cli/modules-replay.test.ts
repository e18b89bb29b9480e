import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { porticoHere } from '../support/command-line.ts';
import { writePackage } from '../support/packages.ts';
import { signIn, startWorld, type World } from '../support/world.ts';

let world: World;
let directory: string;
let environment: Record<string, string>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'portico-cli-'));
  environment = {
    PORTICO_DATA_DIR: join(directory, 'data'),
    PORTICO_SEALING_KEYS: `t1:${randomBytes(32).toString('base64')}`,
    PORTICO_EGRESS_ALLOW: 'loopback',
  };
  const added = await run('modules', 'add', '@acme/verdict@1.0.0', '--from', writeVerdict('one', `'Closed on ' + day`));
  expect(added).toMatchObject({ code: 0 });
  world = await startWorld({
    environment,
    change: (seed) => {
      seed.actions.push({
        name: 'closed',
        supported_triggers: [{ id: 'post-login' }],
        deploy: true,
        dependencies: [{ name: '@acme/verdict', version: '1.0.0' }],
        code: `exports.onExecutePostLogin = async (event, api) => api.access.deny(require('@acme/verdict')('Sundays'));`,
      });
    },
  });
});
afterAll(async () => {
  await world?.close();
  rmSync(directory, { recursive: true, force: true });
});

const run = (...words: string[]) => porticoHere(environment, ...words);

const writeVerdict = (folder: string, verdict: string): string =>
  writePackage(join(directory, folder), {
    'package.json': { name: '@acme/verdict', version: '1.0.0' },
    'index.js': `module.exports = (day) => ${verdict};`,
  });

test('an attempt tells its modules, and is replayed and tested with them until they are gone', async () => {
  const { answer } = await signIn(world);
  expect(answer).toMatchObject({ error_description: 'Closed on Sundays' });
  const failed = world.broker.logs.findLast(({ message }) => message === 'sign-in failed');
  const id = String(failed?.fields.trace_id);
  expect((await run('attempts', 'show', id)).output).toMatch(/modules @acme\/verdict@1\.0\.0 \(sha256 [0-9a-f]{12}…\)/);

  const replayed = await run('attempts', 'replay', id);
  expect(replayed).toMatchObject({ code: 0, output: expect.stringContaining('Closed on Sundays') });
  const fixtures = join(directory, 'fixtures');
  expect(await run('attempts', 'save', id, '--to', fixtures)).toMatchObject({ code: 0 });
  expect(await run('scripts', 'test', fixtures)).toMatchObject({ code: 0 });

  const mended = join(directory, 'mended.js');
  writeFileSync(
    mended,
    `exports.onExecutePostLogin = async (event, api) => { console.log(require('@acme/verdict')('no day')); };`,
  );
  const edited = await run('attempts', 'replay', id, '--script', mended);
  expect(edited).toMatchObject({ code: 0, output: expect.stringContaining('Closed on no day') });

  expect((await run('modules', 'remove', '@acme/verdict@1.0.0')).errors).toContain('deployed Action closed');
  expect(await run('modules', 'remove', '@acme/verdict@1.0.0', '--force')).toMatchObject({ code: 0 });
  const gone = await run('attempts', 'replay', id);
  expect(gone).toMatchObject({ code: 1, errors: expect.stringContaining('it is not on the list any more') });
  const untested = await run('scripts', 'test', fixtures);
  expect(untested).toMatchObject({ code: 1, output: expect.stringContaining('it is not on the list any more') });

  await run('modules', 'add', '@acme/verdict@1.0.0', '--from', writeVerdict('two', `'Open on ' + day`));
  expect((await run('attempts', 'replay', id)).errors).toContain('what is allowed under that name now is another text');
  await run('modules', 'remove', '@acme/verdict@1.0.0');
  await run('modules', 'add', '@acme/verdict@1.0.0', '--from', writeVerdict('three', `'Closed on ' + day`));
  expect(await run('attempts', 'replay', id)).toMatchObject({ code: 0 });
});

test('a script outside of a sign-in has the allowed modules on demand, and its recording names them', async () => {
  const file = join(directory, 'profile.js');
  const fixture = join(directory, 'recorded', 'ada.fixture.json');
  writeFileSync(file, `(token, ctx, callback) => callback(null, { user_id: require('@acme/verdict@1.0.0')('x') })`);
  const without = await run('scripts', 'run', file, '--token', 'a-token');
  expect(without.output).toContain("Cannot find module '@acme/verdict@1.0.0'");
  const given = await run('scripts', 'run', file, '--token', 'a-token', '--modules', '--record', fixture);
  expect(given).toMatchObject({ code: 0, output: expect.stringContaining('"user_id": "Closed on x"') });
  expect(await run('scripts', 'test', join(directory, 'recorded'))).toMatchObject({ code: 0 });
});
