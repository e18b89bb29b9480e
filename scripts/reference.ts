import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ManagementDeps } from '../broker/src/management/deps.ts';
import { endpointsOf } from '../broker/src/management/management.ts';
import { addressOf } from '../broker/src/management/routes.ts';
import { renderReference } from './management-reference.ts';

/*
 * Writes the table of docs/management-api.md, and docs/management-reference.md, from the endpoints:
 * `node scripts/reference.ts`. A test compares them.
 */
const docs = join(import.meta.dirname, '../docs');
const path = join(docs, 'management-api.md');
const text = readFileSync(path, 'utf8');
const start = text.indexOf('## Endpoints\n');
const end = text.indexOf('\n## ', start + 1);
// Making the endpoints asks nothing of what they are made with.
const endpoints = endpointsOf({} as ManagementDeps);
const rows = endpoints.map(({ method, scopes, summary, ...address }) => {
  const rule = scopes.map((group) => group.join(' or ')).join(' and ');
  return `| ${method} | \`${addressOf(address)}\` | ${rule} | ${summary} |`;
});
const table = ['| method | path | scopes | what it does |', '| --- | --- | --- | --- |', ...rows].join('\n');
writeFileSync(path, `${text.slice(0, start)}## Endpoints\n\n${table}\n${text.slice(end)}`);
writeFileSync(join(docs, 'management-reference.md'), renderReference(endpoints));
