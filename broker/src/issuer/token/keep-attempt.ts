import type { AttemptEnd } from '../../core/attempt.ts';
import { OAuthError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { createTrace, type Trace } from '../../core/trace.ts';
import type { TokenDeps } from './issue-tokens.ts';

/** The scripts of an exchange, with what they did kept under the request's trace id: failures always. */
export async function keepingAttempt<Result>(
  { keepAttempt }: Pick<TokenDeps, 'keepAttempt'>,
  facts: AttemptEnd,
  run: (trace: Trace) => Promise<Result>,
): Promise<Result> {
  const trace = createTrace(facts.traceId, () => performance.now());
  try {
    const result = await run(trace);
    await keepAttempt({ ...facts, trace });
    return result;
  } catch (error) {
    await keepAttempt({ ...facts, trace, failure: failureOf(error) });
    throw error;
  }
}

function failureOf(error: unknown): JsonObject {
  if (!(error instanceof OAuthError)) {
    return { step: 'broker', reason: error instanceof Error ? `${error.name}: ${error.message}` : 'unknown' };
  }
  const { code, message, detail } = error;
  return { description: message, error: code, step: 'request', ...(detail === undefined ? {} : { detail }) };
}
