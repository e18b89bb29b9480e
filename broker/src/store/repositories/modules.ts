import type { Selectable } from 'kysely';
import type { StoredModule } from '../../core/module.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { configuration, isFound, nothing } from '../outcomes.ts';
import type { Store } from '../store.ts';

type Row = Selectable<Database['modules']>;

export function createModules({ compile }: RepositoryDeps): Store['modules'] {
  const list = compile('modules_list', (db, _: Values<object>) =>
    db.selectFrom('modules').selectAll().orderBy('name').orderBy('version'),
  );
  const find = compile('modules_find', (db, $: Values<Pick<Row, 'name' | 'version'>>) =>
    db.selectFrom('modules').selectAll().where('name', '=', $.name).where('version', '=', $.version),
  );
  const create = compile('modules_create', (db, $: Values<Row>) =>
    db.insertInto('modules').values({
      name: $.name,
      version: $.version,
      hash: $.hash,
      bundle: $.bundle,
      integrity: $.integrity,
      added_at: $.added_at,
    }),
  );
  const remove = compile('modules_delete', (db, $: Values<Pick<Row, 'name' | 'version'>>) =>
    db.deleteFrom('modules').where('name', '=', $.name).where('version', '=', $.version).returning('name'),
  );

  return {
    list: async () => (await list.rows({})).map(fromRow),
    async find(name, version) {
      const row = await find.first({ name, version });
      return row && fromRow(row);
    },
    create: (module) => create.write(toRow(module), nothing, configuration),
    delete: (name, version) => remove.write({ name, version }, isFound, configuration),
  };
}

const toRow = ({ name, version, hash, text, integrity, addedAt }: StoredModule): Row => ({
  name,
  version,
  hash,
  bundle: text,
  integrity: integrity ?? null,
  added_at: addedAt.getTime(),
});

const fromRow = (row: Row): StoredModule => ({
  name: row.name,
  version: row.version,
  hash: row.hash,
  text: row.bundle,
  integrity: row.integrity ?? undefined,
  addedAt: new Date(row.added_at),
});
