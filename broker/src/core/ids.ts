/** Branded strings: a user id cannot be passed where a client id is asked for. */
type Branded<Kind extends string> = string & { readonly __kind: Kind };

export type ClientId = Branded<'ClientId'>;
export type ConnectionId = Branded<'ConnectionId'>;
/** The rendered id, `oauth2|<connection name>|<upstream user id>`. A rendering; the key is the identity. */
export type UserId = Branded<'UserId'>;
/** What the upstream calls a person, exact to the last digit. */
export type UpstreamUserId = Branded<'UpstreamUserId'>;
export type ActionId = Branded<'ActionId'>;
export type GrantId = Branded<'GrantId'>;
export type KeyId = Branded<'KeyId'>;
/** Names one sign-in attempt in logs, error pages and traces. */
export type TraceId = Branded<'TraceId'>;
/** SHA-256 of a handle, see hashHandle. */
export type HandleHash = Branded<'HandleHash'>;
/** Bytes sealed by the vault; nothing outside the vault can read them. */
export type Sealed = Uint8Array & { readonly __kind: 'Sealed' };
