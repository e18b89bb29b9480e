import type { ColumnTypes } from '../dialect.ts';

/** What a client proves itself with once, requests that it pushed, the key that its tokens are bound to, secrets of APIs. */
export const proofs = ({ text, json, integer, bytes, tableOptions }: ColumnTypes): string[] => [
  `create table spent_proofs (
    proof_hash ${text} primary key,
    expires_at ${integer} not null
  )${tableOptions}`,

  `create table pushed_requests (
    uri_hash ${text} primary key,
    client_id ${text} not null,
    parameters ${json} not null,
    expires_at ${integer} not null
  )${tableOptions}`,

  `alter table codes add column key_thumbprint ${text}`,

  `alter table refresh_tokens add column key_thumbprint ${text}`,

  `alter table resource_servers add column sealed_signing_secret ${bytes}`,
];

export const proofsOnPostgres = [
  'create index spent_proofs_expiry on spent_proofs (expires_at)',
  'create index pushed_requests_expiry on pushed_requests (expires_at)',
];
