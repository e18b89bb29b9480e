import type { Generated } from 'kysely';
import type { UserKeys } from './user-keys.ts';

/*
 * The tables as both dialects see them: times are epoch milliseconds, flags 0 or 1, JSON is text, sealed values bytes.
 * What a column means is said at the domain type in core/.
 */
export type Bytes = Uint8Array;

export type Database = {
  tenant: { id: number; settings: string };
  clients: {
    id: string;
    settings: string;
    sealed_secret: Bytes | null;
    created_at: number;
    updated_at: number;
  };
  client_grants: { id: string; client_id: string; audience: string; scopes: string };
  resource_servers: { id: string; identifier: string; settings: string; sealed_signing_secret: Bytes | null };
  connections: {
    id: string;
    name: string;
    strategy: string;
    display_name: string;
    sealed_options: Bytes;
    metadata: string;
    settings: Generated<string>;
    created_at: number;
    updated_at: number;
  };
  session_clients: { sid: string; client_id: string; expires_at: number };
  logout_notices: { sid: string; client_id: string; user_id: string; attempts: number; due_at: number };
  connection_versions: {
    connection_id: string;
    number: number;
    at: number;
    actor: string;
    sealed_content: Bytes;
  };
  enabled_clients: { connection_id: string; client_id: string };
  keys: {
    id: string;
    use: string;
    state: string;
    sealed_material: Bytes;
    public_jwk: string;
    created_at: number;
    current_since: number | null;
    current_until: number | null;
  };
  actions: {
    id: string;
    name: string;
    trigger_id: string;
    source: string;
    deployed_version: number | null;
    sealed_secrets: Bytes;
    may_read_provider_tokens: number;
    created_at: number;
    updated_at: number;
    dependencies: string | null;
    runtime: string | null;
    trigger_version: string | null;
  };
  action_versions: {
    action_id: string;
    number: number;
    source: string;
    created_at: number;
    modules: string | null;
  };
  action_bindings: { trigger_id: string; position: number; action_id: string; display_name: string | null };
  rules: { id: string; name: string; source: string; position: number; is_enabled: number };
  modules: {
    name: string;
    version: string;
    hash: string;
    bundle: string;
    integrity: string | null;
    added_at: number;
  };
  rule_settings: { key: string; sealed_value: Bytes };
  users: {
    id: string;
    attributes: string;
    user_metadata: string;
    app_metadata: string;
    is_blocked: number;
    logins_count: number;
    last_login_at: number | null;
    created_at: number;
    updated_at: number;
    last_ip: string | null;
    last_login_order: number;
  } & UserKeys;
  user_terms: { user_id: string; field: string; value: string; number: number | null };
  identities: {
    connection_id: string;
    upstream_user_id: string;
    user_id: string;
    sealed_tokenset: Bytes | null;
    profile_data: string | null;
  };
  transactions: {
    state_hash: string;
    browser_hash: string;
    trace_id: string;
    client_id: string;
    connection_id: string | null;
    request: string;
    created_at: number;
    expires_at: number;
  };
  rate_buckets: { id: string; full_at: number };
  spent_proofs: { proof_hash: string; expires_at: number };
  pushed_requests: { uri_hash: string; client_id: string; parameters: string; expires_at: number };
  sessions: {
    handle_hash: string;
    sid: string;
    user_id: string;
    connection_id: string;
    authenticated_at: number;
    idle_expires_at: number;
    expires_at: number;
    created_at: number | null;
    updated_at: number | null;
    last_interacted_at: number | null;
    /** One a line. */
    client_ids: string | null;
    metadata: string | null;
  } & DeviceColumns;
  codes: AuthorizationColumns & {
    code_hash: string;
    redirect_uri: string;
    is_redirect_uri_explicit: number;
    challenge: string | null;
    challenge_method: string | null;
    nonce: string | null;
    trace_id: string;
    asks_auth_time: number;
    claims: string | null;
    created_at: number;
    expires_at: number;
    consumed_at: number | null;
  };
  device_codes: {
    device_hash: string;
    id: string;
    user_code_hash: string;
    client_id: string;
    scope: string | null;
    audience: string | null;
    state: string;
    /** AuthorizationColumns with `claims`. */
    granted: string | null;
    denial: string | null;
    polled_at: number | null;
    is_polled_too_soon: number;
    created_at: number;
    expires_at: number;
  };
  token_exchange_profiles: {
    id: string;
    name: string;
    subject_token_type: string;
    action_id: string;
    created_at: number;
    updated_at: number;
  };
  refresh_tokens: AuthorizationColumns &
    DeviceColumns & {
      token_hash: string;
      id: string;
      created_at: number;
      expires_at: number | null;
      idle_expires_at: number | null;
      consumed_at: number | null;
      successor_id: string | null;
      /** The token that this one replaced, so that a replaced token knows whether any of its successors was used. */
      predecessor_hash: string | null;
      is_rotating: number | null;
      heir_hash: string | null;
      last_exchanged_at: number | null;
      metadata: string | null;
    };
  user_grants: {
    id: string;
    user_id: string;
    client_id: string;
    audience: string;
    scopes: string;
    allowed_at: number;
  };
  orphaned_refresh_tokens: { token_hash: string; client_id: string; expires_at: number };
  revoked_grants: {
    grant_id: string;
    user_id: string;
    client_id: string;
    issued_from: number;
    revoked_at: number;
    expires_at: number;
  };
  daily_logins: { day: number; logins: number };
  counted_logs: { id: number; sequence: number };
  logs: {
    /** Order of arrival. */
    sequence: Generated<number>;
    id: string;
    type: string;
    at: number;
    trace_id: string;
    client_id: string | null;
    connection_id: string | null;
    user_id: string | null;
    user_name: string | null;
    ip: string | null;
    user_agent: string | null;
    description: string | null;
    details: string;
  };
  jobs: {
    id: string;
    type: string;
    status: string;
    connection_id: string | null;
    created_at: number;
    updated_at: number;
    details: string;
    expires_at: number;
  };
  job_parts: { job_id: string; kind: string; number: number; content: Bytes };
  attempts: {
    trace_id: string;
    at: number;
    client_id: string | null;
    connection_id: string | null;
    user_id: string | null;
    is_failed: number;
    sealed_record: Bytes;
    expires_at: number;
  };
};

export type AuthorizationColumns = {
  grant_id: string;
  client_id: string;
  user_id: string;
  connection_id: string;
  sid: string | null;
  scopes: string;
  audience: string | null;
  authenticated_at: number;
  key_thumbprint: string | null;
};

/** `last_…`: null where nothing has changed since the beginning. */
export type DeviceColumns = {
  initial_ip: string | null;
  initial_user_agent: string | null;
  last_ip: string | null;
  last_user_agent: string | null;
};
