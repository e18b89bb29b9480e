import { sql } from 'kysely';
import { toFlag } from '../columns.ts';
import type { Values } from '../compile.ts';
import type { WaitingCodes } from '../records.ts';

/*
 * Codes that a person has got and nobody has redeemed. No index: they live minutes, and somebody who takes back access may
 * wait for one look at all of them.
 */

export type WaitingValues = {
  user_id: string;
  client_id: string | null;
  sid: string | null;
  audience: string | null;
  is_any_audience: number;
};

/** A condition on what a row says about its authorization; `column` is how it says it. */
export const isWaiting = (
  $: Values<WaitingValues>,
  column: (name: 'user_id' | 'client_id' | 'sid' | 'audience') => string,
) =>
  sql<boolean>`${sql.raw(column('user_id'))} = ${$.user_id}
    and ${sql.raw(column('client_id'))} = coalesce(cast(${$.client_id} as text), ${sql.raw(column('client_id'))})
    and (cast(${$.sid} as text) is null or ${sql.raw(column('sid'))} = cast(${$.sid} as text))
    and (cast(${$.is_any_audience} as bigint) = 1
      or ${sql.raw(column('audience'))} is not distinct from cast(${$.audience} as text))`;

export const toWaitingValues = ({ userId, clientId, sid, audience }: WaitingCodes): WaitingValues => ({
  user_id: userId,
  client_id: clientId ?? null,
  sid: sid ?? null,
  audience: audience ?? null,
  is_any_audience: toFlag(audience === undefined),
});
