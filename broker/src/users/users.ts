import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../core/clock.ts';
import type { Connection } from '../core/connection.ts';
import { isConflict } from '../core/errors.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { Tokenset } from '../core/tokenset.ts';
import { type Profile, renderUserId, type User } from '../core/user.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';

/*
 * users/: upsert, link, unlink: identity in, user out.
 *
 * The key is (connection id, upstream user id). E-mail addresses never join two people.
 */

export type Users = {
  /**
   * The user behind an identity, made or brought up to date, with the tokenset sealed beside it, in one database
   * transaction. It is durable with the sign-in's log event, which goes before the answer. Throws StoreError('conflict') if the rendered id belongs to an identity of another connection.
   */
  signIn(connection: Connection, profile: Profile, came: Coming): Promise<User>;
  /**
   * The same for an identity that a script vouches for, without tokenset; one that is there stays. undefined: the identity
   * is unknown and is not to be made.
   */
  vouchFor(connection: Connection, profile: Profile, vouching: Vouching): Promise<User | undefined>;
};

/** What came along: the upstream's tokens, and the address of the browser. */
export type Coming = { readonly tokenset: Tokenset; readonly ip: string | undefined };

export type Vouching = { readonly creates: boolean; readonly updates: boolean };

type Upserting = Vouching & { readonly tokenset: Tokenset | undefined; readonly ip: string | undefined };

type UsersDeps = { readonly store: Store; readonly vault: Vault; readonly clock: Clock };

const attempts = 5;

export function createUsers(deps: UsersDeps): Users {
  return {
    async signIn(connection, profile, came) {
      const { kept, passing } = splitAttributes(connection, profile);
      const upserting = { ...came, creates: true, updates: setsAttributes(connection) };
      const user = await upsertInRace(deps, connection, kept, upserting);
      if (user === undefined) throw new Error('a sign-in makes its user');
      return passing === undefined ? user : { ...user, attributes: { ...user.attributes, ...passing } };
    },
    vouchFor: (connection, profile, vouching) =>
      upsertInRace(deps, connection, profile, { ...vouching, tokenset: undefined, ip: undefined }),
  };
}

async function upsertInRace(...given: Parameters<typeof upsert>): Promise<User | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await upsert(...given);
    } catch (error) {
      // Two first sign-ins of one person raced: the second finds what the first made.
      if (attempt === attempts || !isConflict(error)) throw error;
    }
  }
}

async function upsert(
  { store, vault, clock }: UsersDeps,
  connection: Connection,
  profile: Profile,
  { tokenset, ip, creates, updates }: Upserting,
): Promise<User | undefined> {
  const { upstreamUserId } = profile;
  const sealed = tokenset === undefined ? undefined : vault.sealTokenset(connection.id, upstreamUserId, tokenset);
  const known = await store.users.findByIdentity(connection.id, upstreamUserId);
  const at = clock.now();
  const userId = renderUserId(connection.strategy, connection.name, upstreamUserId);
  if (known !== undefined) {
    const attributes = updates ? withDefaults(profile) : undefined;
    const [user] = await store.stage([
      store.users.recordLogin({
        userId: known.id,
        at,
        ip,
        ...(known.id === userId ? news(known, profile, attributes) : nothingNew),
      }),
      ...(sealed === undefined ? [] : [store.identities.putTokenset(connection.id, upstreamUserId, sealed)]),
      ...(known.id === userId || attributes === undefined
        ? []
        : [store.identities.putProfileData(connection.id, upstreamUserId, attributes)]),
    ]);
    return user;
  }
  if (!creates) return undefined;
  const [user] = await store.stage([
    store.users.create({
      id: userId,
      attributes: connection.options.set_user_root_attributes === 'never_on_login' ? {} : withDefaults(profile),
      userMetadata: profile.userMetadata ?? {},
      appMetadata: profile.appMetadata ?? {},
      isBlocked: false,
      loginsCount: 1,
      lastLoginAt: at,
      lastIp: ip,
      createdAt: at,
      updatedAt: at,
    }),
    store.identities.create({ connectionId: connection.id, upstreamUserId, userId, sealedTokenset: sealed }),
  ]);
  return user;
}

/** Attributes that are what they were are not written again, and no index with them. */
const news = (known: User, { userMetadata, appMetadata }: Profile, attributes: JsonObject | undefined) => ({
  attributes: isDeepStrictEqual(attributes, known.attributes) ? undefined : attributes,
  userMetadata,
  appMetadata,
});

/** Who comes in by a linked identity stays who they are: what this upstream says is kept beside that identity. */
const nothingNew = { attributes: undefined, userMetadata: undefined, appMetadata: undefined };

/** Auth0's `non_persistent_attrs`: there for the scripts of this sign-in, and stored nowhere. */
function splitAttributes({ options }: Connection, profile: Profile) {
  const names = options.non_persistent_attrs ?? [];
  if (names.length === 0) return { kept: profile, passing: undefined };
  const isPassing = ([name]: readonly [string, Json]) => names.includes(name);
  const entries = Object.entries(profile.attributes);
  const attributes = Object.fromEntries(entries.filter((entry) => !isPassing(entry)));
  return { kept: { ...profile, attributes }, passing: Object.fromEntries(entries.filter(isPassing)) };
}

const setsAttributes = ({ options }: Connection): boolean =>
  (options.set_user_root_attributes ?? 'on_each_login') === 'on_each_login';

/** Auth0: a person always has a name, a nickname and, with an e-mail address, a picture. */
function withDefaults({ attributes, upstreamUserId }: Profile): JsonObject {
  const email = typeof attributes.email === 'string' ? attributes.email : undefined;
  const filled: Record<string, Json> = { ...attributes };
  filled.nickname ??= email?.split('@', 1)[0] ?? upstreamUserId;
  filled.name ??= email ?? filled.nickname;
  if (email !== undefined) filled.picture ??= gravatarOf(email, String(filled.name));
  return filled;
}

function gravatarOf(email: string, name: string): string {
  const initials = /^[a-z]{1,2}/.exec(name.toLowerCase())?.[0] ?? 'xx';
  const fallback = encodeURIComponent(`https://cdn.auth0.com/avatars/${initials}.png`);
  return `https://s.gravatar.com/avatar/${hash('md5', email.trim().toLowerCase(), 'hex')}?s=480&r=pg&d=${fallback}`;
}
