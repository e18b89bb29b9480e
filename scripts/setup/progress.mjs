import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout: everything set up lives below it. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The surroundings do not allow a set-up; the message says what to do. Printed without a stack, exit code 1. */
export class SetupError extends Error {}

const say = (step, text) => process.stderr.write(`[portico] ${step}: ${text}\n`);

/** Names a step, runs it and says how long it took. Steps that find their work done do not come here. */
export async function step(name, what, work) {
  say(name, `${what} …`);
  const startedAt = performance.now();
  const result = await work();
  say(name, `ready (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
  return result;
}

export const note = say;
