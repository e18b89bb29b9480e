import type { Selectable } from 'kysely';
import type { Rule } from '../../core/action.ts';
import { toFlag, toSealed } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { checkFound, configuration, configurationThatMustExist, isFound, nothing } from '../outcomes.ts';
import type { Store } from '../store.ts';

type Row = Selectable<Database['rules']>;

export function createRules({ compile }: RepositoryDeps): Store['rules'] {
  const list = compile('rules_list', (db, _: Values<object>) =>
    db.selectFrom('rules').selectAll().orderBy('position').orderBy('name'),
  );
  const create = compile('rules_create', (db, $: Values<Row>) =>
    db.insertInto('rules').values({
      id: $.id,
      name: $.name,
      source: $.source,
      position: $.position,
      is_enabled: $.is_enabled,
    }),
  );
  const update = compile('rules_update', (db, $: Values<Row>) =>
    db
      .updateTable('rules')
      .set({ name: $.name, source: $.source, position: $.position, is_enabled: $.is_enabled })
      .where('id', '=', $.id)
      .returning('id'),
  );
  const remove = compile('rules_delete', (db, $: Values<{ id: string }>) =>
    db.deleteFrom('rules').where('id', '=', $.id).returning('id'),
  );
  const listSettings = compile('rule_settings_list', (db, _: Values<object>) =>
    db.selectFrom('rule_settings').selectAll().orderBy('key'),
  );
  const putSetting = compile('rule_settings_put', (db, $: Values<{ key: string; sealed_value: Uint8Array }>) =>
    db
      .insertInto('rule_settings')
      .values({ key: $.key, sealed_value: $.sealed_value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ sealed_value: $.sealed_value })),
  );
  const removeSetting = compile('rule_settings_delete', (db, $: Values<{ key: string }>) =>
    db.deleteFrom('rule_settings').where('key', '=', $.key).returning('key'),
  );

  return {
    list: async () => (await list.rows({})).map(fromRow),
    create: (rule) => create.write(toRow(rule), nothing, configuration),
    update: (rule) => update.write(toRow(rule), checkFound, configurationThatMustExist),
    delete: (id) => remove.write({ id }, isFound, configuration),
    listSettings: async () =>
      (await listSettings.rows({})).map((row) => ({ key: row.key, sealedValue: toSealed(row.sealed_value) })),
    putSetting: ({ key, sealedValue }) => putSetting.write({ key, sealed_value: sealedValue }, nothing, configuration),
    deleteSetting: (key) => removeSetting.write({ key }, isFound, configuration),
  };
}

const toRow = ({ id, name, source, order, isEnabled }: Rule): Row => ({
  id,
  name,
  source,
  position: order,
  is_enabled: toFlag(isEnabled),
});

const fromRow = (row: Row): Rule => ({
  id: row.id,
  name: row.name,
  source: row.source,
  order: row.position,
  isEnabled: row.is_enabled === 1,
});
