import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** All that a script host reads, by real paths: nothing else need exist where it runs. */
export type HostFiles = {
  /** The first module of the host, and isolated-vm's addon: both are handed to Node. */
  readonly main: string;
  readonly addon: string;
  /** Files and folders with our own code. */
  readonly code: readonly string[];
  /** What the loader of the operating system opens for Node, by the names it asks for. */
  readonly libraries: readonly string[];
};

/** isolated-vm's file is looked for here, so that the host loads one file and searches for nothing. */
export function findHostFiles(addonPath: string = findAddon()): HostFiles {
  const directory = realpathSync(import.meta.dirname);
  return {
    main: join(directory, 'host', 'main.mjs'),
    addon: addonPath,
    code: ['host', 'guest', 'dist', 'frames.mjs'].map((name) => join(directory, name)).filter(existsSync),
    libraries: listLibraries(),
  };
}

function findAddon(): string {
  const require = createRequire(import.meta.url);
  const directory = dirname(require.resolve('isolated-vm/package.json'));
  const find: unknown = createRequire(join(directory, 'package.json'))('node-gyp-build/node-gyp-build.js');
  const resolve = (find as { resolve(directory: string): string }).resolve;
  return realpathSync(resolve(directory));
}

/** Those that this process has loaded, under the names the loader found them by; the host is the same program. */
function listLibraries(): readonly string[] {
  // Otherwise the report asks a name server about every open socket.
  Object.assign(process.report, { excludeNetwork: true });
  const report: unknown = process.report.getReport();
  const { sharedObjects } = report as { sharedObjects: readonly string[] };
  const loaded = sharedObjects.filter((name) => /^\/.*(\.so(\.|$)|\/ld-)/.test(name));
  return [...new Set([...loaded, '/etc/ld.so.cache', ...muslLoaderPaths])].filter(existsSync);
}

const muslLoaderPaths = ['/etc/ld-musl-x86_64.path', '/etc/ld-musl-aarch64.path'];
