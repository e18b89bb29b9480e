import type { ColumnTypes } from '../dialect.ts';

/** Attempts are written at sign-ins too, and found by their trace id alone. No foreign keys: they outlive what they tell of. */
export const attempts = ({ text, integer, bytes, tableOptions }: ColumnTypes): string[] => [
  `create table attempts (
    trace_id ${text} primary key,
    at ${integer} not null,
    client_id ${text},
    connection_id ${text},
    user_id ${text},
    is_failed ${integer} not null,
    sealed_record ${bytes} not null,
    expires_at ${integer} not null
  )${tableOptions}`,
];

export const attemptsOnPostgres = ['create index attempts_expiry on attempts (expires_at)'];
