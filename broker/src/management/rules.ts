import { Type } from '@sinclair/typebox';
import type { Rule } from '../core/action.ts';
import { ApiError } from '../core/errors.ts';
import { ruleFromWire, ruleSettingWire, ruleWire } from '../wire/management/actions.ts';
import {
  ruleAnswer,
  ruleList,
  ruleOrPart,
  ruleSettingAnswer,
  ruleSettingList,
} from '../wire/management/answers/rule.ts';
import type { ManagementDeps } from './deps.ts';
import { anyOf, type Endpoint, endpoint } from './endpoint.ts';
import { fieldParameters, offsetParameters, pageOf, pickFields, querySchema } from './paging.ts';

const listQuery = querySchema({ ...offsetParameters, ...fieldParameters, enabled: Type.Optional(Type.Boolean()) });
/** As Auth0 takes them; a seed file may have other names. */
const name = Type.String({
  maxLength: 255,
  pattern: '^[a-zA-Z0-9]([ \\-a-zA-Z0-9]*[a-zA-Z0-9])?$',
});
const newRule = Type.Object({ ...ruleWire.properties, name }, { additionalProperties: false });
const changes = Type.Object(
  {
    name: Type.Optional(name),
    script: Type.Optional(ruleWire.properties.script),
    order: ruleWire.properties.order,
    enabled: ruleWire.properties.enabled,
  },
  { additionalProperties: false, minProperties: 1 },
);

/** `/rules` and `/rules-configs`: what Auth0 ended, for tenants that move in their own time (contract §5.2). */
export function ruleEndpoints(deps: ManagementDeps): readonly Endpoint[] {
  const { store, vault, random, audit } = deps;
  return [
    endpoint({
      method: 'GET',
      path: '/rules',
      summary: 'List Rules, in the order in which they run',
      scopes: anyOf('read:rules'),
      query: listQuery,
      result: ruleList,
      answers: [200],
      async handle({ query }) {
        const rules = (await store.rules.list()).filter(
          ({ isEnabled }) => query.enabled === undefined || query.enabled === isEnabled,
        );
        const items = rules.map((rule) => pickFields(toWire(rule), query, ['id']));
        return { status: 200, body: pageOf(items, query, { key: 'rules', idOf: ({ id }) => String(id) }) };
      },
    }),
    endpoint({
      method: 'POST',
      path: '/rules',
      summary: 'Create a Rule',
      scopes: anyOf('create:rules'),
      body: newRule,
      result: ruleAnswer,
      answers: [201, 409],
      async handle(call) {
        const rules = await store.rules.list();
        if (rules.some(({ name }) => name === call.body.name)) throw nameTaken();
        const position = Math.max(0, ...rules.map(({ order }) => order)) + 1;
        const rule = ruleFromWire(call.body, { id: random.id('rul_'), position });
        await store.writeAll([store.rules.create(rule), audit(call, 'Create a rule')]);
        return { status: 201, body: toWire(rule) };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/rules/:id',
      summary: 'Get a Rule',
      scopes: anyOf('read:rules'),
      query: querySchema(fieldParameters),
      result: ruleOrPart,
      answers: [200, 404],
      handle: async ({ path, query }) => ({
        status: 200,
        body: pickFields(toWire(await getRule(deps, path.id)), query),
      }),
    }),
    endpoint({
      method: 'PATCH',
      path: '/rules/:id',
      summary: 'Change a Rule',
      scopes: anyOf('update:rules'),
      body: changes,
      result: ruleAnswer,
      answers: [200, 404],
      handle: (call) =>
        store.exclusively(`rule ${call.path.id}`, async () => {
          const known = await getRule(deps, call.path.id);
          const { name, script, order, enabled } = call.body;
          const rule: Rule = {
            ...known,
            name: name ?? known.name,
            source: script ?? known.source,
            order: order ?? known.order,
            isEnabled: enabled ?? known.isEnabled,
          };
          await store.writeAll([store.rules.update(rule), audit(call, 'Update a rule')]);
          return { status: 200, body: toWire(rule) };
        }),
    }),
    endpoint({
      method: 'DELETE',
      path: '/rules/:id',
      summary: 'Delete a Rule',
      scopes: anyOf('delete:rules'),
      answers: [204],
      async handle(call) {
        await store.writeAll([store.rules.delete(String(call.path.id)), audit(call, 'Delete a rule')]);
        return { status: 204 };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/rules-configs',
      summary: 'List the names of what Rules read as configuration',
      scopes: anyOf('read:rules_configs'),
      // go-auth0 asks every list for a page; this one has no pages.
      query: querySchema(offsetParameters),
      result: ruleSettingList,
      answers: [200],
      handle: async () => ({ status: 200, body: (await store.rules.listSettings()).map(({ key }) => ({ key })) }),
    }),
    endpoint({
      method: 'PUT',
      path: '/rules-configs/:key',
      summary: 'Set a value that Rules read as configuration',
      scopes: anyOf('update:rules_configs'),
      body: Type.Object({ value: ruleSettingWire.properties.value }, { additionalProperties: false }),
      result: ruleSettingAnswer,
      answers: [200, 400],
      async handle(call) {
        const key = String(call.path.key);
        if (!/^[A-Za-z0-9_\-@*+:]{1,127}$/.test(key))
          throw new ApiError(400, 'The key has characters that are not allowed', { code: 'invalid_uri' });
        const { value } = call.body;
        await store.writeAll([
          store.rules.putSetting({ key, sealedValue: vault.sealRuleSetting(key, value) }),
          audit(call, 'Set a value of rules’ configuration'),
        ]);
        return { status: 200, body: { key, value } };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/rules-configs/:key',
      summary: 'Delete a value that Rules read as configuration',
      scopes: anyOf('delete:rules_configs'),
      answers: [204],
      async handle(call) {
        await store.writeAll([
          store.rules.deleteSetting(String(call.path.key)),
          audit(call, 'Delete a value of rules’ configuration'),
        ]);
        return { status: 204 };
      },
    }),
  ];
}

async function getRule({ store }: ManagementDeps, id: string | undefined): Promise<Rule> {
  const rule = (await store.rules.list()).find((candidate) => candidate.id === id);
  if (rule !== undefined) return rule;
  throw new ApiError(404, 'The rule does not exist', { code: 'inexistent_rule' });
}

const nameTaken = () => new ApiError(409, 'A rule with the same name already exists', { code: 'rule_conflict' });

const toWire = ({ id, isEnabled, source, name, order }: Rule) => ({
  id,
  enabled: isEnabled,
  script: source,
  name,
  order,
  stage: 'login_success',
});
