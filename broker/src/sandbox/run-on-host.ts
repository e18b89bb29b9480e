import type { Clock } from '../core/clock.ts';
import { titleOf } from '../core/module.ts';
import type { GuardedFetch } from '../http/egress.ts';
import type { HostProcess } from './host-process.ts';
import { outcomeOfLoss, readOutcome } from './read-outcome.ts';
import { createRedact } from './redact.ts';
import { createReplayFetch } from './replay-exchanges.ts';
import type { ConsoleLine, SandboxLimits, Script, ScriptEntry, ScriptOutcome, ScriptRun } from './sandbox.ts';
import { createScriptRequests } from './script-requests.ts';
import { listSecrets } from './script-secrets.ts';

export type RunOnHostDeps = { readonly fetch: GuardedFetch; readonly clock: Clock; readonly limits: SandboxLimits };

/** The host has its own clock for the wall; this much later the broker no longer waits for it. */
const graceMs = 500;
const levels = ['log', 'info', 'warn', 'error', 'debug'] as const;

/** One run on one host, from the first frame to the outcome. */
export function createRunOnHost(deps: RunOnHostDeps): (host: HostProcess, script: Script) => Promise<ScriptRun> {
  const { limits, clock } = deps;
  let lastId = 0;

  return (host, script) =>
    new Promise((resolve) => {
      const id = ++lastId;
      const { filename, entry } = script;
      const world = describeWorld(script);
      const startedAt = clock.now().getTime();
      const redact = createRedact(listSecrets(script));
      const fetch = script.replay === undefined ? deps.fetch : createReplayFetch(script.replay, redact);
      const requests = createScriptRequests({ fetch, clock, redact, limits });
      const consoleLines: ConsoleLine[] = [];
      let asked = 0;
      let open = 0;
      let givenAt = startedAt;
      const deadline = setTimeout(() => host.kill('deadline', id), limits.wallMs + graceMs);

      let isOver = false;

      function finish(outcome: ScriptOutcome): void {
        isOver = true;
        clearTimeout(deadline);
        requests.stop();
        const { responseTexts } = requests;
        const endedAt = clock.now().getTime();
        const [ms, msSinceGiven] = [endedAt - startedAt, endedAt - givenAt];
        resolve({ outcome, consoleLines, exchanges: requests.exchanges(), responseTexts, ms, msSinceGiven });
      }

      async function answer(request: unknown, told: unknown, body: Buffer): Promise<void> {
        const answered = await requests.serve(told, body);
        open -= 1;
        if (isOver) return;
        givenAt = clock.now().getTime();
        host.answer(id, JSON.stringify({ request, isBinary: answered.isBinary, told: answered.told }), answered.body);
      }

      host.start({
        id,
        head: JSON.stringify({
          filename,
          kind: entry.kind,
          sourceBytes: Buffer.byteLength(script.source),
          worldBytes: Buffer.byteLength(world),
        }),
        modules: Object.values(script.modules ?? {}),
        body: script.source + world + describeArguments(entry, limits),
        onConsole(head) {
          const [level, text] = JSON.parse(head);
          if (consoleLines.length >= limits.maxConsoleLines) return;
          const known = levels.find((name) => name === level) ?? 'log';
          consoleLines.push({ level: known, text: redact(String(text)) });
        },
        onRequest(head, body) {
          const [request, told] = JSON.parse(head);
          if (told === null) return;
          asked += 1;
          // The host counts too; one that sends more is not ours any more.
          if (asked > limits.maxRequests) throw new RangeError('more requests than allowed');
          open += 1;
          void answer(request, told, body);
        },
        onEnd(end) {
          if ('lost' in end) {
            finish(outcomeOfLoss(end.lost, open === 0, limits));
            return;
          }
          finish(readOutcome(end.head, end.body, { filename, entry, redact, limits }));
        },
      });
    });
}

/** What belongs to the script and not to this run of it. The host keeps isolates apart by it, letter by letter. */
function describeWorld({ configuration, modules }: Script): string {
  if (configuration === undefined && modules === undefined) return '{}';
  const named = Object.entries(modules ?? {}).map(([name, module]) => [
    name,
    { hash: module.hash, title: titleOf(module) },
  ]);
  return JSON.stringify({ configuration, ...(named.length === 0 ? {} : { modules: Object.fromEntries(named) }) });
}

function describeArguments(entry: ScriptEntry, limits: SandboxLimits): string {
  return JSON.stringify({
    ...entry,
    maxOutputLength: limits.maxOutputBytes,
    maxRequests: limits.maxRequests,
    maxConsoleLines: limits.maxConsoleLines,
  });
}
