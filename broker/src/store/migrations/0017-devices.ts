import type { ColumnTypes } from '../dialect.ts';

/**
 * Where sessions and refresh tokens were begun and last used, which applications take part in a session, and what
 * administrators keep with both. null: from before these columns; `last_…`: nothing has changed since the beginning.
 */
export const devices = ({ text, integer, json }: ColumnTypes): string[] => [
  ...['sessions', 'refresh_tokens'].flatMap((table) => [
    `alter table ${table} add column initial_ip ${text}`,
    `alter table ${table} add column initial_user_agent ${text}`,
    `alter table ${table} add column last_ip ${text}`,
    `alter table ${table} add column last_user_agent ${text}`,
    `alter table ${table} add column metadata ${json}`,
  ]),
  `alter table sessions add column created_at ${integer}`,
  `alter table sessions add column updated_at ${integer}`,
  `alter table sessions add column last_interacted_at ${integer}`,
  // One id a line: a client that joins is appended.
  `alter table sessions add column client_ids ${text}`,
  `alter table refresh_tokens add column last_exchanged_at ${integer}`,
];
