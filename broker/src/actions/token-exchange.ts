import type { BoundAction } from '../core/action.ts';
import type { Client, ResourceServer } from '../core/client.ts';
import { OAuthError, type OAuthErrorCode } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { Trace } from '../core/trace.ts';
import type { HttpRequest } from '../http/route.ts';
import type { Snapshot } from '../tenant/directory.ts';
import type { Applied } from './apply-effects.ts';
import { type Changes, noChanges } from './changes.ts';
import { tokenExchangeEvent } from './event.ts';
import { type Origin, showWords } from './failure.ts';
import { type RunDeps, runAction } from './run-action.ts';

export type TokenExchange = {
  readonly tenant: Snapshot;
  readonly trace: Trace;
  readonly request: HttpRequest;
  readonly client: Client;
  readonly resourceServer: ResourceServer | undefined;
  /** What would be granted. */
  readonly scopes: readonly string[];
  /** The Action of the profile. */
  readonly action: BoundAction;
  readonly subjectToken: string;
  readonly subjectTokenType: string;
};

/** Whose tokens they are to be, as the Action says. */
export type Person =
  | { readonly kind: 'id'; readonly userId: string }
  | {
      readonly kind: 'connection';
      readonly connectionName: string;
      readonly attributes: JsonObject;
      readonly creates: boolean;
      readonly updates: boolean;
    };

export type ExchangeVerdict =
  | {
      readonly kind: 'person';
      readonly person: Person;
      readonly metadata: Pick<Changes, 'userMetadata' | 'appMetadata'>;
    }
  /** The subject token is not good: somebody may be guessing. */
  | { readonly kind: 'rejected'; readonly reason: string };

/** Auth0: one Action decides about the subject tokens of a type. Throws OAuthError where it denies or fails. */
export async function runTokenExchange(deps: RunDeps, exchange: TokenExchange): Promise<ExchangeVerdict> {
  const { action, trace, request, subjectToken } = exchange;
  const changes = noChanges(exchange.scopes);
  const ended = await runAction(deps, {
    action,
    trigger: 'custom-token-exchange',
    handler: 'onExecuteCustomTokenExchange',
    event: tokenExchangeEvent(exchange),
    redirect: { mayRedirect: false, issuer: '', subject: '', ip: request.ip, state: undefined, parameters: {} },
    changes,
    trace,
    tokens: [subjectToken],
  });
  if (!ended.ok) {
    throw failed(ended.message, `Action ${action.name}: ${ended.detail}`, { failedAction: action.name });
  }
  const { applied, origin } = ended;
  if (applied.rejection !== undefined) {
    return { kind: 'rejected', reason: showWords(applied.rejection, 'Invalid subject token', origin) };
  }
  if (applied.denial !== undefined) throw denied(exchange, applied.denial, origin);
  if (applied.unserved !== undefined) {
    throw failed(`The Action asks for ${applied.unserved}, which Portico does not serve; see trace ${trace.id}`);
  }
  const { userMetadata, appMetadata } = applied.changes;
  return { kind: 'person', person: getPerson(applied, trace), metadata: { userMetadata, appMetadata } };
}

/** Auth0: an Action may deny with a code of its own. */
function denied({ action, trace }: TokenExchange, denial: readonly string[], origin: Origin): OAuthError {
  const [code = ''] = denial;
  const own = `Access was denied; see trace ${trace.id}`;
  const reason = denial.length < 2 ? own : showWords(denial[1] ?? '', own, origin);
  // RFC 6749 §5.2 says which letters a code is made of; like the reason, it must not quote the subject token.
  const isCode = /^[\x20\x21\x23-\x5b\x5d-\x7e]{1,64}$/.test(code) && showWords(code, '', origin) === code;
  const known = isCode ? (code as OAuthErrorCode) : 'invalid_request';
  return new OAuthError(known, reason, {
    status: code === 'server_error' ? 500 : 400,
    detail: `Action ${action.name}`,
  });
}

function getPerson({ people }: Applied, trace: Trace): Person {
  const [effect, ...others] = people;
  if (effect === undefined || others.length > 0) {
    throw failed(`The Action must set exactly one user; see trace ${trace.id}`, `${people.length} users`);
  }
  const [first, attributes, options] = effect.arguments;
  if (effect.name === 'authentication.setUserById' && typeof first === 'string') return { kind: 'id', userId: first };
  if (effect.name !== 'authentication.setUserByConnection' || typeof first !== 'string' || !isJsonObject(attributes)) {
    throw failed(`${effect.name} was called with something else than it takes; see trace ${trace.id}`);
  }
  const { creationBehavior, updateBehavior } = isJsonObject(options) ? options : {};
  return {
    kind: 'connection',
    connectionName: first,
    attributes,
    creates: creationBehavior === 'create_if_not_exists',
    updates: updateBehavior === 'replace',
  };
}

const failed = (message: string, detail?: string, more: { readonly failedAction?: string } = {}): OAuthError =>
  new OAuthError('server_error', message, { status: 500, ...(detail === undefined ? {} : { detail }), ...more });
