import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSettings } from '../../demo/src/settings.ts';
import { renderReference } from '../../scripts/management-reference.ts';
import { readConfig } from '../src/config.ts';
import { reservedParameters } from '../src/core/connection.ts';
import {
  ConfigError,
  EgressError,
  egressReasons,
  oauthErrorCodes,
  StoreError,
  UpstreamError,
  upstreamSteps,
} from '../src/core/errors.ts';
import { eventTypes } from '../src/core/log-event.ts';
import type { Route } from '../src/http/route.ts';
import { type IssuerDeps, issuerRoutes } from '../src/issuer/routes.ts';
import type { LoginDeps } from '../src/login/deps.ts';
import { loginRoutes } from '../src/login/routes.ts';
import type { ManagementDeps } from '../src/management/deps.ts';
import { endpointsOf } from '../src/management/management.ts';
import { addressOf } from '../src/management/routes.ts';
import { type OperationsDeps, operationsRoutes } from '../src/operations/routes.ts';
import { clientWire } from '../src/wire/management/clients.ts';
import { connectionWire } from '../src/wire/management/connections.ts';
import { resourceServerWire } from '../src/wire/management/resource-servers.ts';
import { tenantWire } from '../src/wire/management/tenant.ts';
import { seedWire } from '../src/wire/seed.ts';
import { type Broker, startBroker } from './support/broker.ts';
import { documents, firstCells, read, root, rows, section } from './support/documents.ts';

/*
 * What is documented exists, and what exists is documented. The documents are read as people see them: tables, links and
 * blocks of code; the program is asked, not searched, wherever it can answer.
 */

const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort();

/** An environment that remembers what it was asked for. */
function recording(values: Record<string, string>) {
  const asked = new Set<string>();
  const environment = new Proxy(values, {
    get(target, name) {
      if (typeof name !== 'string') return undefined;
      asked.add(name);
      return target[name];
    },
  });
  return { environment, asked };
}

describe('configuration', () => {
  const text = read('docs/configuration.md');
  const directory = mkdtempSync(join(tmpdir(), 'portico-docs-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const { environment, asked } = recording({ PORTICO_DATA_DIR: directory });
  const config = readConfig(environment);

  test('the variables of the table are those that the broker reads', () => {
    expect(sorted(firstCells(section(text, '## The broker')))).toEqual(sorted(asked));
  });

  test('the variables of the demo are those that it reads besides', () => {
    const demo = recording({});
    readSettings(demo.environment);
    const own = [...demo.asked, 'PORTICO_CHROMIUM'].filter((name) => !asked.has(name));
    expect(sorted(firstCells(section(text, '## The demo and the tests')))).toEqual(sorted(own));
    expect(read('scripts/run.mjs')).toContain('PORTICO_CHROMIUM');
  });

  test('the defaults of the table are the defaults', () => {
    const defaults = new Map(rows(section(text, '## The broker')).map(([name = '', , value = '']) => [name, value]));
    const actual = {
      HOST: config.host,
      PORT: config.port,
      LOG_LEVEL: config.logLevel,
      SCRIPT_HOSTS: config.scriptHosts,
      SCRIPT_TIMEOUT_MS: config.scriptTimeoutMs,
      SCRIPT_CPU_MS: config.scriptLimits.cpuMs,
      SCRIPT_MEMORY_MB: config.scriptLimits.memoryMb,
      SCRIPT_MAX_OUTPUT_BYTES: config.scriptLimits.maxOutputBytes,
      SCRIPT_MAX_CONSOLE_LINES: config.scriptLimits.maxConsoleLines,
      SCRIPT_MAX_REQUESTS: config.scriptLimits.maxRequests,
      SCRIPT_MAX_RESPONSE_BYTES: config.scriptLimits.maxResponseBytes,
      SCRIPT_MAX_QUEUE: config.scriptLimits.maxQueue,
      UPSTREAM_TIMEOUT_MS: config.upstreamTimeoutMs,
      ATTEMPT_RETENTION_HOURS: config.attemptRetentionHours,
      LOG_RETENTION_DAYS: config.logRetentionDays,
      ISSUER: config.issuerUrl.replace(String(config.port), '<PORTICO_PORT>'),
    };
    for (const [name, value] of Object.entries(actual)) expect(defaults.get(`PORTICO_${name}`)).toBe(String(value));
  });

  test('no document names a variable that is not in the tables', () => {
    const known = new Set(firstCells(text));
    const named = documents.flatMap((path) => read(path).match(/\bPORTICO_[A-Z_]*[A-Z]\b/g) ?? []);
    expect(sorted(named).filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('errors', () => {
  const text = read('docs/errors.md');
  const inside = section(text, '## What the log says');
  const sources = readdirSync(join(root, 'broker/src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => read(join('broker/src', path)));

  test('the codes that applications get are those of core/errors.ts', () => {
    expect(sorted(firstCells(section(text, '## What an application gets')))).toEqual(sorted(oauthErrorCodes));
  });

  test('the codes that operators meet are those of the other classes', () => {
    const codes = [
      new UpstreamError('exchange', '', '').code,
      new EgressError('denied', '').code,
      new StoreError('conflict', '').code,
      new StoreError('unavailable', '').code,
      new ConfigError([]).code,
    ];
    const documented = firstCells(inside.slice(0, inside.indexOf('### Events')));
    expect(sorted(documented)).toEqual(sorted(codes));
  });

  test('the events, steps and outbound reasons are those of the program', () => {
    expect(sorted(firstCells(section(text, '### Events')))).toEqual(sorted(eventTypes));
    const failing = read('broker/src/login/fail.ts').match(/(?<=step(?: =|:)[^;]*')(request|user|broker)(?=')/g) ?? [];
    expect(sorted(firstCells(section(text, '### Steps')))).toEqual(sorted([...upstreamSteps, ...failing]));
    expect(sorted(firstCells(section(text, '### Outbound requests')))).toEqual(sorted(egressReasons));
  });

  test('every reason that an UpstreamError is made with has a row, and every row a reason', () => {
    const made = sources.flatMap((source) => [
      ...[...source.matchAll(/new UpstreamError\(\s*'(\w+)',\s*'(\w+)'/g)].map(
        ([, step, reason]) => `${step} ${reason}`,
      ),
      ...[...source.matchAll(/new UpstreamError\(\s*'(\w+)',[^,]*?`(\w+?_)\$\{/g)].map(
        ([, step, stem]) => `${step} ${stem}`,
      ),
      ...[...source.matchAll(/new UpstreamError\(\s*'(\w+)',\s*\w+ \? '(\w+)'/g)].map(
        ([, step, reason]) => `${step} ${reason}`,
      ),
      ...[...source.matchAll(/\binvalid\('(\w+)'/g)].map(([, reason]) => `id_token ${reason}`),
    ]);
    const bad = [...read('broker/src/core/profile-user-id.ts').matchAll(/'(bad_\w+)'/g)].map(
      ([, reason]) => `profile ${reason}`,
    );
    // jose names the claim that failed; `signature` stands for everything else.
    const jose = ['aud', 'exp', 'nbf', 'signature'].map((claim) => `id_token ${claim}`);
    const expected = [...made, ...bad, ...jose];
    const documented = rows(section(text, '### Reasons')).filter(([step = '']) =>
      upstreamSteps.some((known) => known === step),
    );
    const told = documented.map(([step, reason = '']) => `${step} ${reason.replace('<number>', '')}`);
    expect(sorted(told)).toEqual(sorted(expected));
  });

  test('the ways in which a script fails are those of upstream/, at the steps that scripts stand for', () => {
    const source = read('broker/src/upstream/run-script.ts');
    const kinds = source.match(/(?<=\n {2})\w+(?=: \(title)/g) ?? [];
    const scripts = section(text, '### Scripts');
    const told = rows(scripts);
    expect(sorted(told.filter(([name = '']) => name.startsWith('script_')).map(([name = '']) => name))).toEqual(
      sorted(kinds.map((kind) => `script_${kind}`)),
    );
    const steps = [...source.matchAll(/^ {2}(\w+): \{ step: '(\w+)'/gm)].map(([, name, step]) => `${name} ${step}`);
    const places = told.filter(([, step = '']) => upstreamSteps.some((known) => known === step));
    expect(sorted(places.map(([name = '', step]) => `${name.replace('scripts.', '')} ${step}`))).toEqual(sorted(steps));
  });
});

describe('connections', () => {
  const text = read('docs/connections.md');

  test('the options of the tables are those of core/connection.ts', () => {
    const type = /type ConnectionOptions = [\s\S]*?\n\};/.exec(read('broker/src/core/connection.ts'))?.[0] ?? '';
    const options = [...type.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name]) => name ?? '');
    const named = firstCells(section(text, '## Options')).map((name) => name.split('.', 1)[0] ?? '');
    expect(sorted(named)).toEqual(sorted(options));
  });

  test('the reserved names are those that nothing can override', () => {
    const list = section(text, '### Reserved names').split('\n\n')[1] ?? '';
    expect(sorted(list.match(/\w+/g) ?? [])).toEqual(sorted(reservedParameters));
  });

  test('the keys of a connection and of the seed file are those of their schemas', () => {
    expect(sorted(firstCells(section(text, '## The connection')))).toEqual(
      sorted(Object.keys(connectionWire.properties)),
    );
    const seed = section(read('docs/configuration.md'), '## Seed file');
    const keys = firstCells(seed).filter((name) => name in seedWire.properties);
    expect(sorted(keys)).toEqual(sorted(Object.keys(seedWire.properties)));
    const flags = firstCells(seed).filter((name) => !keys.includes(name));
    expect(sorted(flags)).toEqual(sorted(Object.keys(tenantWire.properties.flags.properties)));
    const described = new Map(rows(seed).map(([key = '', holds = '']) => [key, holds.match(/(?<=`)\w+(?=`)/g) ?? []]));
    expect(sorted(described.get('clients') ?? [])).toEqual(sorted(Object.keys(clientWire.properties)));
    expect(sorted(described.get('tenant') ?? [])).toEqual(sorted(Object.keys(tenantWire.properties)));
    expect(sorted(described.get('resource_servers') ?? [])).toEqual(sorted(Object.keys(resourceServerWire.properties)));
  });
});

describe('endpoints', () => {
  const documented = rows(section(read('docs/endpoints.md'), '# Endpoints'));
  const table = documented.filter(([method]) => method === 'GET' || method === 'POST');
  // Making the routes asks nothing of what they are made with.
  const routes: readonly Route[] = [
    ...loginRoutes({} as LoginDeps),
    ...issuerRoutes({ issuerUrl: 'http://localhost/' } as IssuerDeps),
    ...operationsRoutes({} as OperationsDeps),
  ];
  let broker: Broker;
  beforeAll(async () => {
    broker = await startBroker();
  });
  afterAll(() => broker?.close());

  test('the reference of the Management API has its endpoints, with scopes and purpose', () => {
    const existing = endpointsOf({} as ManagementDeps).map(({ method, scopes, summary, ...address }) =>
      [method, addressOf(address), scopes.map((group) => group.join(' or ')).join(' and '), summary].join(' | '),
    );
    const documented = rows(read('docs/management-api.md')).filter(([method = '']) => /^[A-Z]+$/.test(method));
    expect(documented.map((cells) => cells.join(' | '))).toEqual(existing);
  });

  test('the reference says what the endpoints take: node scripts/reference.ts writes it anew', () => {
    expect(read('docs/management-reference.md')).toBe(renderReference(endpointsOf({} as ManagementDeps)));
  });

  test('the table has the routes of the rooms, and how each answers', () => {
    const existing = routes.map(({ method, path, answers }) => `${method} ${path} ${answers}`);
    expect(table.map((cells) => cells.slice(0, 3).join(' ')).sort()).toEqual(existing.sort());
  });

  test('a running broker knows each address of the table', async () => {
    for (const [method = '', path = ''] of table) {
      const { status } = await fetch(broker.url(path.slice(1)), { method, redirect: 'manual' });
      expect(status, `${method} ${path}`).not.toBe(404);
    }
    expect((await fetch(broker.url('nowhere'))).status).toBe(404);
  });
});

test('every dependency has a sentence, and every sentence a dependency', () => {
  type Package = { dependencies?: Record<string, string>; devDependencies?: Record<string, string> };
  const existing = Object.entries({ workspace: '', broker: 'broker', demo: 'demo', bench: 'bench' }).flatMap(
    ([user, folder]) => {
      const file = JSON.parse(read(join(folder, 'package.json'))) as Package;
      return Object.keys({ ...file.dependencies, ...file.devDependencies }).map((name) => `${user} ${name}`);
    },
  );
  const table = rows(section(read('ARCHITECTURE.md'), '## Dependencies'));
  const told = table.flatMap(([name = '', users = '']) => users.split(', ').map((user) => `${user} ${name}`));
  expect(told.sort()).toEqual(existing.sort());
  for (const [name = '', , why = ''] of table) expect(why, name).toMatch(/^[A-Z].*\.$/);
});

describe.each(documents)('%s', (path) => {
  const text = read(path);

  test('its links lead to files and headings that exist', () => {
    const anchorsOf = (file: string) =>
      [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
        heading
          .toLowerCase()
          .replace(/[^\p{L}\p{N} _-]/gu, '')
          .replaceAll(' ', '-'),
      );
    const links = [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)].map(
      ([, one, other]) => one ?? other ?? '',
    );
    const broken = links.filter((link) => {
      if (/^[a-z]+:/.test(link)) return false;
      const [file = '', anchor] = link.split('#', 2);
      const target = file === '' ? join(root, path) : resolve(root, dirname(path), file);
      if (relative(root, target).startsWith('..') || !existsSync(target)) return true;
      return anchor !== undefined && !anchorsOf(target).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  test('its blocks of JSON are JSON', () => {
    for (const [, block = ''] of text.matchAll(/^ *```json\n([\s\S]*?)^ *```$/gm)) {
      expect(() => JSON.parse(block), block).not.toThrow();
    }
  });

  test('it names no place of the machine it was written on, and no package registry', () => {
    const places = [root, dirname(root), homedir(), tmpdir()].filter((place) => place.length > 1);
    const registries = /\b(?:registry|npm|packages?|artifact\w*|nexus|mirror)\.[a-z0-9-]+(?:\.[a-z]+)+|npmjs/gi;
    expect([...places.filter((place) => text.includes(`${place}/`)), ...(text.match(registries) ?? [])]).toEqual([]);
  });
});
