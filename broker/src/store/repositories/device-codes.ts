import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type { CustomClaims } from '../../core/action.ts';
import type { DeviceCode, DeviceGrant } from '../../core/device-code.ts';
import type { ClientId, HandleHash } from '../../core/ids.ts';
import { fromJson, toJson } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { AuthorizationColumns, Database } from '../database.ts';
import { isFound, nothing, shortLived } from '../outcomes.ts';
import type { Store } from '../store.ts';
import { fromAuthorizationRow, toAuthorizationRow } from './authorization.ts';
import { isWaiting, toWaitingValues, type WaitingValues } from './waiting-codes.ts';

type Row = Selectable<Database['device_codes']>;
type Granted = AuthorizationColumns & { readonly claims: CustomClaims | null };

export function createDeviceCodes({ compile, dialect }: RepositoryDeps): Store['deviceCodes'] {
  const granted = dialect.name === 'postgres' ? 'cast(granted as json)' : 'granted';
  const create = compile('device_codes_create', (db, $: Values<Row>) =>
    db.insertInto('device_codes').values({
      device_hash: $.device_hash,
      id: $.id,
      user_code_hash: $.user_code_hash,
      client_id: $.client_id,
      scope: $.scope,
      audience: $.audience,
      state: $.state,
      granted: $.granted,
      denial: $.denial,
      polled_at: $.polled_at,
      is_polled_too_soon: $.is_polled_too_soon,
      created_at: $.created_at,
      expires_at: $.expires_at,
    }),
  );
  const find = compile('device_codes_find', (db, $: Values<{ id: string }>) =>
    db.selectFrom('device_codes').selectAll().where('id', '=', $.id),
  );
  const findByUserCode = compile('device_codes_find_by_user_code', (db, $: Values<{ user_code_hash: string }>) =>
    db.selectFrom('device_codes').selectAll().where('user_code_hash', '=', $.user_code_hash),
  );
  const decide = compile(
    'device_codes_decide',
    (db, $: Values<Pick<Row, 'id' | 'state' | 'granted' | 'denial'> & { now: number }>) =>
      db
        .updateTable('device_codes')
        .set({ state: $.state, granted: $.granted, denial: $.denial })
        .where('id', '=', $.id)
        .where('state', '=', 'pending')
        .where('expires_at', '>', $.now)
        .returning('id'),
  );
  /** One use: of any number of parallel polls one gets the row. */
  const takeDecided = compile(
    'device_codes_take_decided',
    (db, $: Values<{ device_hash: string; client_id: string; now: number }>) =>
      db
        .deleteFrom('device_codes')
        .where('device_hash', '=', $.device_hash)
        .where('client_id', '=', $.client_id)
        .where((row) => row.or([row('state', '<>', 'pending'), row('expires_at', '<=', $.now)]))
        .returningAll(),
  );
  const deleteWaiting = compile('device_codes_delete_waiting', (db, $: Values<WaitingValues>) =>
    db
      .deleteFrom('device_codes')
      .where('state', '=', 'allowed')
      .where(isWaiting($, (name) => `(${granted} ->> '${name}')`)),
  );
  const poll = compile(
    'device_codes_poll',
    (db, $: Values<{ device_hash: string; client_id: string; now: number; previous: number }>) =>
      db
        .updateTable('device_codes')
        .set({
          polled_at: $.now,
          is_polled_too_soon: sql<number>`case when polled_at > cast(${$.previous} as bigint) then 1 else 0 end`,
        })
        .where('device_hash', '=', $.device_hash)
        .where('client_id', '=', $.client_id)
        .returning('is_polled_too_soon'),
  );

  return {
    create: (code) => create.write(toRow(code), nothing, shortLived),
    async find(id) {
      const row = await find.first({ id });
      return row && fromRow(row);
    },
    async findByUserCode(userCodeHash) {
      const row = await findByUserCode.first({ user_code_hash: userCodeHash });
      return row && fromRow(row);
    },
    allow: (id, granted, now) =>
      decide.write(
        { id, state: 'allowed', granted: toGrantedText(granted), denial: null, now: now.getTime() },
        isFound,
        shortLived,
      ),
    deny: (id, denial, now) =>
      decide.write({ id, state: 'denied', granted: null, denial, now: now.getTime() }, isFound, shortLived),
    takeDecided: (deviceHash, clientId, now) =>
      takeDecided.write(
        { device_hash: deviceHash, client_id: clientId, now: now.getTime() },
        ([row]) => row && fromRow(row),
        shortLived,
      ),
    deleteWaiting: (waiting) => deleteWaiting.write(toWaitingValues(waiting), nothing),
    poll: (deviceHash, clientId, { now, previous }) =>
      poll.write(
        { device_hash: deviceHash, client_id: clientId, now: now.getTime(), previous: previous.getTime() },
        ([row]) => row && { isTooSoon: row.is_polled_too_soon === 1 },
        shortLived,
      ),
  };
}

const toRow = (code: DeviceCode): Row => ({
  device_hash: code.deviceHash,
  id: code.id,
  user_code_hash: code.userCodeHash,
  client_id: code.clientId,
  scope: code.scope ?? null,
  audience: code.audience ?? null,
  state: code.state,
  granted: code.granted === undefined ? null : toGrantedText(code.granted),
  denial: code.denial ?? null,
  polled_at: null,
  is_polled_too_soon: 0,
  created_at: code.createdAt.getTime(),
  expires_at: code.expiresAt.getTime(),
});

const fromRow = (row: Row): DeviceCode => ({
  id: row.id,
  deviceHash: row.device_hash as HandleHash,
  userCodeHash: row.user_code_hash as HandleHash,
  clientId: row.client_id as ClientId,
  scope: row.scope ?? undefined,
  audience: row.audience ?? undefined,
  state: row.state as DeviceCode['state'],
  granted: row.granted === null ? undefined : fromGrantedText(row.granted),
  denial: row.denial ?? undefined,
  createdAt: new Date(row.created_at),
  expiresAt: new Date(row.expires_at),
});

const toGrantedText = ({ claims, ...authorization }: DeviceGrant): string =>
  toJson({ ...toAuthorizationRow(authorization), claims: claims ?? null } satisfies Granted);

function fromGrantedText(text: string): DeviceGrant {
  const { claims, ...row } = fromJson<Granted>(text);
  return { ...fromAuthorizationRow(row), claims: claims ?? undefined };
}
