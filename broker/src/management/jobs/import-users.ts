import type { Connection } from '../../core/connection.ts';
import { ApiError } from '../../core/errors.ts';
import type { Job } from '../../core/job.ts';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import type { User } from '../../core/user.ts';
import type { Write } from '../../store/store.ts';
import type { Snapshot } from '../../tenant/directory.ts';
import { type ImportedUser, importedApart, importedUserWire } from '../../wire/management/import-user.ts';
import { checkPayload } from '../check-payload.ts';
import type { ManagementDeps } from '../deps.ts';
import { createValidator } from '../problems.ts';
import { checkMetadata, mergeMetadata } from '../user-changes.ts';
import type { Step } from './runner.ts';
import { readUsers } from './user-file.ts';
import { whoOf } from './who.ts';

const rowsInStep = 100;
const check: (value: unknown) => asserts value is ImportedUser = createValidator('Payload', importedUserWire);

type Outcome = { readonly kind: 'inserted' | 'updated'; readonly writes: readonly Write<unknown>[] };
type Importing = { readonly job: Job; readonly connection: Connection; readonly tenant: Snapshot };

type ImportDeps = Pick<ManagementDeps, 'store' | 'directory' | 'clock'>;

/** The next rows of the file. A row that cannot be taken is put down with its reason, and the others go on. */
export async function importStep(deps: ImportDeps, job: Job): Promise<Step> {
  const { store, directory } = deps;
  const tenant = await directory.read();
  const connection = job.connectionId === undefined ? undefined : tenant.findConnection(job.connectionId);
  if (connection === undefined) throw new Error('the connection of the import is gone');
  const input = await store.jobs.findPart(job.id, 'input', 0);
  const rows = readUsers(input ?? new Uint8Array()) ?? [];
  const { done = 0, inserted = 0, updated = 0, failed = 0 } = job.details as Readonly<Record<string, number>>;
  const counts = { inserted, updated, failed };
  const writes: Write<unknown>[] = [];
  const errors: JsonObject[] = [];
  const met = new Set<string>();
  for (const row of rows.slice(done, done + rowsInStep)) {
    try {
      const outcome = await importRow(deps, { job, connection, tenant }, { row, met });
      counts[outcome.kind] += 1;
      writes.push(...outcome.writes);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      counts.failed += 1;
      errors.push(failureOf(row, error));
    }
  }
  const content = Buffer.from(JSON.stringify(errors));
  if (errors.length > 0) writes.push(store.jobs.putPart({ jobId: job.id, kind: 'errors', number: done, content }));
  const end = Math.min(rows.length, done + rowsInStep);
  return { writes, details: { ...job.details, ...counts, done: end, total: rows.length }, isDone: end === rows.length };
}

/** Who it was and what was wrong; nothing else of what was sent is kept. */
const failureOf = (row: Json, { code, message }: ApiError): JsonObject => {
  const { user_id: id, email } = Object(row) as Record<string, Json | undefined>;
  return {
    user: {
      ...(typeof id === 'string' ? { user_id: id.slice(0, 1_024) } : {}),
      ...(typeof email === 'string' ? { email: email.slice(0, 254) } : {}),
    },
    errors: [{ code: code === 'DUPLICATED_USER' ? code : 'INVALID_FORMAT', message, path: '' }],
  };
};

type Row = { readonly row: Json; readonly met: Set<string> };

async function importRow({ store, clock }: ImportDeps, importing: Importing, { row, met }: Row): Promise<Outcome> {
  const { job, connection, tenant } = importing;
  checkPayload(row);
  const given = withoutNulls(row);
  check(given);
  checkMetadata('app_metadata', given.app_metadata);
  checkMetadata('user_metadata', given.user_metadata, new Set());
  const { id, identities } = whoOf(given, connection, tenant);
  const keys = [id, ...identities.map((each) => `${each.connectionId} ${each.upstreamUserId}`)];
  if (keys.some((key) => met.has(key))) throw duplicated();
  for (const key of keys) met.add(key);
  const known = await store.users.find(id);
  if (known !== undefined && job.details.upsert !== true) throw duplicated();
  const missing: Write<unknown>[] = [];
  for (const identity of identities) {
    const found = await store.identities.find(identity.connectionId, identity.upstreamUserId);
    if (found !== undefined && found.userId !== id) throw duplicated();
    if (found === undefined) missing.push(store.identities.create({ ...identity, userId: id }));
  }
  const at = clock.now();
  if (known !== undefined) {
    if (missing.length > 0 && job.details.mayLink !== true) {
      throw invalid('who is there gets further identities from a token with the scope update:users only');
    }
    return { kind: 'updated', writes: [store.users.update(merged(known, given, at), known), ...missing] };
  }
  const user = merged(newUser(id, given, at), given, readTime(given.updated_at, at));
  return { kind: 'inserted', writes: [store.users.create(user), ...missing] };
}

/** An export may say null for what a user does not have. */
const withoutNulls = (row: Json): unknown =>
  isJsonObject(row)
    ? Object.fromEntries(Object.entries(row).filter(([name, value]) => value !== null || !importedApart.has(name)))
    : row;

const duplicated = () => new ApiError(409, 'The user already exists.', { code: 'DUPLICATED_USER' });

const newUser = (id: User['id'], given: ImportedUser, at: Date): User => ({
  id,
  attributes: {},
  userMetadata: {},
  appMetadata: {},
  isBlocked: false,
  loginsCount: given.logins_count ?? 0,
  lastLoginAt: given.last_login === undefined ? undefined : readTime(given.last_login, at),
  lastIp: given.last_ip,
  createdAt: readTime(given.created_at, at),
  updatedAt: at,
});

function merged(user: User, given: ImportedUser, updatedAt: Date): User {
  const attributes = Object.entries(given as JsonObject).filter(([name]) => !importedApart.has(name));
  const all = new Map([...Object.entries(user.attributes), ...attributes]);
  return {
    ...user,
    attributes: Object.fromEntries([...all].filter(([, value]) => value !== null)),
    userMetadata: mergeMetadata(user.userMetadata, given.user_metadata),
    appMetadata: mergeMetadata(user.appMetadata, given.app_metadata),
    isBlocked: given.blocked ?? user.isBlocked,
    updatedAt,
  };
}

function readTime(text: string | undefined, otherwise: Date): Date {
  if (text === undefined) return otherwise;
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw invalid(`${text} is not a time`);
  return time;
}

const invalid = (message: string) => new ApiError(400, message);
