import type pg from 'pg';
import { StoreError } from '../../core/errors.ts';
import type { Link } from './link.ts';

/** Connections that everybody sends on at the same time, without waiting for others' answers. */
export type SharedLinks = {
  /** Calls `send` once, synchronously with respect to its connection: what it sends in one go stays together. */
  use<Result>(send: (client: pg.Client) => Promise<Result>): Promise<Result>;
  open(): Promise<void>;
  close(): Promise<void>;
};

export function createSharedLinks(links: readonly Link[]): SharedLinks {
  let turn = 0;

  const pick = (): pg.Client | undefined => {
    for (let tries = 0; tries < links.length; tries += 1) {
      turn = (turn + 1) % links.length;
      const client = links[turn]?.current();
      if (client) return client;
    }
    return undefined;
  };

  const waitForAny = (): Promise<pg.Client> =>
    Promise.any(links.map((link) => link.get())).catch(({ errors }: AggregateError) => {
      throw errors[0] ?? new StoreError('unavailable', 'The database did not answer');
    });

  return {
    use: async (send) => send(pick() ?? (await waitForAny())),
    open: async () => void (await Promise.all(links.map((link) => link.get()))),
    close: async () => void (await Promise.all(links.map((link) => link.close()))),
  };
}
