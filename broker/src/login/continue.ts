import { createTrace } from '../core/trace.ts';
import type { HttpReply, HttpRequest } from '../http/route.ts';
import { verifyRequest } from './authorize/request.ts';
import { proveTarget } from './authorize/target.ts';
import { complete } from './complete.ts';
import type { LoginDeps } from './deps.ts';
import { failAt } from './fail.ts';
import { takeReturned } from './send-away.ts';
import { checkStillAdmitted } from './still-admitted.ts';

/**
 * `GET|POST /continue?state`: the person is back from where a script sent them. The application's request is verified
 * anew, and so are the person and the connection.
 */
export const continueSignIn =
  (deps: LoginDeps) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    const { transaction, session, parameters, resumed, steps } = await takeReturned(deps, request);
    const tenant = await deps.directory.read();
    const { traceId } = transaction;
    const { connectionId } = session;
    const target = proveTarget(tenant, { values: parameters, malformed: new Set() });
    const trace = createTrace(traceId, () => performance.now());
    const kept = await deps.attempts.findFirstHalf(traceId);
    trace.resume({ lines: steps, runs: kept?.runs ?? [] });
    try {
      const verified = verifyRequest(tenant, target.client, parameters);
      return await complete(deps, {
        request,
        tenant,
        target,
        verified,
        user: await checkStillAdmitted(deps, tenant, { verified, session }),
        session,
        sessionWrites: [],
        cookies: [],
        traceId,
        trace,
        details: { redirect: 'returned' },
        secrets: [resumed.state],
        resumed,
      });
    } catch (error) {
      return failAt(deps, target, error, {
        request,
        traceId,
        connectionId,
        isSilent: false,
        trace: trace.lines,
        runs: trace.runs,
      });
    }
  };
