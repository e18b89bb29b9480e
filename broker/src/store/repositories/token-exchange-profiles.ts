import type { Selectable } from 'kysely';
import type { ActionId } from '../../core/ids.ts';
import type { TokenExchangeProfile } from '../../core/token-exchange.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { checkFound, configuration, configurationThatMustExist, isFound, nothing } from '../outcomes.ts';
import type { Store } from '../store.ts';

type Row = Selectable<Database['token_exchange_profiles']>;

export function createTokenExchangeProfiles({ compile }: RepositoryDeps): Store['tokenExchangeProfiles'] {
  const list = compile('token_exchange_profiles_list', (db, _: Values<object>) =>
    db.selectFrom('token_exchange_profiles').selectAll().orderBy('created_at').orderBy('id'),
  );
  const create = compile('token_exchange_profiles_create', (db, $: Values<Row>) =>
    db.insertInto('token_exchange_profiles').values({
      id: $.id,
      name: $.name,
      subject_token_type: $.subject_token_type,
      action_id: $.action_id,
      created_at: $.created_at,
      updated_at: $.updated_at,
    }),
  );
  const update = compile('token_exchange_profiles_update', (db, $: Values<Row>) =>
    db
      .updateTable('token_exchange_profiles')
      .set({ name: $.name, subject_token_type: $.subject_token_type, updated_at: $.updated_at })
      .where('id', '=', $.id)
      .returning('id'),
  );
  const remove = compile('token_exchange_profiles_delete', (db, $: Values<{ id: string }>) =>
    db.deleteFrom('token_exchange_profiles').where('id', '=', $.id).returning('id'),
  );

  return {
    list: async () => (await list.rows({})).map(fromRow),
    create: (profile) => create.write(toRow(profile), nothing, configuration),
    update: (profile) => update.write(toRow(profile), checkFound, configurationThatMustExist),
    delete: (id) => remove.write({ id }, isFound, configuration),
  };
}

const toRow = (profile: TokenExchangeProfile): Row => ({
  id: profile.id,
  name: profile.name,
  subject_token_type: profile.subjectTokenType,
  action_id: profile.actionId,
  created_at: profile.createdAt.getTime(),
  updated_at: profile.updatedAt.getTime(),
});

const fromRow = (row: Row): TokenExchangeProfile => ({
  id: row.id,
  name: row.name,
  subjectTokenType: row.subject_token_type,
  actionId: row.action_id as ActionId,
  createdAt: new Date(row.created_at),
  updatedAt: new Date(row.updated_at),
});
