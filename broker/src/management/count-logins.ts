import { addSeconds } from '../core/clock.ts';
import type { Store } from '../store/store.ts';

/** A row of the log that is this old has come to stay, whichever broker wrote it. */
const settledAfterSeconds = 30;

/** Adds the sign-ins of the log to the days that they belong to. Of several brokers one counts at a time. */
export const countLogins = (store: Pick<Store, 'exclusively' | 'write' | 'dailyLogins'>, now: Date): Promise<void> =>
  store.exclusively('daily logins', async () => {
    const counted = await store.dailyLogins.read(addSeconds(now, -settledAfterSeconds));
    if (counted !== undefined) await store.write(store.dailyLogins.add(counted));
  });
