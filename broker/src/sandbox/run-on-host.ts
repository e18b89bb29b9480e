import type { Clock } from '../core/clock.ts';
import type { GuardedFetch } from '../http/egress.ts';
import type { HostProcess } from './host-process.ts';
import { outcomeOfLoss, readOutcome } from './read-outcome.ts';
import { createRedact } from './redact.ts';
import type { ConsoleLine, ProfileScript, SandboxLimits, ScriptOutcome, ScriptRun } from './sandbox.ts';
import { createScriptRequests } from './script-requests.ts';

export type RunOnHostDeps = { readonly fetch: GuardedFetch; readonly clock: Clock; readonly limits: SandboxLimits };

/** The host has its own clock for the wall; this much later the broker no longer waits for it. */
const graceMs = 500;
const levels = ['log', 'info', 'warn', 'error', 'debug'] as const;

/** One run on one host, from the first frame to the outcome. */
export function createRunOnHost(deps: RunOnHostDeps): (host: HostProcess, script: ProfileScript) => Promise<ScriptRun> {
  const { limits, clock } = deps;
  let lastId = 0;

  return (host, script) =>
    new Promise((resolve) => {
      const id = ++lastId;
      const startedAt = clock.now().getTime();
      const redact = createRedact(script.accessToken);
      const requests = createScriptRequests({ fetch: deps.fetch, clock, redact, wallMs: limits.wallMs });
      const consoleLines: ConsoleLine[] = [];
      let asked = 0;
      let open = 0;
      const deadline = setTimeout(() => host.kill('deadline', id), limits.wallMs + graceMs);

      let isOver = false;

      function finish(outcome: ScriptOutcome): void {
        isOver = true;
        clearTimeout(deadline);
        requests.stop();
        const { exchanges, responseTexts } = requests;
        resolve({ outcome, consoleLines, exchanges, responseTexts, ms: clock.now().getTime() - startedAt });
      }

      async function answer(request: unknown, told: unknown, body: Buffer): Promise<void> {
        const answered = await requests.serve(told, body);
        open -= 1;
        if (isOver) return;
        host.answer(id, JSON.stringify({ request, isBinary: answered.isBinary, told: answered.told }), answered.body);
      }

      host.start({
        id,
        head: JSON.stringify({ filename: script.filename, sourceBytes: Buffer.byteLength(script.source) }),
        body: script.source + describeArguments(script, limits),
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
          finish(readOutcome(end.head, end.body, { filename: script.filename, redact, limits }));
        },
      });
    });
}

function describeArguments(script: ProfileScript, limits: SandboxLimits): string {
  return JSON.stringify({
    arguments: [script.accessToken, script.context],
    maxOutputLength: limits.maxOutputBytes,
    maxRequests: limits.maxRequests,
    maxConsoleLines: limits.maxConsoleLines,
  });
}
