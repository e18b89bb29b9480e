import type { ColumnTypes } from '../dialect.ts';

/**
 * Device codes, the profiles of custom token exchange, and what refresh tokens have to know about themselves.
 * A device code is found by its own hash and by that of the user code; `granted` is there once a person allowed it.
 */
export const tokenGrants = ({ text, json, integer, tableOptions }: ColumnTypes): string[] => [
  `create table device_codes (
    device_hash ${text} primary key,
    id ${text} not null unique,
    user_code_hash ${text} not null unique,
    client_id ${text} not null,
    scope ${text},
    audience ${text},
    state ${text} not null,
    granted ${json},
    denial ${text},
    polled_at ${integer},
    is_polled_too_soon ${integer} not null,
    created_at ${integer} not null,
    expires_at ${integer} not null
  )${tableOptions}`,
  'create index device_codes_expiry on device_codes (expires_at)',

  `create table token_exchange_profiles (
    id ${text} primary key,
    name ${text} not null unique,
    subject_token_type ${text} not null unique,
    action_id ${text} not null references actions (id) on delete cascade,
    created_at ${integer} not null,
    updated_at ${integer} not null
  )${tableOptions}`,

  // null: from before this column; such a token goes by its client's setting.
  `alter table refresh_tokens add column is_rotating ${integer}`,
  // Of several successors within the leeway, the one that was used first; the others are dead from then on.
  `alter table refresh_tokens add column heir_hash ${text}`,
  `create index refresh_tokens_consumed on refresh_tokens (consumed_at)
    where consumed_at is not null and coalesce(idle_expires_at, expires_at) is null`,
];
