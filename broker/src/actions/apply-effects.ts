import type { Json, JsonObject } from '../core/json.ts';
import { isJsonObject } from '../core/json.ts';
import { isDangerousKey } from '../core/profile-tokens.ts';
import type { ActionRecord } from '../sandbox/sandbox.ts';
import type { Changes, TextChange } from './changes.ts';
import { mayBeClaim } from './claims.ts';

export type Effect = ActionRecord['effects'][number];

/** What an Action's effects come to. */
export type Applied = {
  readonly changes: Changes;
  /** The words of `access.deny`: a reason, or for credentials-exchange a code before it. */
  readonly denial: readonly string[] | undefined;
  /** Where `redirect.sendUserTo` leads. */
  readonly redirectUrl: string | undefined;
  /** Cache writes, in order. */
  readonly cacheEffects: readonly Effect[];
  /** Calls of `authentication.setUserById` and `.setUserByConnection`, in order. */
  readonly people: readonly Effect[];
  /** The reason of `access.rejectInvalidSubjectToken`. */
  readonly rejection: string | undefined;
  /** What was asked for and not done, for the trace. */
  readonly ignored: readonly string[];
  /** An effect that must not be passed over silently: the sign-in ends with it. */
  readonly unserved: string | undefined;
};

/** A second factor that is asked for and not served must not become a sign-in without one; so with the others here. */
const mustBeServed =
  /^(?:multifactor\.enable|authentication\.(?:challenge|enroll)\w*|authentication\.set(?:PrimaryUser|Organization|Actor)|prompt\.render|session\.revoke|refreshToken\.revoke|validation\.error)$/;

/** The one place where effects become changes, in the order in which the Action asked for them. */
export function applyEffects(changes: Changes, effects: readonly Effect[]): Applied {
  return effects.reduce(apply, {
    changes,
    denial: undefined,
    redirectUrl: undefined,
    cacheEffects: [],
    people: [],
    rejection: undefined,
    ignored: [],
    unserved: undefined,
  });
}

function apply(applied: Applied, effect: Effect): Applied {
  const [first] = effect.arguments;
  const name = typeof first === 'string' ? first : undefined;
  const { changes } = applied;
  switch (effect.name) {
    case 'access.deny':
      return applied.denial === undefined ? { ...applied, denial: effect.arguments.map(String) } : applied;
    case 'access.rejectInvalidSubjectToken':
      return { ...applied, rejection: applied.rejection ?? String(first ?? '') };
    case 'authentication.setUserById':
    case 'authentication.setUserByConnection':
      return { ...applied, people: [...applied.people, effect] };
    case 'idToken.setCustomClaim':
      return setClaim(applied, 'idToken', effect);
    case 'accessToken.setCustomClaim':
      return setClaim(applied, 'accessToken', effect);
    case 'accessToken.addScope':
      return name === undefined || !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(name) || name === 'offline_access'
        ? ignore(applied, effect)
        : { ...applied, changes: { ...changes, scopes: [...new Set([...changes.scopes, name])] } };
    case 'accessToken.removeScope':
      return { ...applied, changes: { ...changes, scopes: changes.scopes.filter((scope) => scope !== name) } };
    case 'user.setUserMetadata':
    case 'user.setAppMetadata':
    case 'transaction.setMetadata':
      return setMetadata(applied, effect);
    case 'session.setMetadata':
    case 'session.deleteMetadata':
    case 'session.evictMetadata':
      return changeText(applied, 'sessionMetadata', effect);
    case 'refreshToken.setMetadata':
    case 'refreshToken.deleteMetadata':
    case 'refreshToken.evictMetadata':
      return changeText(applied, 'refreshTokenMetadata', effect);
    case 'redirect.sendUserTo':
      return sendUserTo(applied, effect);
    case 'cache.set':
    case 'cache.delete':
      return { ...applied, cacheEffects: [...applied.cacheEffects, effect] };
    case 'multifactor.enable':
      // Auth0: the provider `none` takes a second factor back.
      return first === 'none' ? applied : unserved(applied, effect);
    default:
      return mustBeServed.test(effect.name) ? unserved(applied, effect) : ignore(applied, effect);
  }
}

const unserved = (applied: Applied, { name }: Effect): Applied => ({ ...applied, unserved: applied.unserved ?? name });

const ignore = (applied: Applied, { name, arguments: [first] }: Effect): Applied => ({
  ...applied,
  ignored: [...applied.ignored, typeof first === 'string' ? `${name} ${first.slice(0, 64)}` : name],
});

function setClaim(applied: Applied, token: 'idToken' | 'accessToken', effect: Effect): Applied {
  const [name, value = null] = effect.arguments;
  if (typeof name !== 'string' || name === '' || !mayBeClaim(name)) return ignore(applied, effect);
  const { changes } = applied;
  const claims = { ...changes.claims, [token]: { ...changes.claims[token], [name]: value } };
  return { ...applied, changes: { ...changes, claims } };
}

const targets = {
  'user.setUserMetadata': 'userMetadata',
  'user.setAppMetadata': 'appMetadata',
  'transaction.setMetadata': 'transactionMetadata',
} as const;

function setMetadata(applied: Applied, effect: Effect): Applied {
  const [key, value = null] = effect.arguments;
  const target = targets[effect.name as keyof typeof targets];
  if (typeof key !== 'string' || isDangerousKey(key)) return ignore(applied, effect);
  const changed: JsonObject = { ...applied.changes[target], [key]: value };
  return { ...applied, changes: { ...applied.changes, [target]: changed } };
}

const maxTextLength = 255;

/** Auth0: names and values are texts of 255 characters at most. */
function changeText(applied: Applied, target: 'sessionMetadata' | 'refreshTokenMetadata', effect: Effect): Applied {
  const changed = changedTexts(applied.changes[target], effect);
  return changed === undefined
    ? ignore(applied, effect)
    : { ...applied, changes: { ...applied.changes, [target]: changed } };
}

/** undefined: it cannot be kept. */
function changedTexts({ isEmptied, texts }: TextChange, { name, arguments: values }: Effect): TextChange | undefined {
  if (name.endsWith('.evictMetadata')) return { isEmptied: true, texts: {} };
  const [key, value] = values;
  if (!isText(key) || key === '' || isDangerousKey(key)) return undefined;
  if (name.endsWith('.deleteMetadata')) return { isEmptied, texts: { ...texts, [key]: null } };
  return isText(value) ? { isEmptied, texts: { ...texts, [key]: value } } : undefined;
}

const isText = (value: Json | undefined): value is string => typeof value === 'string' && value.length <= maxTextLength;

function sendUserTo(applied: Applied, effect: Effect): Applied {
  const [address, options] = effect.arguments;
  const url = typeof address === 'string' ? URL.parse(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    return {
      ...applied,
      unserved: applied.unserved ?? 'redirect.sendUserTo with an address that is not http or https',
    };
  }
  for (const [name, value] of Object.entries(queryOf(options))) url.searchParams.set(name, textOf(value));
  return { ...applied, redirectUrl: url.href };
}

const queryOf = (options: Json | undefined): JsonObject =>
  isJsonObject(options) && isJsonObject(options.query) ? options.query : {};

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));
