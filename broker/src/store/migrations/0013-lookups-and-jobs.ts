import type { ColumnTypes } from '../dialect.ts';

/**
 * Sessions and refresh tokens by the name that the Management API gives them, a person's log, and the log without the
 * two events that nearly every line is. Each of the first three costs a sign-in one more entry; the last one nothing.
 */
export const lookupsAndJobs = ({ text, json, integer, bytes, tableOptions }: ColumnTypes): string[] => [
  'create index sessions_sid on sessions (sid)',
  'create index refresh_tokens_id on refresh_tokens (id)',
  'create index logs_user on logs (user_id, sequence) where user_id is not null',
  `create index logs_rare on logs (type, sequence) where type not in ('s', 'ssa')`,

  `create table jobs (
    id ${text} primary key,
    type ${text} not null,
    status ${text} not null,
    connection_id ${text},
    created_at ${integer} not null,
    updated_at ${integer} not null,
    details ${json} not null,
    expires_at ${integer} not null
  )${tableOptions}`,
  'create index jobs_expiry on jobs (expires_at)',

  `create table job_parts (
    job_id ${text} not null references jobs (id) on delete cascade,
    kind ${text} not null,
    number ${integer} not null,
    content ${bytes} not null,
    primary key (job_id, kind, number)
  )${tableOptions}`,
];
