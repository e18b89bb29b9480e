import { defaultTenantSettings, type TenantSettings } from '../../core/tenant.ts';
import { fromJson, toJson } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import { configuration, nothing } from '../outcomes.ts';
import type { Store } from '../store.ts';

export function createTenant({ compile }: RepositoryDeps): Store['tenant'] {
  const find = compile('tenant_find', (db, _: Values<object>) => db.selectFrom('tenant').select('settings'));
  const put = compile('tenant_put', (db, $: Values<{ settings: string }>) =>
    db
      .insertInto('tenant')
      .values({ id: 1, settings: $.settings })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ settings: $.settings })),
  );

  return {
    async find() {
      const row = await find.first({});
      return row && { ...defaultTenantSettings, ...fromJson<TenantSettings>(row.settings) };
    },
    put: (settings) => put.write({ settings: toJson(settings) }, nothing, configuration),
  };
}
