import type { Client, ResourceServer } from '../core/client.ts';
import type { Connection } from '../core/connection.ts';
import type { ActionId } from '../core/ids.ts';
import type { RefreshToken, Session } from '../core/session.ts';
import type { Trace } from '../core/trace.ts';
import type { User } from '../core/user.ts';
import type { HttpRequest } from '../http/route.ts';
import type { Snapshot } from '../tenant/directory.ts';
import type { Changes } from './changes.ts';

/** Auth0's names for the ways in. */
export type Protocol =
  | 'oidc-basic-profile'
  | 'oidc-implicit-profile'
  | 'oidc-hybrid-profile'
  | 'oauth2-refresh-token'
  | 'oauth2-device-code'
  | 'oauth2-token-exchange'
  | 'redirect-callback';

/** A person who is known and about to get tokens. */
export type SignIn = {
  readonly tenant: Snapshot;
  readonly trace: Trace;
  readonly request: HttpRequest;
  readonly protocol: Protocol;
  /** As they came to /authorize; empty at a refresh. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly user: User;
  readonly client: Client;
  readonly connection: Connection;
  readonly resourceServer: ResourceServer | undefined;
  /** What would be granted. */
  readonly scopes: readonly string[];
  /** What there is of it: after a refresh it may have ended, and a token exchange has none. */
  readonly session: Pick<Session, 'sid' | 'authenticatedAt'> & Partial<Session>;
  /** The one that is exchanged. */
  readonly refreshToken: RefreshToken | undefined;
  /** false: there is no browser that could be sent anywhere, or it may not be (prompt=none). */
  readonly mayRedirect: boolean;
  /** The person is back from where a script sent them. */
  readonly resumed: Resumed | undefined;
};

/** Where the scripts stand while the person is elsewhere. Plain JSON. */
export type Paused = {
  /** undefined: a Rule sent the person away, and all Rules run again, as on Auth0. */
  readonly actionId: ActionId | undefined;
  readonly changes: Changes;
};

export type Resumed = { readonly paused: Paused; readonly state: string };
