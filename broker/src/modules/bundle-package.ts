import { existsSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, isAbsolute, join, sep } from 'node:path';
import type { BuildFailure, Plugin } from 'esbuild';
import type { FoundPackage } from './find-package.ts';

type Given = {
  /** An empty folder. */
  readonly workplace: string;
  readonly isBundled: (name: string) => boolean;
};

type Bundled = { readonly text: string; readonly missing: readonly string[] };
type Refused = { readonly problem: string };

/** A host keeps it in memory, and a run that requires it parses it. */
const maxBytes = 2_000_000;

/** One text of CommonJS with all that the package depends on. Nothing of it is run. */
export async function bundlePackage(found: FoundPackage, { workplace, isBundled }: Given): Promise<Bundled | Refused> {
  const { build } = await import('esbuild');
  const place = join(workplace, 'bundle', 'node_modules', found.name);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(found.folder, place, 'dir');
  const seen: Seen = { missing: new Set(), natives: new Set() };
  try {
    const { outputFiles, metafile } = await build({
      stdin: {
        contents: `module.exports = require(${JSON.stringify(found.name)});`,
        resolveDir: join(workplace, 'bundle'),
      },
      absWorkingDir: workplace,
      bundle: true,
      write: false,
      minify: true,
      metafile: true,
      format: 'cjs',
      // As scripts are: Node's words where they have them, no sockets and no files.
      platform: 'browser',
      mainFields: ['browser', 'main', 'module'],
      conditions: ['browser'],
      target: 'es2022',
      define: {
        global: 'globalThis',
        __dirname: '"/"',
        __filename: '"/index.js"',
      },
      legalComments: 'none',
      logLevel: 'silent',
      plugins: [nodeModules(isBundled, seen), ownFiles(realpathSync(found.folder))],
    });
    const natives = [...seen.natives, ...nativeLoaders(workplace, Object.keys(metafile.inputs))];
    if (natives.length > 0) return isNative(natives);
    const text = outputFiles[0]?.text ?? '';
    const bytes = Buffer.byteLength(text);
    if (bytes > maxBytes) return isTooLarge(bytes);
    return { text, missing: [...seen.missing].sort() };
  } catch (error) {
    if (seen.natives.size > 0) return isNative([...seen.natives]);
    const [first] = (error as BuildFailure).errors ?? [];
    if (first === undefined) throw error;
    const loader = loaders.exec(first.location?.file ?? '')?.[1];
    if (loader !== undefined) return isNative([loader]);
    return { problem: `cannot be bundled: ${first.text}. Choose a package that is plain JavaScript and complete` };
  }
}

const isNative = (natives: readonly string[]): Refused => ({
  problem: `is or needs native code (${natives[0]}), and scripts run none: choose a package in plain JavaScript`,
});

const isTooLarge = (bytes: number): Refused => ({
  problem:
    `is ${Math.ceil(bytes / 1000)} kB when bundled, and at most ${maxBytes / 1000} kB are allowed: ` +
    'choose a smaller package, or one that is a part of it',
});

type Seen = { readonly missing: Set<string>; readonly natives: Set<string> };

/** Node's own modules stay a `require` of the script's; those that it lacks too, unless the package brings another. */
const nodeModules = (isBundled: (name: string) => boolean, seen: Seen): Plugin => ({
  name: 'node-modules',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (isAbsolute(path) || !isBuiltin(path) || pluginData === 'asked') return undefined;
      const name = path.replace(/^node:/, '');
      if (isBundled(name)) return { path: name, external: true };
      const other = await resolve(path, { importer, resolveDir, kind, pluginData: 'asked' });
      if (other.errors.length === 0) return undefined;
      seen.missing.add(name);
      return { path: name, external: true };
    });
    onLoad({ filter: /\.(node|wasm)$/ }, ({ path }) => {
      seen.natives.add(path.slice(path.lastIndexOf('/') + 1));
      return { contents: '' };
    });
  },
});

/** Whatever a package names: a file of the administrator's machine that is not of a package does not become part of it. */
const ownFiles = (folder: string): Plugin => ({
  name: 'own-files',
  setup({ onLoad }) {
    onLoad({ filter: /./, namespace: 'file' }, ({ path }) =>
      isOfPackage(path, folder) ? undefined : { errors: [{ text: `${path} is not part of a package` }] },
    );
  },
});

/** In the package's own folder, or below a node_modules that Node.js would look into from there. */
function isOfPackage(path: string, folder: string): boolean {
  if (path.startsWith(folder + sep)) return true;
  const at = path.indexOf(`${sep}node_modules${sep}`);
  return at >= 0 && `${folder}${sep}`.startsWith(`${path.slice(0, at)}${sep}`);
}

const loaders =
  /(?:^|\/)node_modules\/(bindings|node-gyp-build|node-addon-api|nan|prebuild-install|(?:@mapbox\/)?node-pre-gyp)\//;

/** Native code is also asked for by names that are made at run time: then what asks is in the bundle. */
function nativeLoaders(workplace: string, inputs: readonly string[]): string[] {
  const folders = new Set(inputs.map((input) => packageOf(join(workplace, input))));
  return [
    ...inputs.flatMap((input) => loaders.exec(input)?.[1] ?? []),
    ...[...folders].filter((folder) => existsSync(join(folder, 'binding.gyp'))).map(() => 'binding.gyp'),
  ];
}

/** The nearest folder with a package.json. */
function packageOf(file: string): string {
  let folder = dirname(file);
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
