import type { SandboxLimits } from './sandbox.ts';

/** What one run may use, besides its time; the same in the broker and on the command line. */
export const scriptLimits = {
  cpuMs: 5_000,
  memoryMb: 128,
  maxOutputBytes: 1_000_000,
  maxConsoleLines: 500,
  maxRequests: 50,
  maxQueue: 200,
} as const satisfies Partial<SandboxLimits>;
