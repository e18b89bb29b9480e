import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serve } from './loopback.ts';
import { type PackageFiles, writePackage } from './packages.ts';

type NpmPackage = {
  readonly name: string;
  readonly version: string;
  readonly scripts?: object;
  readonly dependencies?: object;
};

/**
 * A registry on loopback that has one package, as npm itself packs it; it closes with the test. `environment` lets npm ask
 * it and nobody else, and keep what it keeps in `directory`.
 */
export async function startNpmRegistry(
  directory: string,
  files: PackageFiles & { readonly 'package.json': NpmPackage },
) {
  const about = files['package.json'];
  const tarball = await pack(directory, files);
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  const { url } = await serve((request, response) => {
    if (request.url === '/package.tgz') {
      response.end(tarball);
      return;
    }
    const isKnown = request.url === `/${about.name.replace('/', '%2f')}`;
    response.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/json' });
    const version = { ...about, dist: { tarball: `${url}/package.tgz`, integrity } };
    const document = {
      name: about.name,
      'dist-tags': { latest: about.version },
      versions: { [about.version]: version },
    };
    response.end(JSON.stringify(isKnown ? document : { error: 'not found' }));
  });
  const environment = {
    npm_config_registry: `${url}/`,
    npm_config_cache: join(directory, 'npm-cache'),
    npm_config_userconfig: join(directory, 'npmrc'),
    HOME: directory,
  };
  return { integrity, environment };
}

async function pack(directory: string, files: PackageFiles): Promise<Buffer> {
  const folder = writePackage(join(directory, 'to-pack'), files);
  const flags = [
    '--ignore-scripts',
    '--silent',
    '--pack-destination',
    directory,
    '--cache',
    join(directory, 'npm-cache'),
  ];
  const { stdout } = await promisify(execFile)('npm', ['pack', folder, ...flags]);
  return readFileSync(join(directory, stdout.trim()));
}
