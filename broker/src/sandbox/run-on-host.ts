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
      let answered = 0;
      const deadline = setTimeout(() => host.kill('deadline', id), limits.wallMs + graceMs);

      function finish(outcome: ScriptOutcome): void {
        clearTimeout(deadline);
        requests.stop();
        const { exchanges, responseTexts } = requests;
        resolve({ outcome, consoleLines, exchanges, responseTexts, ms: clock.now().getTime() - startedAt });
      }

      host.start({
        id,
        head: JSON.stringify({ filename: script.filename, sourceBytes: Buffer.byteLength(script.source) }),
        body: script.source + describeArguments(script, limits),
        onConsole(head) {
          if (consoleLines.length >= limits.maxConsoleLines) return host.kill('crash', id);
          const [level, text] = JSON.parse(head);
          const known = levels.find((name) => name === level) ?? 'log';
          consoleLines.push({ level: known, text: redact(String(text)) });
        },
        async onRequest(head, body) {
          const [request, told] = JSON.parse(head);
          if (told === null) return;
          asked += 1;
          // The host counts too; one that sends more is not ours any more.
          if (asked > limits.maxRequests) return host.kill('crash', id);
          const answer = await requests.serve(told, body);
          answered += 1;
          host.answer(id, JSON.stringify({ request, isBinary: answer.isBinary, told: answer.told }), answer.body);
        },
        onEnd(end) {
          if ('lost' in end) return finish(outcomeOfLoss(end.lost, asked === answered, limits));
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
