import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Backend, OnError } from '../backend.ts';
import { createInTurn } from '../in-turn.ts';
import { isFound } from '../outcomes.ts';
import type { Statement, Write } from '../store.ts';

/** A process that was killed keeps its lease this long; one that lives renews it four times as often. */
const leaseMs = 10_000;
const renewMs = leaseMs / 4;
const pollMs = 25;

// The database's clock, so that all processes on the file agree on it.
const now = "cast(unixepoch('subsec') * 1000 as integer)";
const acquire: Statement = {
  name: 'leases_acquire',
  sql: `insert into leases (name, owner, expires_at) values (?, ?, ${now} + ${leaseMs})
    on conflict (name) do update set owner = excluded.owner, expires_at = excluded.expires_at
    where leases.expires_at <= ${now} returning owner`,
};
const renew: Statement = {
  name: 'leases_renew',
  sql: `update leases set expires_at = ${now} + ${leaseMs} where name = ? and owner = ? returning owner`,
};
const release: Statement = {
  name: 'leases_release',
  sql: 'delete from leases where name = ? and owner = ? returning owner',
};

/** Between the processes on one file: a row with an owner and an expiry. Within this one: a queue, without polling. */
export function createLeases(run: Backend['run'], onError: OnError): Backend['exclusively'] {
  const inTurn = createInTurn();

  const send = async (statement: Statement, name: string, owner: string): Promise<boolean> => {
    const write: Write<boolean> = { statement, values: [name, owner], read: isFound };
    const [found] = await run([write]);
    return found === true;
  };

  return (name, work) =>
    inTurn(name, async () => {
      const owner = randomUUID();
      while (!(await send(acquire, name, owner))) await sleep(pollMs);
      const renewal = setInterval(() => send(renew, name, owner).catch(onError), renewMs);
      renewal.unref();
      try {
        return await work();
      } finally {
        clearInterval(renewal);
        await send(release, name, owner).catch(onError);
      }
    });
}
