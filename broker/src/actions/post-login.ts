import type { BoundAction } from '../core/action.ts';
import { OAuthError } from '../core/errors.ts';
import type { ActionId } from '../core/ids.ts';
import { allParameters } from '../http/parameters.ts';
import { type Changes, noChanges } from './changes.ts';
import { postLoginEvent } from './event.ts';
import { showWords } from './failure.ts';
import { type IdentitiesDeps, readIdentities, type ShownIdentities } from './identities.ts';
import { type RunDeps, runAction } from './run-action.ts';
import { type RulesDeps, runRules } from './run-rules.ts';
import type { Paused, SignIn } from './sign-in.ts';
import { withoutProviderTokens } from './without-provider-tokens.ts';

export type PostLoginDeps = RunDeps & IdentitiesDeps & RulesDeps;

/** Auth0: all Actions of a trigger together; each one has the limit of the sandbox besides. */
const maxTriggerMs = 20_000;

/** How the scripts of a sign-in ended. `changes` hold in each case, as far as metadata goes. */
export type Progress = {
  readonly changes: Changes;
  readonly error?: OAuthError;
  readonly redirect?: { readonly url: string; readonly paused: Paused };
};

/** Auth0: Rules first, then Actions in the order of their bindings; the first that denies or redirects is the last that runs. */
export async function runPostLogin(deps: PostLoginDeps, signIn: SignIn): Promise<Progress> {
  const identities = await readIdentities(deps, signIn);
  const { resumed } = signIn;
  const start = { ...noChanges(signIn.scopes), ...resumed?.paused.changes };
  const isAfterRules = resumed?.paused.actionId !== undefined;
  const ruled = isAfterRules ? { changes: start } : await startWithRules(deps, signIn, { changes: start, identities });
  if (ruled.error !== undefined || ruled.redirect !== undefined) return ruled;
  return runActions(deps, signIn, { changes: ruled.changes, identities });
}

type Given = { readonly changes: Changes; readonly identities: ShownIdentities };

async function startWithRules(deps: PostLoginDeps, signIn: SignIn, given: Given): Promise<Progress> {
  if (signIn.tenant.scripts.rules.length === 0) return { changes: given.changes };
  const { changes, redirectUrl, error } = await runRules(deps, signIn, given);
  if (error !== undefined) return { changes, error };
  if (redirectUrl === undefined) return { changes };
  const url = URL.parse(redirectUrl);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return { changes, error: denied('A Rule redirects to an address that is not http or https') };
  }
  return redirectTo(signIn, { changes, url: url.href, actionId: undefined });
}

async function runActions(deps: PostLoginDeps, signIn: SignIn, { changes, identities }: Given): Promise<Progress> {
  const { postLogin } = signIn.tenant.scripts;
  const waitingFor = signIn.resumed?.paused.actionId;
  // An Action that was unbound meanwhile: all of them run, so that none is passed over.
  const start = Math.max(
    0,
    postLogin.findIndex(({ id }) => id === waitingFor),
  );
  const deadline = deps.clock.now().getTime() + maxTriggerMs;
  let progress: Progress = { changes };
  for (const action of postLogin.slice(start)) {
    if (deps.clock.now().getTime() >= deadline) {
      return { changes: progress.changes, error: denied(`The Actions took too long; see trace ${signIn.trace.id}`) };
    }
    progress = await runOne(deps, signIn, { action, changes: progress.changes, identities });
    if (progress.error !== undefined || progress.redirect !== undefined) return progress;
  }
  return progress;
}

async function runOne(
  deps: PostLoginDeps,
  signIn: SignIn,
  { action, changes, identities }: Given & { readonly action: BoundAction },
): Promise<Progress> {
  const { trace, tenant } = signIn;
  const isContinuing = signIn.resumed?.paused.actionId === action.id;
  const shown = action.mayReadProviderTokens ? identities.open() : { identities: identities.plain, tokens: [] };
  const ended = await runAction(deps, {
    action,
    trigger: 'post-login',
    handler: isContinuing ? 'onContinuePostLogin' : 'onExecutePostLogin',
    event: postLoginEvent(signIn, { action, identities: shown.identities, changes }),
    redirect: redirectFacts(deps, signIn),
    changes,
    trace,
    tokens: shown.tokens,
  });
  if (!ended.ok) {
    const error = denied(ended.message, `Action ${action.name}: ${ended.detail}`, { failedAction: action.name });
    return { changes, error };
  }
  const { applied, origin } = ended;
  const search = { tokens: shown.tokens, settings: tenant.settings, trace, script: action.name };
  const next = withoutProviderTokens(applied.changes, search);
  if (applied.denial !== undefined) {
    const own = `Access was denied; see trace ${trace.id}`;
    return {
      changes: next,
      error: denied(showWords(applied.denial.at(-1) ?? '', own, origin), `Action ${action.name}`),
    };
  }
  if (applied.unserved !== undefined) {
    const what = `The Action asks for ${applied.unserved}, which Portico does not serve; see trace ${trace.id}`;
    return { changes: next, error: denied(what, `Action ${action.name}: ${applied.unserved}`) };
  }
  if (applied.redirectUrl === undefined) return { changes: next };
  return redirectTo(signIn, { changes: next, url: applied.redirectUrl, actionId: action.id });
}

function redirectTo(
  { mayRedirect }: SignIn,
  {
    changes,
    url,
    actionId,
  }: { readonly changes: Changes; readonly url: string; readonly actionId: ActionId | undefined },
): Progress {
  if (mayRedirect) return { changes, redirect: { url, paused: { actionId, changes } } };
  // Auth0: prompt=none and refresh tokens leave nobody to be sent anywhere.
  return { changes, error: new OAuthError('interaction_required', 'Interaction required', { status: 403 }) };
}

const redirectFacts = ({ issuerUrl }: PostLoginDeps, { request, user, mayRedirect, resumed }: SignIn) => ({
  mayRedirect,
  // Auth0: the tenant's host name, without scheme.
  issuer: new URL(issuerUrl).host,
  subject: user.id,
  ip: request.ip,
  state: resumed?.state,
  parameters: resumed === undefined ? {} : allParameters(request).values,
});

const denied = (message: string, detail?: string, more: { readonly failedAction?: string } = {}): OAuthError =>
  new OAuthError('access_denied', message, { status: 403, ...(detail === undefined ? {} : { detail }), ...more });
