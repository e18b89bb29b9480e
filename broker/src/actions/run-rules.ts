import { type Rule, toFileName } from '../core/action.ts';
import { OAuthError } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { isDangerousKey } from '../core/profile-tokens.ts';
import { endingOf } from '../sandbox/compiled-script.ts';
import type { Sandbox, ScriptOutcome } from '../sandbox/sandbox.ts';
import type { Effect } from './apply-effects.ts';
import type { Changes } from './changes.ts';
import { mayBeClaim } from './claims.ts';
import { compact } from './compact.ts';
import { authorizeParameters, eventRequest, eventUser, tenantIdOf } from './event.ts';
import { detailOf, hiddenValues, messageOf } from './failure.ts';
import type { ShownIdentities } from './identities.ts';
import { readEffects } from './read-effects.ts';
import type { RulesGlobal } from './rules-global.ts';
import { outcomeOf } from './run-action.ts';
import type { SignIn } from './sign-in.ts';
import { withoutProviderTokens } from './without-provider-tokens.ts';

/** What all Rules together come to. */
export type RulesEnd = {
  /** Also where a Rule failed: what earlier ones saved is saved. */
  readonly changes: Changes;
  readonly redirectUrl: string | undefined;
  readonly error: OAuthError | undefined;
};

export type RulesDeps = {
  readonly sandbox: Sandbox;
  readonly rulesGlobal: RulesGlobal;
  readonly issuerUrl: string;
};

type Given = { readonly changes: Changes; readonly identities: ShownIdentities };
type Shared = { readonly user: JsonObject; readonly context: JsonObject };

/**
 * Auth0's legacy Rules, one after the other with one `user` and one `context`. Their identities carried the providers'
 * tokens, so these do. The first that calls back with an error is the last that runs.
 */
export async function runRules(deps: RulesDeps, signIn: SignIn, { changes, identities }: Given): Promise<RulesEnd> {
  const { identities: opened, tokens } = identities.open();
  const first = { user: eventUser(signIn, { identities: opened, changes }), context: contextOf(signIn, changes) };
  const search = { tokens, settings: signIn.tenant.settings, trace: signIn.trace, script: 'rules' };
  let shared: Shared = first;
  let saved = changes;
  for (const rule of signIn.tenant.scripts.rules) {
    const ended = await runRule(deps, rule, { signIn, shared, tokens });
    if (ended instanceof OAuthError) {
      return { changes: withoutProviderTokens(saved, search), redirectUrl: undefined, error: ended };
    }
    shared = ended.shared;
    saved = saveMetadata(saved, signIn, ended.effects);
  }
  const all = withoutProviderTokens(withClaims(saved, shared.context, first.context), search);
  const { redirect } = shared.context;
  const redirectUrl = isJsonObject(redirect) && typeof redirect.url === 'string' ? redirect.url : undefined;
  return { changes: all, redirectUrl, error: undefined };
}

type RuleGiven = { readonly signIn: SignIn; readonly shared: Shared; readonly tokens: readonly string[] };

async function runRule(
  { sandbox, rulesGlobal, issuerUrl }: RulesDeps,
  rule: Rule,
  { signIn, shared, tokens }: RuleGiven,
) {
  const { tenant, trace } = signIn;
  const configuration = tenant.scripts.rulesConfiguration;
  const secrets = [...tokens, ...hiddenValues(configuration)];
  const run = await sandbox.run({
    source: rule.source,
    filename: `${toFileName(rule.name)}.rule${endingOf(rule.source)}`,
    entry: { kind: 'rule', ...shared, global: rulesGlobal.read(tenant.scripts), issuer: issuerUrl },
    configuration,
    secrets,
    trace,
  });
  trace.record('rule.run', { rule: rule.name, ms: run.ms, outcome: outcomeOf(run.outcome) });
  if (!run.outcome.ok) {
    const message = messageOf(run.outcome, 'Rule', { run, secrets, source: rule.source, traceId: trace.id });
    const code = isUnauthorized(run.outcome) ? 'unauthorized' : 'access_denied';
    return new OAuthError(code, message, {
      status: 403,
      detail: `Rule ${rule.name}: ${detailOf(run.outcome, secrets)}`,
    });
  }
  const { value } = run.outcome;
  const all = readEffects(value) ?? [];
  const refused = rulesGlobal.write(tenant.scripts, all.filter(isOfGlobal));
  if (refused > 0) trace.record('rule.ignored', { calls: refused, of: 'global' });
  const { user, context }: JsonObject = isJsonObject(value) ? value : {};
  return {
    shared: {
      user: isJsonObject(user) ? user : shared.user,
      context: isJsonObject(context) ? context : shared.context,
    },
    effects: all.filter((effect) => !isOfGlobal(effect)),
  };
}

const isOfGlobal = ({ name }: Effect): boolean => name === 'global.set' || name === 'global.delete';

/** Auth0: only this class becomes `unauthorized`. */
const isUnauthorized = (outcome: ScriptOutcome): boolean => 'name' in outcome && outcome.name === 'UnauthorizedError';

/**
 * Auth0: metadata that a Rule only assigns is forgotten after the sign-in; `auth0.users` saves it. Here for the person who
 * signs in, and for nobody else.
 */
function saveMetadata(changes: Changes, { user, trace }: SignIn, effects: readonly Effect[]): Changes {
  const own = effects.filter(({ arguments: [id] }) => id === user.id);
  if (own.length < effects.length)
    trace.record('rule.ignored', { calls: effects.length - own.length, of: 'auth0.users' });
  const merged = (name: string, before: JsonObject): JsonObject =>
    Object.fromEntries([
      ...Object.entries(before),
      ...own.flatMap(({ name: other, arguments: [, metadata] }) =>
        other === name && isJsonObject(metadata)
          ? Object.entries(metadata).filter(([key]) => !isDangerousKey(key))
          : [],
      ),
    ]);
  return {
    ...changes,
    userMetadata: merged('users.updateUserMetadata', changes.userMetadata),
    appMetadata: merged('users.updateAppMetadata', changes.appMetadata),
  };
}

function withClaims(changes: Changes, context: JsonObject, before: JsonObject): Changes {
  const accessToken = isJsonObject(context.accessToken) ? context.accessToken : {};
  const { scope, ...claims } = accessToken;
  const { scope: scopeBefore } = before.accessToken as JsonObject;
  const isScopeSet = Array.isArray(scope) && JSON.stringify(scope) !== JSON.stringify(scopeBefore);
  return {
    ...changes,
    claims: {
      idToken: { ...changes.claims.idToken, ...allowed(isJsonObject(context.idToken) ? context.idToken : {}) },
      accessToken: { ...changes.claims.accessToken, ...allowed(claims) },
    },
    scopes: isScopeSet
      ? scope.filter((name) => typeof name === 'string').filter((name) => isScope(name, changes))
      : changes.scopes,
  };
}

/** A Rule adds no right to stay: what that takes was checked at /authorize. */
const isScope = (name: string, { scopes }: Changes): boolean =>
  /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(name) && (name !== 'offline_access' || scopes.includes(name));

const allowed = (claims: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => mayBeClaim(name)));

/** Auth0: the applications that the session has signed in to. */
const clientsOf = ({ session, client }: SignIn): readonly string[] => [
  ...new Set([...(session.clientIds ?? []), client.id]),
];

function contextOf(signIn: SignIn, changes: Changes): JsonObject {
  const { tenant, client, connection, session, user, protocol, request, resumed } = signIn;
  const { ip, hostname, user_agent: userAgent, ...rest } = eventRequest(request, authorizeParameters(signIn));
  return compact({
    tenant: tenantIdOf(tenant.settings.friendlyName),
    clientID: client.id,
    clientName: client.name,
    clientMetadata: client.metadata,
    connectionID: connection.id,
    connection: connection.name,
    connectionStrategy: connection.strategy,
    connectionOptions: {},
    connectionMetadata: connection.metadata,
    samlConfiguration: {},
    protocol: resumed === undefined ? protocol : 'redirect-callback',
    stats: { loginsCount: user.loginsCount },
    sso: { with_auth0: false, with_dbconn: false, current_clients: clientsOf(signIn) },
    accessToken: { ...changes.claims.accessToken, scope: changes.scopes },
    idToken: changes.claims.idToken,
    sessionID: session.sid,
    request: compact({ ip, hostname, userAgent, ...rest }),
    authentication: { methods: [{ name: 'federated', timestamp: session.authenticatedAt.getTime() }] },
    primaryUser: user.id,
  });
}
