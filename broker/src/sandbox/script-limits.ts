import type { SandboxLimits } from './sandbox.ts';

/** What one run may use, besides its time, where nothing is set; the same in the broker and on the command line. */
export const scriptLimits = {
  cpuMs: 5_000,
  memoryMb: 128,
  maxOutputBytes: 1_000_000,
  maxConsoleLines: 500,
  maxRequests: 50,
  maxResponseBytes: 10_485_760,
  maxQueue: 200,
} as const satisfies Partial<SandboxLimits>;

export type ScriptLimits = Pick<SandboxLimits, keyof typeof scriptLimits>;

/** A whole number by the name of its setting. */
type ReadNumber = (name: string, otherwise: number, range: { readonly min: number; readonly max: number }) => number;

export const readScriptLimits = (read: ReadNumber): ScriptLimits => ({
  cpuMs: read('SCRIPT_CPU_MS', scriptLimits.cpuMs, { min: 100, max: 60_000 }),
  memoryMb: read('SCRIPT_MEMORY_MB', scriptLimits.memoryMb, { min: 16, max: 1024 }),
  maxOutputBytes: read('SCRIPT_MAX_OUTPUT_BYTES', scriptLimits.maxOutputBytes, { min: 1_000, max: 4_000_000 }),
  maxConsoleLines: read('SCRIPT_MAX_CONSOLE_LINES', scriptLimits.maxConsoleLines, { min: 1, max: 10_000 }),
  maxRequests: read('SCRIPT_MAX_REQUESTS', scriptLimits.maxRequests, { min: 1, max: 1_000 }),
  maxResponseBytes: read('SCRIPT_MAX_RESPONSE_BYTES', scriptLimits.maxResponseBytes, { min: 1_000, max: 104_857_600 }),
  maxQueue: read('SCRIPT_MAX_QUEUE', scriptLimits.maxQueue, { min: 0, max: 100_000 }),
});
