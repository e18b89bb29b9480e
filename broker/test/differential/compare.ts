import { oauthErrorCodes } from '../../src/core/errors.ts';
import { type ClientName, callbacksOf } from './clients.ts';
import type { Difference } from './differences.ts';
import { type Draft, pushedState } from './draft.ts';
import { type Sent, serialize } from './serialize.ts';
import type { Server } from './server.ts';
import { type Response, readAnswer, readVerdict, type Verdict } from './verdict.ts';

/*
 * One request, both servers, one finding.
 */

export type Finding = {
  readonly draft: Draft;
  readonly sent: Sent;
  readonly portico: Verdict;
  readonly library: Verdict;
  /** What is wrong with Portico's answer whatever the other one says. */
  readonly faults: readonly string[];
};

export async function compare(portico: Server, library: Server, draft: Draft): Promise<Finding> {
  const [ours, theirs] = await Promise.all([ask(portico, draft), ask(library, draft)]);
  return {
    draft,
    sent: ours.sent,
    portico: ours.verdict,
    library: theirs.verdict,
    faults: findFaults(ours.sent, ours.response, ours.verdict, portico.url),
  };
}

type Asked = { readonly sent: Sent; readonly response: Response; readonly verdict: Verdict };

async function ask(server: Server, draft: Draft): Promise<Asked> {
  const sent = serialize(draft, await server.prepare(draft.preparation));
  const response = await server.send(sent);
  return { sent, response, verdict: readVerdict(draft.endpoint, response, server.url) };
}

/** Accepted is accepted, whether at once or after a sign-in; both must agree on that too. */
export const isAgreed = ({ portico, library }: Finding): boolean => portico.kind === library.kind;

/** Which of the two went further: an answer further than a sign-in, a sign-in further than a refusal. */
export function whoAccepts({ portico, library }: Finding): Difference['accepts'] {
  return reach(portico) > reach(library) ? 'portico' : 'library';
}

const reach = ({ kind }: Verdict): number => (kind === 'answers' ? 2 : kind === 'asks' ? 1 : 0);

function findFaults(sent: Sent, response: Response, verdict: Verdict, url: string): readonly string[] {
  if (verdict.kind === 'breaks') return [verdict.why];
  const codes: readonly string[] = oauthErrorCodes;
  const faults =
    verdict.kind === 'refuses' && !codes.includes(verdict.error) ? [`error code ${verdict.error} is not listed`] : [];
  return sent.draft.endpoint === 'authorize' ? [...faults, ...findRedirectFaults(sent, response, url)] : faults;
}

/** An answer goes to a listed callback of the client that was named, once, or it is a page; and it brings `state`. */
export function findRedirectFaults({ parameters, handles }: Sent, response: Response, url: string): readonly string[] {
  const answer = readAnswer(response, url);
  if (answer === undefined || answer === 'asks') return [];
  // What was pushed counts alone (RFC 9126 §4); it named no redirect URI but the first one.
  const isPushed = handles.requestUri !== '' && parameters.get('request_uri') === handles.requestUri;
  const callbacks = callbacksOf[parameters.get('client_id') as ClientName] ?? [];
  const named = isPushed ? '' : (parameters.get('redirect_uri') ?? '');
  const proven = named === '' ? callbacks.slice(0, 1) : callbacks.filter((callback) => callback === named);
  const isProven = proven.some((callback) => callback === answer.target || new URL(callback).origin === answer.target);
  const state = isPushed ? pushedState : (parameters.get('state') ?? '');
  return [
    ...(isProven ? [] : [`answered to ${answer.target}`]),
    ...((answer.fields.state ?? '') === state ? [] : [`state came back as ${answer.fields.state}`]),
  ];
}
