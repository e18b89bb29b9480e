import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { porticoHere } from '../support/command-line.ts';
import { addAdmin, createApi } from '../support/management.ts';
import { signIn, startWorld, type World } from '../support/world.ts';

let world: World;
let directory: string;
let environment: Record<string, string>;
const run = (...words: string[]) => porticoHere(environment, ...words);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'portico-cli-'));
  environment = { PORTICO_DATA_DIR: directory, PORTICO_SEALING_KEYS: `t1:${randomBytes(32).toString('base64')}` };
  world = await startWorld({
    environment,
    change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, ['read:connections', 'update:connections']),
  });
});
afterAll(async () => {
  await world?.close();
  rmSync(directory, { recursive: true, force: true });
});

test('a change that broke a connection is seen in its history and rolled back beside the running broker', async () => {
  const api = await createApi(world);
  const [connection] = (await api.call('GET', '/connections?name=mapped')).body as {
    id: string;
    options: Record<string, unknown>;
  }[];
  const { client_secret: _, ...options } = connection?.options ?? {};
  await api.call('PATCH', `/connections/${connection?.id}`, { options: { ...options, scope: 'profile' } });
  expect((await signIn(world)).answer.error).toBeDefined();

  const history = await run('connections', 'history', 'mapped');
  expect(history.output).toContain('admin@clients');
  expect(history.output).toContain('options.client_secret: changed (not shown)');
  expect(history.output).toContain('options.scope: "profile email" -> "profile"');
  expect(history.output).not.toContain('provider-secret');

  expect(await run('connections', 'rollback', 'mapped', '--to', '1')).toMatchObject({ code: 0 });
  await expect.poll(async () => (await signIn(world)).answer.code, { timeout: 10_000 }).toBeDefined();
  const versions = JSON.parse((await run('connections', 'history', 'mapped', '--json')).output) as { actor: string }[];
  expect(versions.map(({ actor }) => actor)).toEqual(['command line', 'admin@clients', 'portico']);
});

test('check names what is risky about the connections, and its exit code says that there is something', async () => {
  const { code, output } = await run('connections', 'check');
  expect(code).toBe(1);
  expect(output).toContain('scripted: mapped has the same client_id at the same provider');
  expect(output).toContain('(shared_callback_without_iss)');
});

test('what is not there is named', async () => {
  expect(await run('connections', 'history', 'nobody')).toMatchObject({
    code: 1,
    errors: expect.stringContaining('there is no connection nobody'),
  });
  expect(await run('connections', 'rollback', 'mapped', '--to', '99')).toMatchObject({
    code: 1,
    errors: expect.stringContaining('mapped has no version 99'),
  });
  expect((await run('connections', 'list')).output).toMatch(/^con_\w{16} {2}\S+ {2}mapped \(2\)$/m);
});
