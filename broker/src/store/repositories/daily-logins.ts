import { sql } from 'kysely';
import type { RepositoryDeps, Values } from '../compile.ts';
import { nothing } from '../outcomes.ts';
import type { Store } from '../store.ts';

const dayMs = 86_400_000;
const dayOf = (date: Date): number => Math.floor(date.getTime() / dayMs);

export function createDailyLogins({ compile }: RepositoryDeps): Store['dailyLogins'] {
  const mark = compile('daily_logins_mark', (db, _: Values<object>) =>
    db.selectFrom('counted_logs').select('sequence').where('id', '=', sql.lit(1)),
  );
  // Up to the first row that is too young: one with a lower number may still be on its way.
  const reach = compile('daily_logins_reach', (db, $: Values<{ from: number; settled: number }>) =>
    db.selectNoFrom((row) => [
      row.fn
        .coalesce(
          sql<number>`(select min(sequence) - 1 from logs where sequence > ${$.from} and at > ${$.settled})`,
          sql<number>`(select max(sequence) from logs)`,
          sql<number>`0`,
        )
        .as('sequence'),
    ]),
  );
  const count = compile('daily_logins_count', (db, $: Values<{ from: number; to: number }>) =>
    db
      .selectFrom('logs')
      .select((row) => [sql<number>`at / ${sql.lit(dayMs)}`.as('day'), row.fn.countAll<number>().as('logins')])
      .where('sequence', '>', $.from)
      .where('sequence', '<=', $.to)
      .where('type', '=', sql.lit('s'))
      .groupBy(sql`at / ${sql.lit(dayMs)}`),
  );
  const add = compile('daily_logins_add', (db, $: Values<{ day: number; logins: number }>) =>
    db
      .insertInto('daily_logins')
      .values({ day: $.day, logins: $.logins })
      .onConflict((conflict) =>
        conflict.column('day').doUpdateSet({ logins: sql<number>`daily_logins.logins + excluded.logins` }),
      ),
  );
  const move = compile('daily_logins_move', (db, $: Values<{ sequence: number }>) =>
    db
      .insertInto('counted_logs')
      .values({ id: sql.lit(1), sequence: $.sequence })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ sequence: $.sequence })),
  );
  const list = compile('daily_logins_list', (db, $: Values<{ from: number; to: number }>) =>
    db.selectFrom('daily_logins').select(['day', 'logins']).where('day', '>=', $.from).where('day', '<=', $.to),
  );
  const signups = compile('daily_signups_list', (db, $: Values<{ from: number; to: number }>) =>
    db
      .selectFrom('users')
      .select((row) => [sql<number>`created_at / ${sql.lit(dayMs)}`.as('day'), row.fn.countAll<number>().as('signups')])
      .where('created_at', '>=', $.from)
      .where('created_at', '<', $.to)
      .groupBy(sql`created_at / ${sql.lit(dayMs)}`),
  );

  return {
    async read(settledBefore) {
      const from = Number((await mark.first({}))?.sequence ?? 0);
      const to = Number((await reach.first({ from, settled: settledBefore.getTime() }))?.sequence ?? 0);
      if (to <= from) return undefined;
      const days = await count.rows({ from, to });
      return { sequence: to, days: days.map(({ day, logins }) => ({ day: Number(day), logins: Number(logins) })) };
    },
    add: ({ sequence, days }) => move.write({ sequence }, nothing, { before: days.map((day) => add.command(day)) }),
    async list(from, to) {
      const [first, last] = [dayOf(from), dayOf(to)];
      const [loginRows, signupRows] = await Promise.all([
        list.rows({ from: first, to: last }),
        signups.rows({ from: first * dayMs, to: (last + 1) * dayMs }),
      ]);
      const loginsOf = new Map(loginRows.map(({ day, logins }) => [Number(day), Number(logins)]));
      const signupsOf = new Map(signupRows.map(({ day, signups: count }) => [Number(day), Number(count)]));
      const days = [...new Set([...loginsOf.keys(), ...signupsOf.keys()])].sort((left, right) => left - right);
      return days.map((day) => ({
        date: new Date(day * dayMs),
        logins: loginsOf.get(day) ?? 0,
        signups: signupsOf.get(day) ?? 0,
      }));
    },
  };
}
