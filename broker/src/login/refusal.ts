import { PageError } from '../core/errors.ts';
import type { ClientId } from '../core/ids.ts';
import { allParameters } from '../http/parameters.ts';
import type { HttpRequest, Route } from '../http/route.ts';
import type { LoginDeps } from './deps.ts';

type Handle = Route['handle'];

/** A refusal that may only be a page ends a sign-in too: the tenant's log says so, under the trace id of the page. */
export const recordingRefusals =
  (deps: Pick<LoginDeps, 'store' | 'events' | 'attempts'>, handle: Handle): Handle =>
  async (request) => {
    try {
      return await handle(request);
    } catch (error) {
      if (error instanceof PageError) await record(deps, request, error);
      throw error;
    }
  };

async function record(deps: Parameters<typeof recordingRefusals>[0], request: HttpRequest, error: PageError) {
  const { traceId } = request;
  const clientId = clientIdOf(request);
  const description = error.message;
  const details = {
    error: error.code,
    step: error.step,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
  };
  const event = deps.events.record(request, { type: 'f', traceId, clientId, description, details });
  // The line on stdout is written by now; what anybody can make fail must not fill the disk.
  if (!deps.events.hasRoomFor(request)) return;
  const attempt = deps.attempts.record({ traceId, clientId, failure: { description, ...details } });
  await deps.store.writeAll([event, ...attempt]).catch(() => undefined);
}

/** As it was sent, so that the developer finds the application; anything that cannot be an id stays out of the log. */
function clientIdOf(request: HttpRequest): ClientId | undefined {
  const { client_id: id } = allParameters(request).values;
  return id !== undefined && /^[\w-]{1,64}$/.test(id) ? (id as ClientId) : undefined;
}
