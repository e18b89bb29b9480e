import type { CustomClaims } from '../core/action.ts';
import type { Clock } from '../core/clock.ts';
import { isConflict, OAuthError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { User } from '../core/user.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Store, Write } from '../store/store.ts';
import type { Snapshot } from '../tenant/directory.ts';
import type { Vault } from '../vault/vault.ts';
import { createActionCache } from './cache.ts';
import { type Changes, changeTexts, hasClaims, hasMetadata, hasTexts, noTextChange } from './changes.ts';
import { accessTokenClaims, idTokenClaims } from './claims.ts';
import { type Exchange, runCredentialsExchange } from './credentials-exchange.ts';
import { runPostLogin } from './post-login.ts';
import { createRulesGlobal } from './rules-global.ts';
import type { Paused, SignIn } from './sign-in.ts';
import { type ExchangeVerdict, runTokenExchange, type TokenExchange } from './token-exchange.ts';

/*
 * actions/: triggers, `event` and `api`, ordered effects; Rules compatibility.
 *
 * A script asks, and one function applies what it asked for, in order. The room decides what becomes of a sign-in; it
 * sends nobody anywhere, mints nothing, and writes only metadata. Where nothing is bound, nothing of it is called.
 */

export type Verdict =
  | {
      readonly kind: 'allowed';
      /** With the metadata that scripts changed. */
      readonly user: User;
      readonly scopes: readonly string[];
      readonly claims: CustomClaims | undefined;
    }
  | { readonly kind: 'redirect'; readonly url: string; readonly paused: Paused };

export type Actions = {
  /** Throws OAuthError where a script denies or fails. Metadata is saved in any case, once. */
  runPostLogin(signIn: SignIn): Promise<Verdict>;
  /** Whose tokens a subject token is good for. Throws OAuthError where the Action denies or fails. */
  runTokenExchange(exchange: TokenExchange): Promise<ExchangeVerdict>;
  /** Merges what an Action has set into the user's metadata. */
  saveMetadata(user: User, metadata: Pick<Changes, 'userMetadata' | 'appMetadata'>): Promise<User>;
  /** Claims for a client's own token. Throws OAuthError where an Action denies or fails. */
  runCredentialsExchange(exchange: Exchange): Promise<JsonObject>;
};

type ActionsDeps = {
  readonly store: Store;
  readonly vault: Vault;
  readonly sandbox: Sandbox;
  readonly clock: Clock;
  readonly issuerUrl: string;
};

/** Auth0: what custom claims may weigh. */
const maxClaimsBytes = 100_000;

export const hasPostLogin = ({ scripts }: Snapshot): boolean => scripts.rules.length + scripts.postLogin.length > 0;

export function createActions(deps: ActionsDeps): Actions {
  const run = { ...deps, cache: createActionCache(), rulesGlobal: createRulesGlobal() };
  return {
    async runPostLogin(signIn) {
      const { changes, error, redirect } = await runPostLogin(run, signIn);
      const user = await saveMetadata(deps, signIn.user, changes);
      await saveTexts(deps, signIn, changes);
      if (error !== undefined) throw error;
      if (redirect !== undefined) {
        // What is saved now is not saved again when the person is back.
        const saved = { userMetadata: {}, appMetadata: {}, sessionMetadata: noTextChange };
        const waiting = { ...redirect.paused.changes, ...saved };
        return { kind: 'redirect', url: redirect.url, paused: { ...redirect.paused, changes: waiting } };
      }
      return { kind: 'allowed', user, scopes: changes.scopes, claims: claimsOf(signIn, changes) };
    },
    runCredentialsExchange: (exchange) => runCredentialsExchange(run, exchange),
    runTokenExchange: (exchange) => runTokenExchange(run, exchange),
    saveMetadata: (user, metadata) => saveMetadata(deps, user, metadata),
  };
}

type Metadata = Pick<Changes, 'userMetadata' | 'appMetadata'>;

async function saveMetadata({ store, clock }: ActionsDeps, user: User, changes: Metadata): Promise<User> {
  if (!hasMetadata(changes)) return user;
  const { userMetadata, appMetadata } = changes;
  return store.write(store.users.changeMetadata({ userId: user.id, at: clock.now(), userMetadata, appMetadata }));
}

/** What is kept with the session, and at a refresh with the token; a token that is yet to be made begins with it. */
async function saveTexts({ store, clock }: ActionsDeps, signIn: SignIn, changes: Changes): Promise<void> {
  const { session, refreshToken } = signIn;
  const { sessionMetadata, refreshTokenMetadata } = changes;
  const writes: Write<void>[] = [];
  if (session.metadata !== undefined && hasTexts(sessionMetadata)) {
    const metadata = changeTexts(session.metadata, sessionMetadata);
    writes.push(store.sessions.putMetadata(session.sid, metadata, clock.now()));
  }
  if (refreshToken !== undefined && hasTexts(refreshTokenMetadata)) {
    const metadata = changeTexts(refreshToken.metadata, refreshTokenMetadata);
    writes.push(store.refreshTokens.putMetadata(refreshToken.id, metadata));
  }
  await Promise.all(writes.map((write) => store.write(write).catch(passOverEnded)));
}

/** A session or token that has ended meanwhile keeps nothing. */
function passOverEnded(error: unknown): void {
  if (!isConflict(error)) throw error;
}

function claimsOf({ resourceServer }: SignIn, changes: Changes): CustomClaims | undefined {
  const refreshTokenMetadata = changeTexts({}, changes.refreshTokenMetadata);
  if (!hasClaims(changes) && Object.keys(refreshTokenMetadata).length === 0) return undefined;
  const claims = {
    idToken: idTokenClaims(changes.claims.idToken, changes.scopes),
    accessToken: accessTokenClaims(changes.claims.accessToken, resourceServer),
    refreshTokenMetadata,
  };
  if (Buffer.byteLength(JSON.stringify(claims)) <= maxClaimsBytes) return claims;
  throw new OAuthError('access_denied', 'The custom claims of the Actions are larger than 100 kB', { status: 403 });
}
