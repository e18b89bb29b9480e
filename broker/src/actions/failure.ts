import type { JsonObject } from '../core/json.ts';
import { hidden, withoutSecrets } from '../core/redact.ts';
import type { ScriptOutcome, ScriptRun } from '../sandbox/sandbox.ts';
import { quotes } from '../upstream/quotes.ts';

const maxShownLength = 200;

type Failure = Extract<ScriptOutcome, { ok: false }>;

/** Where words came from: what must not be quoted, and what the author wrote. */
export type Origin = {
  readonly run: Pick<ScriptRun, 'responseTexts'>;
  readonly secrets: readonly string[];
  readonly source: string;
  readonly traceId: string;
};

const texts: Record<Failure['kind'], string> = {
  timeout: 'took too long',
  memory: 'used too much memory',
  crash: 'ended unexpectedly',
  busy: 'could not start, too many scripts are running. Try again',
  limit: 'went over a limit',
  syntax: 'is not valid JavaScript',
  contract: 'did not end as it must',
  runtime: 'failed',
  callback: 'reported an error',
};

/** What the application is told: the script's own words, unless they quote an answer or a secret. */
export function messageOf(outcome: Failure, kind: 'Action' | 'Rule', origin: Origin): string {
  const own = `The ${kind} ${texts[outcome.kind]}; see trace ${origin.traceId}`;
  return outcome.kind === 'callback' || outcome.kind === 'runtime'
    ? showWords(withoutClass(outcome.message), own, origin)
    : own;
}

/** Auth0: the application gets an error's message, not its class. */
const withoutClass = (text: string): string => text.replace(/^(?:Unauthorized)?Error: /, '');

/** The words of a script, cut; `otherwise` where they are empty or repeat what was not meant for the application. */
export function showWords(text: string, otherwise: string, { run, secrets, source }: Origin): string {
  const words = text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, maxShownLength)
    .toWellFormed();
  const isQuoting = quotes(words, { secretTexts: [...run.responseTexts, ...secrets], ownText: source });
  // The sandbox has taken out what it knew of.
  return words === '' || isQuoting || words.includes(hidden) ? otherwise : words;
}

/** A shorter value, such as `true`, is no secret and would hide half of every text. */
const shortestHidden = 8;

/** What is taken out of every text: the long ones among an Action's secrets or the Rules' configuration. */
export const hiddenValues = (values: JsonObject): readonly string[] =>
  Object.values(values).flatMap((value) =>
    typeof value === 'string' && value.length >= shortestHidden ? [value] : [],
  );

/** For the log: all that is known, without secrets. */
export function detailOf(outcome: Failure, secrets: readonly string[]): string {
  const stack = 'stack' in outcome && outcome.stack !== undefined ? `\n${outcome.stack}` : '';
  return withoutSecrets(`${outcome.message}${stack}`, secrets).slice(0, 4_000);
}
