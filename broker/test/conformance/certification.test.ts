import { describe, test } from 'vitest';
import { useWorld } from '../support/databases.ts';
import { type Flow, has } from './relying-party.ts';
import { requestModules } from './request-modules.ts';
import { sessionModules } from './session-modules.ts';
import { tokenModules } from './token-modules.ts';

/*
 * The certification plans of the OpenID Foundation, module by module and by their names: each runs for every response
 * type of its plan. docs/compatibility.md says what comes of each.
 */

const modules = { ...tokenModules, ...requestModules, ...sessionModules };
type Name = keyof typeof modules;

const families = [
  { family: 'basic', responseTypes: ['code'] },
  { family: 'implicit', responseTypes: ['id_token', 'id_token token'] },
  { family: 'hybrid', responseTypes: ['code id_token', 'code token', 'code id_token token'] },
];

const flows: readonly Flow[] = families.flatMap(({ family, responseTypes }) =>
  responseTypes.flatMap((responseType): Flow[] => [
    { plan: `oidcc-${family}-certification-test-plan`, responseType, mode: 'default' },
    { plan: `oidcc-formpost-${family}-certification-test-plan`, responseType, mode: 'form_post' },
  ]),
);

const needsCode: ReadonlySet<Name> = new Set([
  'oidcc-codereuse',
  'oidcc-codereuse-30seconds',
  'oidcc-server-client-secret-post',
  'oidcc-refresh-token',
  'oidcc-ensure-request-with-valid-pkce-succeeds',
]);
const needsAccessToken: ReadonlySet<Name> = new Set([
  'oidcc-userinfo-get',
  'oidcc-userinfo-post-header',
  'oidcc-userinfo-post-body',
]);

/** As the suite has it: a module is left out where the response type does not have what it is about. */
function isAbout(flow: Flow, name: Name): boolean {
  if (name === 'oidcc-ensure-request-without-nonce-succeeds-for-code-flow') return flow.responseType === 'code';
  if (name === 'oidcc-ensure-request-without-nonce-fails') return has(flow, 'id_token');
  if (name === 'oidcc-idtoken-unsigned') return flow.responseType === 'code' && flow.mode === 'default';
  if (needsCode.has(name)) return has(flow, 'code');
  return !needsAccessToken.has(name) || has(flow, 'code') || has(flow, 'token');
}

const names = Object.keys(modules) as Name[];

const getWorld = useWorld();

describe.each(flows)('$plan, response_type $responseType', (flow) => {
  for (const name of names.filter((each) => isAbout(flow, each))) {
    test(name, () => modules[name]({ world: getWorld(), flow }));
  }
});
