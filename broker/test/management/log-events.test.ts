import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addPerson, obtainTokens, web } from '../support/applications.ts';
import { useDatabase } from '../support/databases.ts';
import { finishedJob, uploadUsers } from '../support/jobs.ts';
import { type Api, addAdmin, createApi } from '../support/management.ts';
import { startWorld, type World } from '../support/world.ts';

const scopes = ['read:logs', 'read:users', 'create:users', 'delete:users', 'read:connections'];
const directory = mkdtempSync(join(tmpdir(), 'portico-log-events-'));
const file = join(directory, 'portico.db');
let world: World;
let api: Api;
beforeAll(async () => {
  const change = (seed: Parameters<typeof addAdmin>[0], issuerUrl: string) => addAdmin(seed, issuerUrl, scopes);
  world = await startWorld({ databaseUrl: `sqlite:${file}`, change });
  api = await createApi(world);
});
afterAll(async () => {
  await world.close();
  rmSync(directory, { recursive: true, force: true });
});

async function during(action: () => Promise<unknown>) {
  const { logs } = world.broker.store;
  const [last] = await logs.list(1);
  await action();
  return logs.listAfter(last?.id, 1_000);
}

async function signedInPerson() {
  const person = addPerson(world);
  await obtainTokens(world, web, { login_hint: person.id });
  return { person, userId: `oauth2|mapped|${person.id}` };
}
const remove = (userId: string) => api.call('DELETE', `/users/${encodeURIComponent(userId)}`);

describe('deleting a user', () => {
  test('leaves who did it, and who it was; once', async () => {
    const { person, userId } = await signedInPerson();
    const whose = { userId, userName: person.email, clientId: 'admin' };
    expect(await during(() => remove(userId))).toMatchObject([
      { type: 'sapi', ...whose },
      { type: 'sdu', ...whose },
    ]);
    expect((await during(() => remove(userId))).map(({ type }) => type)).toEqual(['sapi']);
  });

  test('that fails leaves a failure, and the user', async () => {
    const { userId } = await signedInPerson();
    const db = new Database(file);
    db.exec(`create trigger held before delete on users begin select raise(abort, 'held'); end`);
    const events = await during(async () => expect((await remove(userId)).status).toBeGreaterThan(299));
    db.exec('drop trigger held');
    db.close();
    expect(events).toMatchObject([{ type: 'fdu', userId, clientId: 'admin' }]);
    expect((await remove(userId)).status).toBe(204);
  });
});

describe('an import of users', () => {
  const imported = async (users: unknown) => {
    const [{ id }] = (await api.call('GET', '/connections?name=mapped')).body as [{ id: string }];
    return during(async () => {
      const { body } = await uploadUsers(api, { connection_id: id }, JSON.stringify(users));
      await finishedJob(api, (body as { id: string }).id);
    });
  };

  test('that takes somebody is a success that counts the others; one that takes nobody a failure', async () => {
    const good = { user_id: 'imported-1', email: 'imported@example.com' };
    expect((await imported([good, { email: 7 }])).filter(({ type }) => type !== 'sapi')).toMatchObject([
      { type: 'sui', details: { inserted: 1, updated: 0, failed: 1 } },
    ]);
    expect((await imported([good])).filter(({ type }) => type !== 'sapi')).toMatchObject([
      { type: 'fui', details: { inserted: 0, failed: 1 } },
    ]);
  });
});

describe('whoever follows the log on PostgreSQL', () => {
  const server = useDatabase('postgres');

  test('misses no line, though one that was written first may be seen last', async () => {
    const url = await server.url();
    const change = (seed: Parameters<typeof addAdmin>[0], issuerUrl: string) => addAdmin(seed, issuerUrl, scopes);
    const other = await startWorld({ databaseUrl: url, change });
    const slow = new pg.Client({ connectionString: url });
    try {
      const follow = async (reader: Api) =>
        ((await reader.call('GET', '/logs?take=100')).body as { type: string }[]).map(({ type }) => type);
      const reader = await createApi(other);
      await other.broker.store.logs.list(1);
      await slow.connect();
      await slow.query('begin');
      await slow.query(
        `insert into logs (id, type, at, trace_id, details) values ('log_slow', 'slow', $1, 'tr_slow', '{}')`,
        [other.broker.clock.now().getTime()],
      );
      await createApi(other);
      await other.broker.store.logs.list(1);
      other.broker.clock.advance(1);
      expect(await follow(reader)).not.toContain('seccft');
      await slow.query('commit');
      other.broker.clock.advance(5);
      expect(await follow(reader)).toEqual(['seccft', 'slow', 'seccft']);
    } finally {
      await slow.end();
      await other.close();
    }
  });
});
