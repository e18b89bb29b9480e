import type { ManagementDeps } from '../deps.ts';
import { exportStep } from './export-users.ts';
import { importEvents } from './import-event.ts';
import { importStep } from './import-users.ts';
import { createJobRunner, type JobRunner } from './runner.ts';

type JobDeps = Parameters<typeof exportStep>[0] &
  Parameters<typeof importStep>[0] &
  Pick<ManagementDeps, 'clock' | 'random'>;

/** What works off the jobs of the Management API, in each broker. */
export const createJobs = (deps: JobDeps & Pick<Parameters<typeof createJobRunner>[0], 'log'>): JobRunner =>
  createJobRunner({
    store: deps.store,
    clock: deps.clock,
    log: deps.log,
    eventsOf: importEvents(deps),
    steps: {
      users_export: (job) => exportStep(deps, job),
      users_import: (job) => importStep(deps, job),
    },
  });
