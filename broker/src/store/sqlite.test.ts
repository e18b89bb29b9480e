import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigError } from '../core/errors.ts';
import type { ClientId } from '../core/ids.ts';
import { createPerson, sampleRefreshToken, sampleSession, sampleUser } from './conformance/samples.ts';
import { describeStore } from './conformance.ts';
import { openStore } from './open-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'portico-store-'));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
const createPath = () => join(folder, `data-${++count}`, 'portico.db');
const createUrl = async () => `sqlite:${createPath()}`;

describeStore('sqlite', createUrl);

describe('sqlite', () => {
  test('the file and its companions are readable by the owner only', async () => {
    const path = createPath();
    const store = await openStore({ url: `sqlite:${path}` });
    await store.write(store.users.create(sampleUser()));
    for (const name of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(name).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    await store.close();
  });

  test('a database in memory lives as long as its store', async () => {
    const store = await openStore({ url: 'sqlite::memory:' });
    const user = sampleUser();
    await store.write(store.users.create(user));
    expect(await store.users.find(user.id)).toEqual(user);
    await store.close();
  });

  test('a schema newer than the program is refused and left as it is', async () => {
    const path = createPath();
    const store = await openStore({ url: `sqlite:${path}` });
    await store.close();
    const db = new Database(path);
    db.exec('update schema_version set version = 999');
    const before = db.serialize();
    const refused = openStore({ url: `sqlite:${path}` });
    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow(/schema version 999.*newer Portico/);
    expect(db.serialize().equals(before)).toBe(true);
    db.close();
  });

  test('sessions and refresh tokens from before devices were kept are read as what is known of them', async () => {
    const path = createPath();
    const store = await openStore({ url: `sqlite:${path}` });
    const { connection, user } = await createPerson(store);
    const session = sampleSession(user.id, connection.id);
    const token = sampleRefreshToken(user.id, connection.id);
    await store.writeAll([store.sessions.create(session), store.refreshTokens.create(token)]);
    const db = new Database(path);
    const device =
      'initial_ip = null, initial_user_agent = null, last_ip = null, last_user_agent = null, metadata = null';
    db.exec(`update sessions set ${device}, client_ids = null, created_at = null, updated_at = null,
      last_interacted_at = null`);
    db.exec(`update refresh_tokens set ${device}, last_exchanged_at = null`);
    db.close();
    const nowhere = { ip: undefined, userAgent: undefined };
    const unknown = { device: { initial: nowhere, last: nowhere }, metadata: {} };
    expect(await store.sessions.find(session.handleHash)).toEqual({ ...session, ...unknown, clientIds: [] });
    expect(await store.refreshTokens.find(token.tokenHash)).toEqual({ ...token, ...unknown });
    await store.write(store.sessions.join(session.handleHash, 'web' as ClientId, session.createdAt));
    expect((await store.sessions.find(session.handleHash))?.clientIds).toEqual(['web']);
    await store.close();
  });

  test('a file that is no database is refused with its name', async () => {
    const path = join(folder, 'notes.txt');
    writeFileSync(
      path,
      'These are notes, more than enough of them to be taken for a header of a database. '.repeat(20),
    );
    await expect(openStore({ url: `sqlite:${path}` })).rejects.toThrow(/notes\.txt cannot be used: .*not a database/);
    await expect(openStore({ url: `sqlite:${path}/portico.db` })).rejects.toThrow(ConfigError);
    await expect(openStore({ url: 'mysql://root:hidden@host/db' })).rejects.toThrow(ConfigError);
  });

  test('every commit is synchronised, deleted rows are overwritten, foreign keys hold', async () => {
    const { openDatabase } = await import('./sqlite/open-database.ts');
    const db = openDatabase(createPath());
    const settings = ['journal_mode', 'synchronous', 'secure_delete', 'foreign_keys'];
    expect(settings.map((name) => db.pragma(name, { simple: true }))).toEqual(['wal', 2, 1, 1]);
    db.close();
  });
});
