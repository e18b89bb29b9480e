import type { ColumnTypes } from '../dialect.ts';

/*
 * Hot tables (transactions, codes, sessions, logs) are written at every sign-in: each index there is paid by everyone.
 * Foreign keys make a deleted user or connection take its rows along, and keep a sign-in in flight from adding new ones.
 */
export const first = ({ text, json, mergedJson, integer, bytes, sequence, tableOptions }: ColumnTypes): string[] => {
  const authorization = `
    grant_id ${text} not null,
    client_id ${text} not null,
    user_id ${text} not null references users (id) on delete cascade,
    connection_id ${text} not null,
    sid ${text},
    scopes ${json} not null,
    audience ${text},
    authenticated_at ${integer} not null`;

  return [
    `create table tenant (
      id ${integer} primary key check (id = 1),
      settings ${json} not null
    )${tableOptions}`,

    `create table clients (
      id ${text} primary key,
      settings ${json} not null,
      sealed_secret ${bytes},
      created_at ${integer} not null,
      updated_at ${integer} not null
    )${tableOptions}`,

    `create table client_grants (
      id ${text} primary key,
      client_id ${text} not null references clients (id) on delete cascade,
      audience ${text} not null,
      scopes ${json} not null,
      unique (client_id, audience)
    )${tableOptions}`,

    `create table resource_servers (
      id ${text} primary key,
      identifier ${text} not null unique,
      settings ${json} not null
    )${tableOptions}`,

    `create table connections (
      id ${text} primary key,
      name ${text} not null unique,
      strategy ${text} not null,
      display_name ${text} not null,
      sealed_options ${bytes} not null,
      metadata ${json} not null,
      created_at ${integer} not null,
      updated_at ${integer} not null
    )${tableOptions}`,

    `create table enabled_clients (
      connection_id ${text} not null references connections (id) on delete cascade,
      client_id ${text} not null,
      primary key (connection_id, client_id)
    )${tableOptions}`,

    `create table keys (
      id ${text} primary key,
      use ${text} not null,
      state ${text} not null,
      sealed_material ${bytes} not null,
      public_jwk ${json} not null,
      created_at ${integer} not null
    )${tableOptions}`,

    `create table users (
      id ${text} primary key,
      attributes ${json} not null,
      user_metadata ${mergedJson} not null,
      app_metadata ${mergedJson} not null,
      is_blocked ${integer} not null,
      logins_count ${integer} not null,
      last_login_at ${integer},
      created_at ${integer} not null,
      updated_at ${integer} not null
    )${tableOptions}`,

    `create table identities (
      connection_id ${text} not null references connections (id) on delete cascade,
      upstream_user_id ${text} not null,
      user_id ${text} not null references users (id) on delete cascade,
      sealed_tokenset ${bytes},
      primary key (connection_id, upstream_user_id)
    )${tableOptions}`,
    'create index identities_user on identities (user_id)',

    `create table transactions (
      state_hash ${text} primary key,
      browser_hash ${text} not null,
      trace_id ${text} not null,
      client_id ${text} not null,
      connection_id ${text},
      request ${json} not null,
      created_at ${integer} not null,
      expires_at ${integer} not null
    )${tableOptions}`,
    'create index transactions_browser on transactions (browser_hash)',

    `create table sessions (
      handle_hash ${text} primary key,
      sid ${text} not null,
      user_id ${text} not null references users (id) on delete cascade,
      connection_id ${text} not null,
      authenticated_at ${integer} not null,
      idle_expires_at ${integer} not null,
      expires_at ${integer} not null
    )${tableOptions}`,
    'create index sessions_user on sessions (user_id)',

    `create table codes (
      code_hash ${text} primary key,${authorization},
      redirect_uri ${text} not null,
      is_redirect_uri_explicit ${integer} not null,
      challenge ${text},
      challenge_method ${text},
      nonce ${text},
      trace_id ${text} not null,
      asks_auth_time ${integer} not null,
      created_at ${integer} not null,
      expires_at ${integer} not null,
      consumed_at ${integer}
    )${tableOptions}`,

    `create table refresh_tokens (
      token_hash ${text} primary key,
      id ${text} not null,${authorization},
      created_at ${integer} not null,
      expires_at ${integer},
      idle_expires_at ${integer},
      consumed_at ${integer},
      successor_id ${text},
      predecessor_hash ${text}
    )${tableOptions}`,
    'create index refresh_tokens_grant on refresh_tokens (grant_id)',
    'create index refresh_tokens_user on refresh_tokens (user_id)',
    `create index refresh_tokens_expiry on refresh_tokens (coalesce(idle_expires_at, expires_at))
      where coalesce(idle_expires_at, expires_at) is not null`,

    `create table revoked_grants (
      grant_id ${text} primary key,
      user_id ${text} not null,
      client_id ${text} not null,
      issued_from ${integer} not null,
      revoked_at ${integer} not null,
      expires_at ${integer} not null
    )${tableOptions}`,
    'create index revoked_grants_user on revoked_grants (user_id, client_id)',

    `create table logs (
      sequence ${sequence},
      id ${text} not null unique,
      type ${text} not null,
      at ${integer} not null,
      trace_id ${text} not null,
      client_id ${text},
      connection_id ${text},
      user_id ${text},
      ip ${text},
      user_agent ${text},
      description ${text},
      details ${json} not null
    )${tableOptions}`,
    'create index logs_trace on logs (trace_id)',
  ];
};

/** Leases of `exclusively`; PostgreSQL has advisory locks. */
export const firstOnSqlite = [
  `create table leases (
    name text primary key,
    owner text not null,
    expires_at integer not null
  ) strict`,
];

/** SQLite walks its hot tables in order of arrival instead; here an index costs the server, not the broker. */
export const firstOnPostgres = [
  'create index transactions_expiry on transactions (expires_at)',
  'create index sessions_expiry on sessions (expires_at)',
  'create index codes_expiry on codes (expires_at)',
];
