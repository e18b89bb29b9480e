import { type BoundAction, type ServedTrigger, toFileName } from '../core/action.ts';
import type { Clock } from '../core/clock.ts';
import type { JsonObject } from '../core/json.ts';
import type { Trace } from '../core/trace.ts';
import { endingOf } from '../sandbox/compiled-script.ts';
import type { ActionApi, Sandbox, ScriptOutcome, ScriptRun } from '../sandbox/sandbox.ts';
import { type Applied, applyEffects } from './apply-effects.ts';
import type { ActionCache } from './cache.ts';
import type { Changes } from './changes.ts';
import { detailOf, hiddenValues, messageOf, type Origin } from './failure.ts';
import { readEffects } from './read-effects.ts';

export type RunDeps = { readonly sandbox: Sandbox; readonly cache: ActionCache; readonly clock: Clock };

export type ActionRun = {
  readonly action: BoundAction;
  readonly trigger: ServedTrigger;
  readonly handler: string;
  readonly event: JsonObject;
  readonly redirect: ActionApi['redirect'];
  readonly changes: Changes;
  readonly trace: Trace;
  /** Providers' tokens in the event. */
  readonly tokens: readonly string[];
};

export type ActionEnd =
  | { readonly ok: true; readonly applied: Applied; readonly origin: Origin }
  | { readonly ok: false; readonly message: string; readonly detail: string };

/** Calls of `api` that one run may make; an Action that makes more has lost its way. */
const maxEffects = 1_000;

/** One Action, one run. What a failed run had asked for is lost, but for what it logged. */
export async function runAction(deps: RunDeps, given: ActionRun): Promise<ActionEnd> {
  const { action, trigger, handler, event, redirect, changes, trace } = given;
  if (action.problem !== undefined) {
    trace.record('action.unfit', { action: action.name, version: action.version, problem: action.problem });
    return { ok: false, message: `The Action cannot run; see trace ${trace.id}`, detail: action.problem };
  }
  const secrets = [...given.tokens, ...hiddenValues(action.secrets)];
  const run = await deps.sandbox.run({
    source: action.source,
    filename: `${toFileName(action.name)}.v${action.version}${endingOf(action.source)}`,
    entry: {
      kind: 'action',
      handler,
      event,
      api: { trigger, cache: deps.cache.read(action.id, deps.clock.now()), redirect },
    },
    modules: Object.fromEntries(action.modules.map((module) => [module.name, module])),
    secrets,
    trace,
  });
  const origin: Origin = { run, secrets, source: action.source, traceId: trace.id };
  if (!run.outcome.ok) {
    trace.record('action.run', describe(given, run, {}));
    return { ok: false, message: messageOf(run.outcome, 'Action', origin), detail: detailOf(run.outcome, secrets) };
  }
  const effects = readEffects(run.outcome.value);
  if (effects === undefined || effects.length > maxEffects) {
    trace.record('action.run', describe(given, run, {}));
    const message = `The Action asks for too much; see trace ${trace.id}`;
    return { ok: false, message, detail: `${effects?.length ?? 'unreadable'} calls` };
  }
  const applied = applyEffects(changes, effects);
  const refused = deps.cache.write(action.id, applied.cacheEffects, deps.clock.now());
  const ignored = [...applied.ignored, ...refused];
  trace.record('action.run', describe(given, run, { effects: effects.map(({ name }) => name), ignored }));
  return { ok: true, applied, origin };
}

function describe(
  { action, handler }: ActionRun,
  { outcome, exchanges, consoleLines, ms }: ScriptRun,
  { effects = [], ignored = [] }: { readonly effects?: readonly string[]; readonly ignored?: readonly string[] },
): JsonObject {
  return {
    action: action.name,
    version: action.version,
    handler,
    ms,
    outcome: outcomeOf(outcome),
    consoleLines: consoleLines.length,
    requests: exchanges.length,
    ...(effects.length === 0 ? {} : { effects: effects.slice(0, 100) }),
    ...(ignored.length === 0 ? {} : { ignored: ignored.slice(0, 100) }),
  };
}

export const outcomeOf = (outcome: ScriptOutcome): string => (outcome.ok ? 'ok' : outcome.kind);
