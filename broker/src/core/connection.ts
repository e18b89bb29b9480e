import type { ClientId, ConnectionId, Sealed } from './ids.ts';
import type { JsonObject } from './json.ts';

/**
 * `options` of a connection of strategy `oauth2`, in Auth0's spelling: people write them, scripts read them.
 * Unknown keys are kept.
 */
export type ConnectionOptions = JsonObject & {
  readonly client_id?: string;
  readonly client_secret?: string;
  readonly authorizationURL?: string;
  readonly tokenURL?: string;
  readonly scope?: string | readonly string[];
  /** true: `connection_scope` and list scopes are joined with a space; otherwise with a comma. */
  readonly useOauthSpecScope?: boolean;
  readonly customHeaders?: Readonly<Record<string, string>>;
  readonly authParams?: Readonly<Record<string, string>>;
  /** key: the upstream's parameter; value: the /authorize parameter that it is copied from. */
  readonly authParamsMap?: Readonly<Record<string, string>>;
  readonly upstream_params?: Readonly<Record<string, { readonly value?: string; readonly alias?: string }>>;
  readonly pkce_enabled?: boolean;
  readonly icon_url?: string;
  readonly scripts?: { readonly fetchUserProfile?: string; readonly [name: string]: string | undefined };
  /** Where the browser goes on a federated logout. */
  readonly logoutUrl?: string;
  /** The upstream's field to our attribute. */
  readonly fieldsMap?: Readonly<Record<string, string>>;
  /** Attributes of the profile that are not stored. */
  readonly non_persistent_attrs?: readonly string[];
  readonly set_user_root_attributes?: 'on_each_login' | 'on_first_login' | 'never_on_login';
  /** Additions of Portico. */
  readonly userInfoURL?: string;
  readonly profileMapping?: Readonly<Record<string, string>>;
  readonly token_endpoint_auth_method?: 'client_secret_post' | 'client_secret_basic' | 'none';
  readonly issuer?: string;
  readonly jwks_uri?: string;
  readonly discovery_url?: string;
  /** true: the upstream answers at `/login/callback/<connection id>`, so that no other connection's answer can be taken for it. */
  readonly callback_per_connection?: boolean;
  /** RFC 9207 §3: the upstream sends `iss` with every answer, so an answer without it is refused. */
  readonly authorization_response_iss_parameter_supported?: boolean;
};

/** One configured way in, opened: its secrets are readable. Lives in memory only. */
export type Connection = {
  readonly id: ConnectionId;
  readonly name: string;
  readonly strategy: string;
  readonly displayName: string;
  readonly options: ConnectionOptions;
  readonly enabledClients: ReadonlySet<ClientId>;
  readonly metadata: JsonObject;
  /** Auth0: the purpose "authentication". false: the connection is no way to sign in. */
  readonly isForSignIn: boolean;
  /** What Auth0's tools store beside it and nothing here acts on. */
  readonly extra: JsonObject;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** As it is at rest: all options are sealed, since headers and parameters may carry secrets too. */
export type StoredConnection = Omit<Connection, 'options'> & { readonly sealedOptions: Sealed };

/** What a connection is unless it says otherwise; also what rows lack that an older version wrote. */
export const connectionDefaults = { isForSignIn: true, extra: {} } as const;

/** What can be changed of a connection, and so what a version of it holds. */
export type ConnectionContent = Pick<Connection, 'displayName' | 'options' | 'metadata' | 'isForSignIn' | 'extra'> & {
  readonly enabledClients: readonly ClientId[];
};

/** A connection as it was after one change. Numbers count from 1 for each connection. */
export type ConnectionVersion = {
  readonly connectionId: ConnectionId;
  readonly number: number;
  readonly at: Date;
  /** Who changed it: the subject of the access token, or the command line. */
  readonly actor: string;
  readonly content: ConnectionContent;
};

export type StoredConnectionVersion = Omit<ConnectionVersion, 'content'> & { readonly sealedContent: Sealed };

/** Names that configuration can never override in an upstream request. */
export const reservedParameters: ReadonlySet<string> = new Set([
  'response_type',
  'response_mode',
  'client_id',
  'client_secret',
  'redirect_uri',
  'state',
  'nonce',
  'scope',
  'code_challenge',
  'code_challenge_method',
  'request',
  'request_uri',
]);

/** Auth0: alphanumeric and dashes, starting and ending alphanumeric. */
export const connectionNamePattern = '^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,126}[a-zA-Z0-9])?$';
