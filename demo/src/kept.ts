import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DemoError, type DemoSettings } from './settings.ts';

type Registration = { readonly id: string; readonly secret: string };

/** What is made up at the first start and kept in the data directory. */
export type Kept = {
  readonly addresses: { readonly issuer: string; readonly app_url: string };
  readonly spa: { readonly id: string };
  readonly management: Registration;
  readonly streamline: Registration;
  readonly hilltop: Registration;
};

/** Whole or not at all, and readable by the owner only. */
export function writePrivate(path: string, value: unknown): void {
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(aside, path);
}

const makeId = (): string => randomBytes(16).toString('hex');
const makeRegistration = (): Registration => ({ id: makeId(), secret: randomBytes(32).toString('base64url') });

function readKept(path: string): Kept | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new DemoError(`${path} cannot be read (${String(error)}). Remove the directory to start afresh.`);
  }
}

/** The same ids and secrets at every start. The broker is seeded once, so the addresses have to stay as well. */
export function keepSecrets({ dataDir, issuer, app }: DemoSettings): Kept {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, 'demo-secrets.json');
  const addresses = { issuer, app_url: app.url };
  const kept = readKept(path);
  if (kept === undefined) {
    const made: Kept = {
      addresses,
      spa: { id: makeId() },
      management: makeRegistration(),
      streamline: makeRegistration(),
      hilltop: makeRegistration(),
    };
    writePrivate(path, made);
    return made;
  }
  if (kept.addresses.issuer === issuer && kept.addresses.app_url === app.url) return kept;
  throw new DemoError(
    `The data in ${dataDir} was made for ${kept.addresses.issuer} and ${kept.addresses.app_url}, now asked for are ${issuer} and ${app.url}.\n` +
      'Set PORTICO_PORT and PORTICO_DEMO_PORT as they were, or name another PORTICO_DATA_DIR.',
  );
}
