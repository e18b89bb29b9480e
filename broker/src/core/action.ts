import type { Metadata } from './device.ts';
import type { ActionId, Sealed } from './ids.ts';
import type { JsonObject } from './json.ts';
import type { ModuleName, ModulePin, StoredModule } from './module.ts';

export const servedTriggers = ['post-login', 'credentials-exchange', 'custom-token-exchange'] as const;
export type ServedTrigger = (typeof servedTriggers)[number];

/** Auth0 has them for what Portico is not: their Actions are kept, so that a tenant moves whole, and never run. */
export const keptTriggers = [
  'pre-user-registration',
  'post-user-registration',
  'post-change-password',
  'send-phone-message',
  'custom-phone-provider',
  'custom-email-provider',
  'password-reset-post-challenge',
  'event-stream',
] as const;

export const triggers = [...servedTriggers, ...keptTriggers] as const;
export type Trigger = (typeof triggers)[number];

/** What was deployed once; never changed afterwards. */
export type ActionVersion = {
  readonly number: number;
  readonly source: string;
  /** npm modules as they were when it was deployed. */
  readonly modules: readonly ModulePin[];
  readonly createdAt: Date;
};

/** A script of the tenant that is bound to a trigger. */
export type StoredAction = {
  readonly id: ActionId;
  readonly name: string;
  readonly trigger: Trigger;
  /** Of the trigger and of Node.js as Auth0's tools call them; every Action runs alike. undefined: nothing was said. */
  readonly triggerVersion: string | undefined;
  readonly runtime: string | undefined;
  /** The draft. It never runs in a sign-in. */
  readonly source: string;
  /** What runs. undefined: never deployed. */
  readonly deployed: ActionVersion | undefined;
  /** npm modules that the draft wants; `latest` is resolved when it is deployed. */
  readonly dependencies: readonly ModuleName[];
  /** A JSON object of strings. */
  readonly sealedSecrets: Sealed;
  /** It sees `event.user.identities[].access_token`: an addition of ours, Auth0 shows no Action a provider's token. */
  readonly mayReadProviderTokens: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** The name of an Action or a Rule as its scripts' files carry it in stacks and records. */
export const toFileName = (name: string): string => name.replace(/[^\w.-]+/g, '-');

export type ActionBinding = {
  readonly trigger: Trigger;
  readonly actionId: ActionId;
  /** undefined: like the Action. */
  readonly displayName: string | undefined;
};

/** A legacy Rule; all of them have the stage `login_success`. Run by `order`, lowest first. */
export type Rule = {
  readonly id: string;
  readonly name: string;
  readonly source: string;
  readonly order: number;
  readonly isEnabled: boolean;
};

/** One value of the `configuration` that Rules read. */
export type StoredRuleSetting = { readonly key: string; readonly sealedValue: Sealed };

/** A deployed Action as a trigger runs it. */
export type BoundAction = Pick<StoredAction, 'id' | 'name' | 'mayReadProviderTokens'> & {
  readonly version: number;
  readonly source: string;
  readonly secrets: Readonly<Record<string, string>>;
  /** The modules that it was deployed with. */
  readonly modules: readonly StoredModule[];
  /** Why it cannot run: a module is gone, or is not what it was. */
  readonly problem: string | undefined;
};

/** What the tenant runs at a trigger, in order; with nothing in it, a trigger costs nothing. */
export type TenantScripts = {
  readonly rules: readonly Rule[];
  readonly rulesConfiguration: JsonObject;
  readonly postLogin: readonly BoundAction[];
  readonly credentialsExchange: readonly BoundAction[];
  /** By the type of the subject token. */
  readonly tokenExchanges: ReadonlyMap<string, BoundAction>;
  /** What Rules and scripts of connections may require as `name@version`. */
  readonly modules: readonly StoredModule[];
};

/** Claims that scripts add to the tokens of one sign-in. */
export type CustomClaims = {
  readonly idToken: JsonObject;
  readonly accessToken: JsonObject;
  /** Not a claim: what the refresh token that comes of it begins with. undefined: nothing, or it is older than this member. */
  readonly refreshTokenMetadata?: Metadata;
};
