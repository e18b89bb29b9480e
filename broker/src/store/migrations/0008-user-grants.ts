import type { ColumnTypes } from '../dialect.ts';

/** What a person has allowed an application. */
export const userGrants = ({ text, json, integer, tableOptions }: ColumnTypes): string[] => [
  `create table user_grants (
    id ${text} primary key,
    user_id ${text} not null references users (id) on delete cascade,
    client_id ${text} not null references clients (id) on delete cascade,
    audience ${text} not null,
    scopes ${json} not null,
    allowed_at ${integer} not null,
    unique (user_id, client_id, audience)
  )${tableOptions}`,

  `create index user_grants_client_id on user_grants (client_id)`,
];
