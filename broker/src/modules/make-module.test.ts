import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PackageFiles, writePackage } from '../../test/support/packages.ts';
import { createIsBundled } from '../sandbox/bundled-names.ts';
import { makeModule } from './make-module.ts';
import { readSpecifier } from './read-specifier.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'portico-packages-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const deps = { npmEnvironment: {}, isBundled: createIsBundled() };
const write = (folder: string, files: PackageFiles) => writePackage(join(directory, folder), files);

async function make(specifier: string, folder: string) {
  const wanted = readSpecifier(specifier);
  return 'problem' in wanted ? wanted : makeModule(deps, wanted, folder);
}

describe('refused, with what to do instead', () => {
  const main = { main: 'index.js' };
  const packages: [what: string, files: PackageFiles, message: RegExp][] = [
    [
      'a native module',
      { 'index.js': `module.exports = require('./build/fast.node');`, 'build/fast.node': 'ELF' },
      /native code \(fast\.node\).*choose a package in plain JavaScript/,
    ],
    [
      'one that looks for its native part at run time',
      {
        'index.js': `module.exports = require('bindings')('fast');`,
        'node_modules/bindings/package.json': { name: 'bindings', version: '1.0.0' },
        'node_modules/bindings/index.js': 'module.exports = (name) => require(name);',
      },
      /native code \(bindings\)/,
    ],
    ['one that is built when it is installed', { 'index.js': '', 'binding.gyp': '{}' }, /native code \(binding\.gyp\)/],
    ['WebAssembly', { 'index.js': `import('./fast.wasm')`, 'fast.wasm': '' }, /native code \(fast\.wasm\)/],
    [
      'one that is too large',
      { 'index.js': `module.exports = '${'x'.repeat(2_000_000)}';` },
      /2001 kB when bundled, and at most 2000 kB are allowed: choose a smaller package/,
    ],
    [
      'one that is not complete',
      { 'index.js': `require('not-installed')` },
      /cannot be bundled: Could not resolve "not-installed"/,
    ],
  ];
  test.each(packages)('%s', async (what, files, message) => {
    const folder = write(what, { 'package.json': { name: 'refused', version: '1.0.0', ...main }, ...files });
    expect(await make('refused@1.0.0', folder)).toEqual({ problem: expect.stringMatching(message) });
  });

  test.each([
    ['slug@^1.2.0', /a version is exact/],
    ['slug@1', /a version is exact/],
    ['file:../secret', /is not the name of an npm package/],
    ['git+ssh://git@example.com/x.git', /is not the name of an npm package/],
    ['--registry=http://example.com', /is not the name of an npm package/],
    ['slug@1.0.1', /has slug@1\.0\.0, not slug@1\.0\.1/],
    ['other@1.0.0', /is not the package other/],
  ])('%s', async (specifier, message) => {
    const folder = write('named', { 'package.json': { name: 'slug', version: '1.0.0' }, 'index.js': '' });
    expect(await make(specifier, folder)).toEqual({ problem: expect.stringMatching(message) });
  });
});

describe('a package takes no file of this machine along', () => {
  const secret = 'a-secret-of-the-administrator';
  test.each(['json', 'txt', 'js', 'css'])('.%s', async (ending) => {
    const content = ending === 'json' ? JSON.stringify({ secret }) : `module.exports = '${secret}'`;
    const outside = join(write('outside', { [`secret.${ending}`]: content }), `secret.${ending}`);
    for (const path of [outside, `../../outside/secret.${ending}`]) {
      const folder = write(`takes/${ending}`, {
        'package.json': { name: 'takes', version: '1.0.0' },
        'index.js': `module.exports = require(${JSON.stringify(path)});`,
      });
      const made = await make('takes', folder);
      expect(made).toEqual({ problem: expect.stringContaining('is not part of a package') });
      expect(JSON.stringify(made)).not.toContain(secret);
    }
  });
});

test('the same package gives the same text, wherever it lies', async () => {
  const files = {
    'package.json': { name: 'same', version: '1.0.0' },
    'index.js': `module.exports = require('./part.js') + __dirname;`,
    'part.js': 'module.exports = process.env.NODE_ENV;',
  };
  const [one, two] = [await make('same', write('here', files)), await make('same', write('there/deep', files))];
  expect(one).toEqual(two);
  expect(one).toMatchObject({ module: { version: '1.0.0', integrity: undefined } });
});

test('the integrity is that of the lock beside it, for this version only', async () => {
  const folder = write('locked', {
    'node_modules/same/package.json': { name: 'same', version: '1.0.0' },
    'node_modules/same/index.js': '',
    'node_modules/other/package.json': { name: 'other', version: '2.0.0' },
    'node_modules/other/index.js': '',
    'package-lock.json': {
      packages: {
        'node_modules/same': { version: '1.0.0', integrity: 'sha512-abc' },
        'node_modules/other': { version: '1.0.0', integrity: 'sha512-def' },
      },
    },
  });
  expect(await make('same@1.0.0', folder)).toMatchObject({ module: { integrity: 'sha512-abc' } });
  expect(await make('other@2.0.0', folder)).toMatchObject({ module: { integrity: undefined } });
});

test('what the package says of browsers stands in for what scripts do not have', async () => {
  const folder = write('browser', {
    'package.json': { name: 'b', version: '1.0.0', main: 'index.js', browser: { fs: false, net: './no-net.js' } },
    'index.js': `module.exports = [require('fs'), require('net'), require('tls')];`,
    'no-net.js': `module.exports = 'no net';`,
  });
  expect(await make('b', folder)).toMatchObject({ missing: ['tls'] });
});
