import { Type } from '@sinclair/typebox';
import { count, time } from './shapes.ts';

export const activeUsers = Type.Integer({ description: 'Users who have signed in during the last 30 days.' });
export const dailyStats = Type.Array(
  Type.Object(
    {
      date: time('Where the day begins, in UTC.'),
      logins: count(),
      signups: count('New users.'),
      leaked_passwords: count('Always 0.'),
      created_at: time(),
      updated_at: time(),
    },
    { $id: 'DailyStats' },
  ),
);
