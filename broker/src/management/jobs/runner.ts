import { addSeconds, type Clock } from '../../core/clock.ts';
import { isConflict } from '../../core/errors.ts';
import type { Job } from '../../core/job.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Store, Write } from '../../store/store.ts';

/** One step of a job: what to write with it, and what comes after. The same step may be done twice, after a crash. */
export type Step = {
  readonly writes: readonly Write<unknown>[];
  readonly details: JsonObject;
  readonly isDone: boolean;
};

export type JobRunner = {
  /** There may be something to do. */
  readonly kick: () => void;
  /** The step under way ends; the rest is for whoever comes next. */
  stop(): Promise<void>;
};

type RunnerDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: (level: 'info' | 'warn' | 'error', fields: JsonObject, message: string) => void;
  /** What the tenant's log says of a job that has ended. */
  readonly eventsOf: (ended: Job) => readonly Write<unknown>[];
  readonly steps: Readonly<Record<Job['type'], (job: Job) => Promise<Step>>>;
};

/** A job that has not moved for so long belongs to a process that is gone. */
const staleSeconds = 60;
const lookEveryMs = 15_000;
const mostConflicts = 5;

/** Works jobs off one after the other, a step at a time, each with its progress in one transaction. */
export function createJobRunner({ store, clock, log, steps, eventsOf }: RunnerDeps): JobRunner {
  let running: Promise<void> | undefined;
  let isAsked = false;
  let isStopping = false;

  const claim = () => {
    const now = clock.now();
    return store.write(store.jobs.claim({ now, staleBefore: addSeconds(now, -staleSeconds) }));
  };

  const tryWrite = async (writes: readonly Write<unknown>[], conflicts: number): Promise<boolean> => {
    try {
      await store.writeAll(writes);
      return true;
    } catch (error) {
      if (isConflict(error) && conflicts < mostConflicts) return false;
      throw error;
    }
  };

  const work = async (claimed: Job): Promise<void> => {
    let job = claimed;
    try {
      for (let conflicts = 0; !isStopping; ) {
        const { writes, details, isDone } = await steps[job.type](job);
        const next: Job = { ...job, details, updatedAt: clock.now(), status: isDone ? 'completed' : 'processing' };
        const isWritten = await tryWrite(
          [...writes, store.jobs.update(next), ...(isDone ? eventsOf(next) : [])],
          conflicts,
        );
        // Somebody signed in meanwhile: the step sees it when it is done again.
        conflicts = isWritten ? 0 : conflicts + 1;
        if (isWritten) job = next;
        if (isWritten && isDone) return;
      }
      // Nobody has to wait until it looks abandoned.
      await store.write(store.jobs.update({ ...job, status: 'pending' }));
    } catch (error) {
      log('error', { job: job.id, error: String(error) }, 'a job failed');
      const details = { ...job.details, error: 'The job failed; the log of the server says why.' };
      const failed: Job = { ...job, status: 'failed', updatedAt: clock.now(), details };
      await store.writeAll([store.jobs.update(failed), ...eventsOf(failed)]);
    }
  };

  const run = async (): Promise<void> => {
    do {
      isAsked = false;
      for (let job = await claim(); job !== undefined; job = isStopping ? undefined : await claim()) await work(job);
    } while (isAsked && !isStopping);
  };

  const kick = (): void => {
    if (isStopping) return;
    isAsked = true;
    running ??= run()
      .catch((error: Error) => log('warn', { error: error.message }, 'jobs wait'))
      .finally(() => {
        running = undefined;
      });
  };
  const looking = setInterval(kick, lookEveryMs).unref();
  return {
    kick,
    async stop() {
      isStopping = true;
      clearInterval(looking);
      await running;
    },
  };
}
