import { OAuthError, PageError } from '../core/errors.ts';
import type { EventType } from '../core/log-event.ts';
import { allParameters } from '../http/parameters.ts';
import type { Route } from '../http/route.ts';
import type { Directory } from '../tenant/directory.ts';
import type { IssuerEvents } from './issuer-events.ts';

type RefusalDeps = { readonly directory: Directory; readonly events: IssuerEvents };

/** `from`: which refusals are meant; others have lines of their own. */
type Refusal = { readonly type: EventType; readonly from: typeof OAuthError | typeof PageError };

/** What an endpoint refuses becomes a line of the log; nobody has to have proven anything, so lines are bounded. */
export const recordingRefusal =
  ({ directory, events }: RefusalDeps, { type, from }: Refusal, handle: Route['handle']): Route['handle'] =>
  async (request) => {
    try {
      return await handle(request);
    } catch (error) {
      // A proof that is sent again with a nonce is an ordinary step.
      if (!isRefusal(error) || !(error instanceof from) || error.code === 'use_dpop_nonce') throw error;
      const { client_id: sent } = allParameters(request).values;
      const client = sent === undefined ? undefined : (await directory.read()).findClient(sent);
      const { message, code, detail } = error;
      const details = { error: code, ...(detail === undefined ? {} : { detail }) };
      const facts = { traceId: request.traceId, clientId: client?.id, description: message, details };
      events.queueFailure(request, { type, ...facts }, undefined);
      throw error;
    }
  };

const isRefusal = (error: unknown): error is OAuthError | PageError =>
  error instanceof OAuthError || error instanceof PageError;
