import { isJsonObject, type Json } from '../core/json.ts';
import { withoutSecrets, withoutTokenForms } from '../core/redact.ts';
import type { Trace } from '../core/trace.ts';
import type { RecordedRun } from '../sandbox/recording-sandbox.ts';

/**
 * A trace that keeps a token exchange script's run without the tokens that came into being in it. Nobody knew them before,
 * so what the script gave is told by its form, and what it said loses everything that looks like a token.
 */
export const withoutNewTokens = (trace: Trace): Trace => ({
  ...trace,
  keepRun: (run) => trace.keepRun?.(() => redact(run() as RecordedRun)),
});

function redact(run: RecordedRun): RecordedRun {
  const { outcome } = run;
  const tokens = outcome.ok ? tokensIn(outcome.value) : [];
  const clean = (text: string): string => withoutTokenForms(withoutSecrets(text, tokens));
  return {
    ...run,
    consoleLines: run.consoleLines.map((line) => ({ ...line, text: clean(line.text) })),
    outcome: outcome.ok
      ? { ...outcome, value: hideTexts(outcome.value) }
      : {
          ...outcome,
          message: clean(outcome.message),
          ...('stack' in outcome && outcome.stack !== undefined ? { stack: clean(outcome.stack) } : {}),
        },
  };
}

function tokensIn(value: Json): string[] {
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    /token/.test(name) && typeof member === 'string' ? [member] : [],
  );
}

const plainMembers: ReadonlySet<string> = new Set(['token_type', 'scope', 'expires_in', 'error']);

/** Which members came, and of what type. */
function hideTexts(value: Json): Json {
  if (Array.isArray(value)) return value.map(hideTexts);
  if (!isJsonObject(value)) return typeof value === 'string' ? '[hidden]' : value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      plainMembers.has(name) || typeof member === 'number' || typeof member === 'boolean' ? member : hideTexts(member),
    ]),
  );
}
