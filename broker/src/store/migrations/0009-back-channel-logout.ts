import type { ColumnTypes } from '../dialect.ts';

/** Which applications take part in a session and want to be told of its end, and who has still to be told. */
export const backChannelLogout = ({ text, integer, tableOptions }: ColumnTypes): string[] => [
  `create table session_clients (
    sid ${text} not null,
    client_id ${text} not null,
    expires_at ${integer} not null,
    primary key (sid, client_id)
  )${tableOptions}`,
  'create index session_clients_expiry on session_clients (expires_at)',

  `create table logout_notices (
    sid ${text} not null,
    client_id ${text} not null,
    user_id ${text} not null,
    attempts ${integer} not null,
    due_at ${integer} not null,
    primary key (sid, client_id)
  )${tableOptions}`,
  'create index logout_notices_due on logout_notices (due_at)',
];
