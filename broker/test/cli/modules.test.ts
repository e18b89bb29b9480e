import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashModule } from '../../src/core/module.ts';
import { openStore } from '../../src/store/open-store.ts';
import { portico, porticoHere } from '../support/command-line.ts';
import { startNpmRegistry } from '../support/npm-registry.ts';
import { type PackageFiles, writePackage } from '../support/packages.ts';

let directory: string;
let environment: Record<string, string>;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'portico-modules-'));
  environment = { PORTICO_DATA_DIR: join(directory, 'data') };
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const modules = (...words: string[]) => porticoHere(environment, 'modules', ...words);
const write = (folder: string, files: PackageFiles) => writePackage(join(directory, folder), files);
const list = async () => JSON.parse((await modules('list', '--json')).output);

test('a package from a folder is bundled with what it depends on, listed and removed; the database may be new', async () => {
  const folder = write('slug', {
    'package.json': { name: '@acme/slug', version: '1.2.3' },
    'index.js': `const dash = require('dash-of'); module.exports = (text) => dash(text) + require('node:crypto').randomUUID();`,
    'node_modules/dash-of/package.json': { name: 'dash-of', version: '3.0.0', main: 'lib/dash.js' },
    'node_modules/dash-of/lib/dash.js': `require('net'); module.exports = (text) => text.replaceAll(' ', '-');`,
  });
  const added = await portico(environment, 'modules', 'add', '@acme/slug@1.2.3', '--from', folder, '--json');
  expect(added).toMatchObject({ code: 0, errors: '' });
  const [made] = JSON.parse(added.output);
  expect(made).toMatchObject({ name: '@acme/slug', version: '1.2.3', missing: ['net'], isNew: true });
  expect(made.failure).toBe(
    "Error: Cannot find module 'net', which scripts do not have and the npm module @acme/slug@1.2.3 requires",
  );

  expect(await list()).toEqual([
    {
      name: '@acme/slug',
      version: '1.2.3',
      hash: made.hash,
      bytes: made.bytes,
      addedAt: expect.any(String),
      actions: [],
    },
  ]);
  const store = await openStore({ url: `sqlite:${join(directory, 'data', 'portico.db')}` });
  const kept = await store.modules.find('@acme/slug', '1.2.3');
  await store.close();
  expect(hashModule(kept?.text ?? '')).toBe(made.hash);
  expect(kept?.text).toContain('replaceAll');
  expect(kept?.text).toContain('require("crypto")');

  expect((await modules('list')).output).toContain(`@acme/slug@1.2.3  1 kB`);
  expect((await modules('add', '@acme/slug', '--from', folder)).output).toContain('is allowed already');
  expect(await modules('remove', '@acme/slug@1.2.3')).toMatchObject({ code: 0, output: 'removed @acme/slug@1.2.3\n' });
  expect(await modules('remove', '@acme/slug@1.2.3')).toMatchObject({ code: 1 });
  expect(await list()).toEqual([]);
});

test('npm gets the exact version; its integrity is recorded, and no script of the package is run', async () => {
  const trap = join(directory, 'trap');
  const { environment: npm, integrity } = await startNpmRegistry(directory, {
    'package.json': {
      name: 'kept',
      version: '2.0.0',
      scripts: { install: `touch ${trap}`, postinstall: `touch ${trap}` },
    },
    'index.js': 'module.exports = 7;',
  });
  const own = (...words: string[]) => portico({ ...environment, ...npm }, 'modules', ...words);
  expect(await own('add', 'kept@2.0.0', '--json')).toMatchObject({ code: 0, errors: '' });
  expect(await list()).toMatchObject([{ name: 'kept', version: '2.0.0', integrity }]);
  expect((await own('add', 'kept')).output).not.toContain('fails');
  expect(existsSync(trap)).toBe(false);
  const missing = await own('add', 'kept@9.9.9', 'kept@latest');
  expect(missing).toMatchObject({ code: 1, errors: expect.stringContaining('npm could not get kept@9.9.9') });
  await modules('remove', 'kept@2.0.0');
});

test('a dependency that lies in a git repository is not fetched, so that no git runs by its rules', async () => {
  const trap = join(directory, 'git-trap');
  const { environment: npm } = await startNpmRegistry(join(directory, 'with-git'), {
    'package.json': { name: 'linked', version: '1.0.0', dependencies: { x: 'git+https://127.0.0.1:9/x.git' } },
    'index.js': '',
  });
  write('bin', { git: `#!/bin/sh\ntouch ${trap}\n` });
  chmodSync(join(directory, 'bin', 'git'), 0o755);
  const own = { ...environment, ...npm, PATH: `${join(directory, 'bin')}:${process.env.PATH}` };
  const { code, errors } = await porticoHere(own, 'modules', 'add', 'linked@1.0.0');
  expect({ code, errors }).toMatchObject({
    code: 1,
    errors: expect.stringContaining('npm could not get linked@1.0.0'),
  });
  expect(existsSync(trap)).toBe(false);
});

test('a version keeps its content: another one under the same name is refused, and nothing of the same call is added', async () => {
  const one = write('one', { 'package.json': { name: 'same', version: '1.0.0' }, 'index.js': 'module.exports = 1;' });
  await modules('add', 'same@1.0.0', '--from', one);
  const [before] = await list();
  const both = write('both', {
    'node_modules/same/package.json': { name: 'same', version: '1.0.0' },
    'node_modules/same/index.js': 'module.exports = 2;',
    'node_modules/more/package.json': { name: 'more', version: '1.0.0' },
    'node_modules/more/index.js': '',
  });
  const { code, errors } = await modules('add', 'more@1.0.0', 'same@1.0.0', '--from', both);
  expect(code).toBe(1);
  expect(errors).toContain('same@1.0.0 is on the list with another content');
  expect(await list()).toEqual([before]);
});
