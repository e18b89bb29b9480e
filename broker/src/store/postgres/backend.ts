import { StoreError } from '../../core/errors.ts';
import type { Backend, OnError } from '../backend.ts';
import { createAdvisoryLocks } from './advisory-locks.ts';
import { createAnnouncements } from './announcements.ts';
import { requireDurability, toCreateClient } from './client.ts';
import { createExclusiveLinks } from './exclusive-links.ts';
import { createLink } from './link.ts';
import { migrate } from './migrate.ts';
import { createSharedLinks } from './shared-links.ts';
import { createRun, ping, repeated, send } from './unit-of-work.ts';

const sharedCount = 4;
const exclusiveLimit = 4;

type PostgresOptions = { readonly url: string; readonly onError: OnError; readonly onConfigurationChanged: () => void };

/** At most ten connections: four shared, four for units of work that decide before they commit, locks, announcements. */
export async function openPostgres({ url, onError, onConfigurationChanged }: PostgresOptions): Promise<Backend> {
  await migrate(toCreateClient(url, { statement_timeout: 0, query_timeout: 0 }));

  const createClient = toCreateClient(url, { pipeline: true });
  const createWorkLink = () => createLink({ createClient, prepare: requireDurability, onError });
  const shared = createSharedLinks(Array.from({ length: sharedCount }, createWorkLink));
  const exclusive = createExclusiveLinks(createWorkLink, exclusiveLimit);

  const announcements = createAnnouncements(onConfigurationChanged);
  const listening = createLink({ createClient, prepare: announcements.listen, onError });
  const locking = createLink({ createClient, prepare: async () => {}, onError });
  const heartbeat = announcements.watch(listening);

  const run = createRun(shared, exclusive, announcements.announce);
  let isClosed = false;
  const underWay = new Set<Promise<unknown>>();
  const track = <Result>(start: () => Promise<Result>): Promise<Result> => {
    if (isClosed) return Promise.reject(new StoreError('unavailable', 'The store is closed'));
    const promise = start();
    const settled = promise.then(forget, forget);
    function forget(): void {
      underWay.delete(settled);
    }
    underWay.add(settled);
    return promise;
  };

  const close = async () => {
    isClosed = true;
    clearInterval(heartbeat);
    await Promise.all(underWay);
    await Promise.all([shared.close(), exclusive.close(), listening.close(), locking.close()]);
  };

  try {
    await Promise.all([shared.open(), listening.get()]);
  } catch (error) {
    await close();
    throw error;
  }

  return {
    rows: (statement, values) => repeated(() => shared.use((client) => send(client, { statement, values }))),
    run: (writes) => track(() => run(writes)),
    stage: (writes) => track(() => run(writes)),
    exclusively: createAdvisoryLocks(locking, onError),
    async ping() {
      await repeated(() => shared.use(ping));
    },
    close,
  };
}
