import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/*
 * Makes the modules that scripts may require: npm packages and our own of Node's, each one text of plain JavaScript that
 * the host hands to the guest. Plain JavaScript, because the set-up runs it under any Node.js.
 */

const folder = import.meta.dirname;
const target = join(folder, 'dist');
const sources = join(folder, 'guest', 'modules');
const require = createRequire(import.meta.url);

/** What a script writes in `require`, the file of guest/modules/ that is behind it or the package itself, if there is one. */
const modules = [
  { name: 'portico:web', source: 'web.mjs' },
  { name: 'portico:errors', source: 'errors.mjs' },
  { name: 'portico:process', source: 'process.mjs' },
  { name: 'portico:request', source: 'request-more.mjs' },
  { name: 'portico:subtle', source: 'subtle.mjs' },
  { name: 'assert', source: 'assert.mjs' },
  { name: 'crypto', source: 'crypto.mjs' },
  { name: 'events', source: 'events.mjs' },
  { name: 'http', source: 'http.mjs' },
  { name: 'https', source: 'https.mjs' },
  { name: 'path', source: 'path.mjs' },
  { name: 'querystring', source: 'querystring.mjs' },
  { name: 'timers', source: 'timers.mjs' },
  { name: 'timers/promises', source: 'timers-promises.mjs' },
  { name: 'url', source: 'url.mjs' },
  { name: 'util', source: 'util.mjs' },
  { name: 'async', npm: 'async' },
  { name: 'auth0', npm: 'auth0' },
  { name: 'axios', npm: 'axios' },
  { name: 'bcryptjs', npm: 'bcryptjs' },
  { name: 'extend', npm: 'extend' },
  { name: 'ipaddr.js', npm: 'ipaddr.js' },
  { name: 'jose', npm: 'jose' },
  { name: 'js-yaml', npm: 'js-yaml' },
  { name: 'jsonwebtoken', npm: 'jsonwebtoken', source: 'jsonwebtoken.mjs' },
  { name: 'jwt-decode', npm: 'jwt-decode', source: 'jwt-decode.mjs' },
  { name: 'lodash', npm: 'lodash' },
  { name: 'moment', npm: 'moment' },
  { name: 'node-fetch', source: 'node-fetch.mjs' },
  { name: 'oauth', npm: 'oauth' },
  { name: 'request-promise', source: 'request-promise.mjs' },
  { name: 'uuid', npm: 'uuid', source: 'uuid.mjs' },
  { name: 'xml2js', npm: 'xml2js' },
  { name: 'xml2json', source: 'xml2json.mjs' },
  { name: 'xpath', npm: 'xpath' },
  { name: 'xmldom', npm: '@xmldom/xmldom', source: 'xmldom.mjs' },
];

/** Other names for the same module. */
const aliases = [
  { name: '@xmldom/xmldom', file: 'xmldom', npm: '@xmldom/xmldom' },
  { name: 'bcrypt', file: 'bcryptjs', npm: 'bcryptjs', isOther: true },
  { name: 'request-promise-native', file: 'request-promise' },
];

/** Always there; a version behind the name says nothing about them. */
const provided = ['request', 'buffer', 'process'];

function versionOf(npm) {
  let path = require.resolve(npm);
  for (;;) {
    path = join(path, '..');
    const file = join(path, 'package.json');
    if (existsSync(file)) {
      const { name, version } = JSON.parse(readFileSync(file, 'utf8'));
      if (name === npm) return version;
    }
  }
}

function bundle(esbuild, { name, npm, source }) {
  const entry = source === undefined ? npm : `./${source}`;
  const take = source === undefined ? `require('${entry}')` : `require('${entry}').default`;
  const isOwnOfNode = npm === undefined;
  const { outputFiles } = esbuild.buildSync({
    stdin: { contents: `module.exports = ${take};`, resolveDir: sources, loader: 'js' },
    bundle: true,
    write: false,
    minify: true,
    keepNames: isOwnOfNode,
    format: 'cjs',
    platform: 'neutral',
    target: 'es2022',
    mainFields: ['browser', 'module', 'main'],
    conditions: ['browser', 'require', 'default'],
    alias: { stream: join(sources, 'stream-module.cjs') },
    external: [
      'buffer',
      'crypto',
      'events',
      'http',
      'https',
      'node:crypto',
      'portico:subtle',
      'querystring',
      'request',
      'timers',
      'url',
      'util',
    ]
      .concat(name === 'xml2js' ? [] : ['xml2js'])
      .concat(['string_decoder']),
    logLevel: 'error',
  });
  return outputFiles[0].text;
}

/** Of everything that the bundles are made from, so that a second run finds its work done. */
function stampOf(versions) {
  const hash = createHash('sha256').update(JSON.stringify(versions));
  const files = [import.meta.filename, ...readdirSync(sources).map((name) => join(sources, name))];
  for (const file of files.sort()) hash.update(readFileSync(file));
  return hash.digest('hex');
}

/** @returns {(() => void) | undefined} what is to be done; undefined if the modules are there */
export function planBundles() {
  const versions = Object.fromEntries(modules.flatMap(({ npm }) => (npm === undefined ? [] : [[npm, versionOf(npm)]])));
  const stamp = stampOf(versions);
  const stampFile = join(target, 'stamp');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return undefined;
  return () => {
    const esbuild = require('esbuild');
    mkdirSync(target, { recursive: true });
    // Not the folder itself: a host that runs has it in its own root, and would see the old one.
    for (const name of readdirSync(target)) rmSync(join(target, name));
    for (const module of modules) {
      // The host runs as another user.
      writeFileSync(join(target, `${encodeURIComponent(module.name)}.js`), bundle(esbuild, module), { mode: 0o644 });
    }
    const list = [
      ...[...modules, ...aliases].map(({ name, file, npm, isOther }) => ({
        name,
        file,
        isOther,
        version: versions[npm],
      })),
      ...provided.map((name) => ({ name })),
    ];
    writeFileSync(join(target, 'modules.json'), JSON.stringify(list), { mode: 0o644 });
    writeFileSync(stampFile, stamp, { mode: 0o644 });
  };
}
