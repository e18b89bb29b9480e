import { setTimeout as sleep } from 'node:timers/promises';
import type { Backend, OnError } from '../backend.ts';
import { createInTurn } from '../in-turn.ts';
import type { Link } from './link.ts';
import { toStoreError } from './to-store-error.ts';

const pollMs = 25;
const acquire = 'select pg_try_advisory_lock(hashtextextended($1, 0)) as is_mine';
const release = 'select pg_advisory_unlock(hashtextextended($1, 0))';

/**
 * Session locks on one connection that nothing else uses: when this process dies, the server frees them. The connection
 * holds many at once, and within one session they would not exclude each other: a queue per name does.
 */
export function createAdvisoryLocks(link: Link, onError: OnError): Backend['exclusively'] {
  const inTurn = createInTurn();

  return (name, work) =>
    inTurn(name, async () => {
      for (;;) {
        const client = await link.get();
        const { rows } = await client.query(acquire, [name]).catch((error: unknown) => {
          throw toStoreError(error);
        });
        if (rows[0]?.is_mine === true) {
          try {
            return await work();
          } finally {
            // On a new connection there is nothing to free: the lock went with the old one.
            await client.query(release, [name]).catch(onError);
          }
        }
        await sleep(pollMs);
      }
    });
}
