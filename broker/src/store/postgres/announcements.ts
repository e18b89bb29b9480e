import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Command } from '../store.ts';
import type { Link } from './link.ts';

const channel = 'portico_configuration';
const heartbeatMs = 15_000;

export type Announcements = {
  /** Part of each transaction that changes configuration. */
  readonly announce: Command;
  /** Makes a new connection listen. What was announced while there was none is not known, so it counts as a change. */
  listen(client: pg.Client): Promise<void>;
  /** Finds out about a connection that died silently, which one that only listens would never notice. */
  watch(link: Link): NodeJS.Timeout;
};

export function createAnnouncements(onChange: () => void): Announcements {
  const self = randomUUID();
  let hasListened = false;

  return {
    announce: {
      statement: { name: 'configuration_announce', sql: 'select pg_notify($1, $2)' },
      values: [channel, self],
    },
    async listen(client) {
      client.on('notification', ({ payload }) => {
        // Our own changes have been told to the listeners when they were committed.
        if (payload !== self) onChange();
      });
      await client.query(`listen ${channel}`);
      if (hasListened) onChange();
      hasListened = true;
    },
    watch: (link) =>
      setInterval(() => {
        const client = link.current();
        client?.query('select 1').catch(() => link.drop(client));
      }, heartbeatMs).unref(),
  };
}
