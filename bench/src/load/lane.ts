/** One thing that is measured: a process tree, and a way to keep it busy. */
export type Lane = {
  readonly name: string;
  readonly pid: number;
  /** RSA signatures in one operation. */
  readonly signatures: number;
  /** Made anew before each slice, outside of what is measured. */
  prepare?(): Promise<void>;
  /** Works for about `ms`, finishes what it began, answers how many operations that were. */
  run(ms: number): Promise<number>;
  /** What must hold after the run; throws if it does not. */
  check?(): Promise<void>;
};

export const concurrency = 8;

/** `concurrency` loops of one operation; the first failure ends the run. */
export function loops(operation: (worker: number) => Promise<void>): Lane['run'] {
  return async (ms) => {
    const deadline = performance.now() + ms;
    let operations = 0;
    const loop = async (_: unknown, worker: number) => {
      while (performance.now() < deadline) {
        await operation(worker);
        operations += 1;
      }
    };
    await Promise.all(Array.from({ length: concurrency }, loop));
    return operations;
  };
}
