import type { Clock } from '../../core/clock.ts';
import type { TraceId } from '../../core/ids.ts';
import type { Job } from '../../core/job.ts';
import { createLogId } from '../../core/log-event.ts';
import type { Random } from '../../core/random.ts';
import type { Store, Write } from '../../store/store.ts';

type ImportEventDeps = { readonly store: Pick<Store, 'logs'>; readonly clock: Clock; readonly random: Random };

/** What the tenant's log says of an import that has ended; who asked for it is in the line of the job's beginning. */
export const importEvents =
  ({ store, clock, random }: ImportEventDeps) =>
  (ended: Job): readonly Write<unknown>[] => {
    if (ended.type !== 'users_import') return [];
    const { inserted = 0, updated = 0, failed = 0 } = ended.details as Readonly<Record<string, number>>;
    const hasFailed = ended.status === 'failed' || (failed > 0 && inserted + updated === 0);
    const at = clock.now();
    const event = store.logs.create({
      id: createLogId(random, at),
      type: hasFailed ? 'fui' : 'sui',
      at,
      traceId: random.id('tr_') as TraceId,
      clientId: undefined,
      connectionId: ended.connectionId,
      userId: undefined,
      userName: undefined,
      ip: undefined,
      userAgent: undefined,
      description: hasFailed ? 'Users could not be imported' : 'Users were imported',
      details: { job: ended.id, inserted, updated, failed },
    });
    return [event];
  };
