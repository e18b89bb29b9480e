import type { ColumnTypes } from '../dialect.ts';

/** Refresh tokens whose person was deleted: their clients are told so, as on Auth0. */
export const orphanedTokens = ({ text, integer, tableOptions }: ColumnTypes): string[] => [
  `create table orphaned_refresh_tokens (
    token_hash ${text} primary key,
    client_id ${text} not null,
    expires_at ${integer} not null
  )${tableOptions}`,
  'create index orphaned_refresh_tokens_expiry on orphaned_refresh_tokens (expires_at)',
];
