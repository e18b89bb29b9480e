import { Type } from '@sinclair/typebox';
import { addSeconds } from '../core/clock.ts';
import type { DayCount } from '../store/store.ts';
import { activeUsers, dailyStats } from '../wire/management/answers/stats.ts';
import type { ManagementDeps } from './deps.ts';
import { anyOf, type Endpoint, endpoint } from './endpoint.ts';
import { querySchema } from './paging.ts';
import { validationError } from './problems.ts';

const thirtyDaysSeconds = 2_592_000;

/** `20261122`, the day in UTC. */
const day = Type.String({ pattern: '^\\d{8}$' });

/** `/stats` (contract: management API §5.4). */
export function statsEndpoints({ store, clock }: ManagementDeps): readonly Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/stats/active-users',
      summary: 'Tell how many users have signed in during the last 30 days',
      scopes: anyOf('read:stats'),
      result: activeUsers,
      answers: [200],
      handle: async () => ({
        status: 200,
        body: await store.users.countActive(addSeconds(clock.now(), -thirtyDaysSeconds)),
      }),
    }),
    endpoint({
      method: 'GET',
      path: '/stats/daily',
      summary: 'Tell how many sign-ins and new users each day had; days without are left out',
      scopes: anyOf('read:stats'),
      query: querySchema({ from: Type.Optional(day), to: Type.Optional(day) }),
      result: dailyStats,
      answers: [200, 400],
      async handle({ query }) {
        const today = clock.now();
        const to = query.to === undefined ? today : toDay(query.to);
        const from = query.from === undefined ? addSeconds(to, -thirtyDaysSeconds) : toDay(query.from);
        const days = await store.dailyLogins.list(from, to);
        return { status: 200, body: days.map((each) => toWire(each, today)) };
      },
    }),
  ];
}

const toWire = ({ date, logins, signups }: DayCount, now: Date) => ({
  date: date.toISOString(),
  logins,
  signups,
  leaked_passwords: 0,
  created_at: date.toISOString(),
  updated_at: now.toISOString(),
});

function toDay(text: string): Date {
  const date = new Date(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}T00:00:00Z`);
  if (!Number.isNaN(date.getTime())) return date;
  throw validationError('Query', [`'Object did not pass validation for format day: ${text}'`]);
}
