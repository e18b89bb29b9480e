import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { Write } from '../store.ts';
import { createGroupCommit } from './group-commit.ts';
import { createExecute } from './statements.ts';

function setUp() {
  const db = new Database(':memory:');
  db.pragma('foreign_keys = on');
  db.exec('create table parent (id integer primary key)');
  db.exec('create table child (id integer references parent deferrable initially deferred)');
  const sent: string[] = [];
  const execute = createExecute(db);
  const group = createGroupCommit(db, (statement, values) => {
    sent.push(db.inTransaction ? statement.name : 'outside of a transaction');
    return execute(statement, values);
  });
  const insert = (table: string, id: number): Write<void> => ({
    statement: { name: table, sql: `insert into ${table} (id) values (?)` },
    values: [id],
    read: () => {},
  });
  const count = () => db.prepare('select count(*) from parent').pluck().get();
  return { db, group, insert, count, sent };
}

test('all writes of one turn share one transaction, and nobody is answered before it is committed', async () => {
  const { db, group, insert, count, sent } = setUp();
  const answers = [1, 2, 3].map((id) =>
    group.run([insert('parent', id)]).then(() => {
      expect(db.inTransaction).toBe(false);
      expect(count()).toBe(3);
    }),
  );
  expect(sent).toEqual([]);
  await Promise.all(answers);
  expect(sent).toEqual(['parent', 'parent', 'parent']);
});

test('a COMMIT that fails rejects every unit of the group as unavailable and keeps none', async () => {
  const { group, insert, count } = setUp();
  const outcomes = await Promise.allSettled([group.run([insert('parent', 1)]), group.run([insert('child', 99)])]);
  expect(outcomes).toMatchObject([
    { status: 'rejected', reason: { code: 'unavailable' } },
    { status: 'rejected', reason: { code: 'unavailable' } },
  ]);
  expect(count()).toBe(0);
  await group.run([insert('parent', 2)]);
  expect(count()).toBe(1);
});

describe('a group waits for the disk', () => {
  const full = 2;
  const normal = 1;
  const synchronous = (db: Database.Database) => db.pragma('synchronous', { simple: true });

  test('as soon as one of its writes must survive a loss of power', async () => {
    const { db, group, insert } = setUp();
    const shortLived = { ...insert('parent', 1), isShortLived: true };
    await Promise.all([group.run([shortLived]), group.run([insert('parent', 2)])]);
    expect(synchronous(db)).toBe(full);
  });

  test('not for short-lived or staged writes alone; the next durable one covers them', async () => {
    const { db, group, insert } = setUp();
    await Promise.all([
      group.run([{ ...insert('parent', 1), isShortLived: true }]),
      group.stage([insert('parent', 2)]),
    ]);
    expect(synchronous(db)).toBe(normal);
    await group.run([insert('parent', 3)]);
    expect(synchronous(db)).toBe(full);
  });

  test('where short-lived and durable writes share a unit', async () => {
    const { db, group, insert } = setUp();
    await group.run([{ ...insert('parent', 1), isShortLived: true }, insert('parent', 2)]);
    expect(synchronous(db)).toBe(full);
  });
});
