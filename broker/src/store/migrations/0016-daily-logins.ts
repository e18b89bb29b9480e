import type { ColumnTypes } from '../dialect.ts';

/** Sign-ins by day, counted from the log a minute later, so that no sign-in waits for a counter; and how far it was read. */
export const dailyLogins = ({ integer, tableOptions }: ColumnTypes): string[] => [
  `create table daily_logins (
    day ${integer} primary key,
    logins ${integer} not null
  )${tableOptions}`,
  `create table counted_logs (
    id ${integer} primary key check (id = 1),
    sequence ${integer} not null
  )${tableOptions}`,
];
