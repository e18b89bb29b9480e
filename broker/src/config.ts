import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ipaddr from 'ipaddr.js';
import { ConfigError } from './core/errors.ts';
import { Secret } from './core/secret.ts';
import { parseEgressAllow } from './http/egress-policy.ts';
import { readScriptLimits, type ScriptLimits } from './sandbox/script-limits.ts';
import { readSeedScripts } from './setup/read-seed-scripts.ts';
import { type Keyring, parseKeyring } from './vault/keyring.ts';
import { systemAudienceOf } from './wire/management/resource-servers.ts';
import { parseSeed, type SeedWire } from './wire/seed.ts';

/** Everything that the environment decides. What an administrator changes at run time lives in the database. */
export type Config = {
  /** With the slash at its end. */
  readonly issuerUrl: string;
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly keyring: Keyring;
  readonly egressAllow: string;
  /** undefined: plain http. */
  readonly tls: TlsSettings | undefined;
  readonly trustProxy: boolean | string;
  /** Opens /metrics. undefined: nobody but this machine may read them, see operations/metrics-door.ts. */
  readonly metricsToken: Secret | undefined;
  readonly logLevel: string;
  /** What an empty tenant is filled with. */
  readonly seed: SeedWire | undefined;
  readonly scriptHosts: number;
  /** Refuses to start unless the strongest walls stand around the script hosts. */
  readonly needsAllWalls: boolean;
  /** What one run may use, besides its time. */
  readonly scriptLimits: ScriptLimits;
  /** How long one run of a profile script may take, its requests included. */
  readonly scriptTimeoutMs: number;
  /** How long one request to an upstream may take. */
  readonly upstreamTimeoutMs: number;
  /** How long an attempt can be read back. */
  readonly attemptRetentionHours: number;
  readonly logRetentionDays: number;
  /** Requests per second of one application to the Management API; 0: as many as it likes. */
  readonly managementRate: number;
  /** The same of one public address to sign-in pages and what begins a sign-in. */
  readonly addressRate: number;
  /** Connections at a time, whoever holds them. */
  readonly maxConnections: number;
  /** Whether each token that is issued leaves a line in the tenant's log. */
  readonly logsTokens: boolean;
};

export type TlsSettings =
  | { readonly kind: 'given'; readonly cert: string; readonly key: string }
  /** Made by us, for development, and kept in the directory. */
  | { readonly kind: 'self-signed'; readonly directory: string };

type Environment = Readonly<Record<string, string | undefined>>;

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** Reads and checks it all; throws one ConfigError that lists every problem. */
export function readConfig(environment: Environment, { createsKeys = true } = {}): Config {
  const problems: string[] = [];
  const value = (name: string) => environment[`PORTICO_${name}`]?.trim() || undefined;
  const dataDir = resolve(value('DATA_DIR') ?? '.portico');
  const port = readInteger('PORT', value('PORT') ?? '3000', { min: 0, max: 65_535 }, problems);
  const tls = readTls(value, join(dataDir, 'tls'), problems);
  const scheme = tls?.kind === 'self-signed' ? 'https' : 'http';
  const issuerUrl = readIssuer(value('ISSUER') ?? `${scheme}://localhost:${port}/`, problems);
  if (tls?.kind === 'self-signed' && issuerUrl.startsWith('http:')) {
    problems.push('PORTICO_ISSUER must be an https address with PORTICO_TLS=self-signed');
  }
  const databaseUrl = readDatabaseUrl(value('DATABASE_URL') ?? `sqlite:${join(dataDir, 'portico.db')}`, problems);
  const egressAllow = value('EGRESS_ALLOW') ?? '';
  problems.push(...parseEgressAllow(egressAllow).problems.map((problem) => `PORTICO_EGRESS_ALLOW: ${problem}`));
  const logLevel = value('LOG_LEVEL') ?? 'info';
  if (!logLevels.includes(logLevel)) problems.push(`PORTICO_LOG_LEVEL must be one of ${logLevels.join(', ')}`);
  const seed = readSeed(value('SEED'), issuerUrl, problems);
  const scriptHosts = readInteger('SCRIPT_HOSTS', value('SCRIPT_HOSTS') ?? '1', { min: 1, max: 64 }, problems);
  const milliseconds = (name: string, otherwise: number) =>
    readInteger(name, value(name) ?? String(otherwise), { min: 100, max: 60_000 }, problems);
  const scriptTimeoutMs = milliseconds('SCRIPT_TIMEOUT_MS', 20_000);
  const count = (name: string, otherwise: number, range: { min: number; max: number }) =>
    readInteger(name, value(name) ?? String(otherwise), range, problems);
  const scriptLimits = readScriptLimits(count);
  const walls = value('SANDBOX') ?? 'auto';
  if (walls !== 'auto' && walls !== 'strict') problems.push('PORTICO_SANDBOX must be auto or strict');
  const upstreamTimeoutMs = milliseconds('UPSTREAM_TIMEOUT_MS', 10_000);
  const managementRate = count('MANAGEMENT_RATE', 100, { min: 0, max: 1000 });
  const addressRate = count('ADDRESS_RATE', 50, { min: 0, max: 1000 });
  const maxConnections = count('MAX_CONNECTIONS', 10_000, { min: 10, max: 1_000_000 });
  const logTokens = value('LOG_TOKENS') ?? 'all';
  if (logTokens !== 'all' && logTokens !== 'failed') problems.push('PORTICO_LOG_TOKENS must be all or failed');
  const logRetentionDays = count('LOG_RETENTION_DAYS', 30, { min: 1, max: 3650 });
  const attemptRetentionHours = readInteger(
    'ATTEMPT_RETENTION_HOURS',
    value('ATTEMPT_RETENTION_HOURS') ?? '72',
    { min: 1, max: 8760 },
    problems,
  );
  const trustProxy = readTrustProxy(value('TRUST_PROXY'), problems);
  const metricsToken = readMetricsToken(value('METRICS_TOKEN'), problems);
  const keyring = readKeyring(
    value('SEALING_KEYS'),
    { databaseUrl, dataDir, mayCreate: createsKeys && problems.length === 0 },
    problems,
  );
  if (problems.length > 0 || keyring === undefined) throw new ConfigError(problems);
  return {
    issuerUrl,
    isSecure: issuerUrl.startsWith('https:'),
    host: value('HOST') ?? 'localhost',
    port,
    databaseUrl,
    dataDir,
    keyring,
    egressAllow,
    tls,
    trustProxy,
    metricsToken,
    logLevel,
    seed,
    scriptHosts,
    needsAllWalls: walls === 'strict',
    scriptLimits,
    scriptTimeoutMs,
    upstreamTimeoutMs,
    attemptRetentionHours,
    logRetentionDays,
    logsTokens: logTokens === 'all',
    managementRate,
    addressRate,
    maxConnections,
  };
}

/** What scripts need that run from the command line; they need no database. */
export function readScriptSettings(environment: Environment): Pick<Config, 'egressAllow' | 'scriptTimeoutMs'> {
  const problems: string[] = [];
  const egressAllow = environment['PORTICO_EGRESS_ALLOW']?.trim() ?? '';
  problems.push(...parseEgressAllow(egressAllow).problems.map((problem) => `PORTICO_EGRESS_ALLOW: ${problem}`));
  const text = environment['PORTICO_SCRIPT_TIMEOUT_MS']?.trim() || '20000';
  const scriptTimeoutMs = readInteger('SCRIPT_TIMEOUT_MS', text, { min: 100, max: 60_000 }, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return { egressAllow, scriptTimeoutMs };
}

function readInteger(
  name: string,
  text: string,
  { min, max }: { min: number; max: number },
  problems: string[],
): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < min || number > max) {
    problems.push(`PORTICO_${name} must be a whole number from ${min} to ${max}; it is "${text.slice(0, 40)}"`);
  }
  return number;
}

/** Every URL we publish starts with it; the request's Host header never does. */
function readIssuer(text: string, problems: string[]): string {
  const url = URL.parse(text);
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url === null || !isWeb || url.search !== '' || url.hash !== '' || url.username !== '' || url.pathname !== '/') {
    problems.push(`PORTICO_ISSUER must be an http or https address without path; it is "${text.slice(0, 100)}"`);
    return text;
  }
  return url.href;
}

function readDatabaseUrl(text: string, problems: string[]): string {
  if (!/^(sqlite:.+|postgres(ql)?:\/\/.+)$/.test(text)) {
    problems.push('PORTICO_DATABASE_URL must be sqlite:<file> or postgres://<host>/<database>');
  }
  return text;
}

/** Addresses and ranges in front of the broker; `true` believes whoever connects. */
function readTrustProxy(text: string | undefined, problems: string[]): boolean | string {
  if (text === undefined || text === 'false') return false;
  if (text === 'true') return true;
  const entries = text.split(',').map((entry) => entry.trim());
  const wrong = entries.filter((entry) => !ipaddr.isValidCIDR(entry) && !ipaddr.isValid(entry));
  problems.push(...wrong.map((entry) => `PORTICO_TRUST_PROXY: "${entry.slice(0, 60)}" is not an address or a range`));
  return entries.join(',');
}

/** Sent as a Bearer token (RFC 6750 §2.1), so only its characters. */
function readMetricsToken(text: string | undefined, problems: string[]): Secret | undefined {
  if (text === undefined) return undefined;
  if (!/^[\w.~+/-]{16,}=*$/.test(text)) {
    problems.push('PORTICO_METRICS_TOKEN must be 16 or more letters, digits or any of - . _ ~ + /');
  }
  return new Secret(text);
}

type Value = (name: string) => string | undefined;

function readTls(value: Value, otherDirectory: string, problems: string[]): TlsSettings | undefined {
  const [mode, certFile, keyFile] = [value('TLS'), value('TLS_CERT'), value('TLS_KEY')];
  const directory = resolve(value('TLS_DIR') ?? otherDirectory);
  if (mode !== undefined && mode !== 'self-signed') problems.push('PORTICO_TLS must be self-signed, or not set');
  if (certFile === undefined && keyFile === undefined) {
    return mode === 'self-signed' ? { kind: 'self-signed', directory } : undefined;
  }
  if (mode !== undefined) problems.push('PORTICO_TLS cannot be combined with PORTICO_TLS_CERT and PORTICO_TLS_KEY');
  if (certFile === undefined || keyFile === undefined) {
    problems.push('PORTICO_TLS_CERT and PORTICO_TLS_KEY must be set together');
  }
  const cert = readFile('TLS_CERT', certFile, problems);
  const key = readFile('TLS_KEY', keyFile, problems);
  return cert === undefined || key === undefined ? undefined : { kind: 'given', cert, key };
}

function readFile(name: string, file: string | undefined, problems: string[]): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    problems.push(`PORTICO_${name}: cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
    return undefined;
  }
}

/** Checked at every start, also where it is not needed any more: a mistake is told when it is made. */
function readSeed(file: string | undefined, issuerUrl: string, problems: string[]): SeedWire | undefined {
  const text = readFile('SEED', file, problems);
  if (text === undefined) return undefined;
  const directory = dirname(file ?? '');
  const resolved = readSeedScripts(text, (name) => readScriptFile(resolve(directory, name), name));
  problems.push(...resolved.problems);
  const parsed = parseSeed(resolved.text, { systemAudience: systemAudienceOf(issuerUrl) });
  if ('seed' in parsed) return parsed.seed;
  problems.push(...parsed.problems);
  return undefined;
}

function readScriptFile(path: string, name: string): { readonly text: string } | { readonly problem: string } {
  try {
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    return { problem: `cannot read ${name} (${(error as NodeJS.ErrnoException).code})` };
  }
}

type KeyringPlace = { readonly databaseUrl: string; readonly dataDir: string; readonly mayCreate: boolean };

/** Given, or kept in the data directory. A shared database needs a shared keyring, so there it must be given. */
function readKeyring(text: string | undefined, place: KeyringPlace, problems: string[]): Keyring | undefined {
  if (text === undefined && !place.databaseUrl.startsWith('sqlite:')) {
    problems.push(
      'PORTICO_SEALING_KEYS is missing: brokers on one PostgreSQL need the same keys, <id>:<32 bytes in base64>',
    );
    return undefined;
  }
  const given = text ?? keptKeys(place, problems);
  if (given === undefined) return undefined;
  const parsed = parseKeyring(given);
  if ('keyring' in parsed) return parsed.keyring;
  const source = text === undefined ? join(place.dataDir, keyFileName) : 'PORTICO_SEALING_KEYS';
  problems.push(...parsed.problems.map((problem) => `${source}: ${problem}`));
  return undefined;
}

const keyFileName = 'sealing-keys';

/** Made at the first start, readable by the owner only. Nothing is written while other problems stand. */
function keptKeys({ databaseUrl, dataDir, mayCreate }: KeyringPlace, problems: string[]): string | undefined {
  const file = join(dataDir, keyFileName);
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  if (!mayCreate) {
    if (problems.length === 0) problems.push(`${file} is not there: start the broker once, or set PORTICO_DATA_DIR`);
    return undefined;
  }
  // New keys would not open what an old database holds, and would be kept as if they did.
  if (existsSync(databaseUrl.slice('sqlite:'.length))) {
    problems.push(
      `${file} is gone, but the database is there: put the file back, or set PORTICO_SEALING_KEYS to its content`,
    );
    return undefined;
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const keys = `k1:${randomBytes(32).toString('base64')}`;
  writeFileSync(file, `${keys}\n`, { mode: 0o600, flag: 'wx' });
  return keys;
}
