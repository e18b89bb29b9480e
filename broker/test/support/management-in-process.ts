import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { systemClock, toEpochSeconds } from '../../src/core/clock.ts';
import type { TraceId } from '../../src/core/ids.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { systemRandom } from '../../src/core/random.ts';
import { noParameters, parametersFromJson } from '../../src/http/parameters.ts';
import { createRespondError } from '../../src/http/respond-error.ts';
import type { HttpReply, HttpRequest, Route } from '../../src/http/route.ts';
import { signJwt } from '../../src/issuer/jwt.ts';
import { createKeys } from '../../src/issuer/keys.ts';
import { createAudit } from '../../src/management/audit.ts';
import type { ManagementDeps } from '../../src/management/deps.ts';
import { createIsBundled } from '../../src/sandbox/bundled-names.ts';
import { setUpTenant } from '../../src/setup/setup.ts';
import { openStore } from '../../src/store/open-store.ts';
import { createDirectory } from '../../src/tenant/directory.ts';
import { parseKeyring } from '../../src/vault/keyring.ts';
import { createVault } from '../../src/vault/vault.ts';
import type { SeedWire } from '../../src/wire/seed.ts';
import { servedAnswers } from './check-answer.ts';
import { makeScratchDirectory } from './scratch.ts';

/*
 * The Management API without sockets: real routes, store, vault and keys, for what asks very often or lets a part fail.
 */

export const issuerUrl = 'https://login.example.com/';

export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly search?: string;
  readonly json?: unknown;
  readonly token?: string | undefined;
};

export type ManagementInProcess = {
  readonly deps: ManagementDeps;
  /** What failed on our side, as the log has it. */
  readonly failures: readonly JsonObject[];
  createToken(scopes: readonly string[]): Promise<string>;
  ask(routes: readonly Route[], asked: Asked): Promise<HttpReply>;
  close(): Promise<void>;
};

export async function openManagement(seed: SeedWire): Promise<ManagementInProcess> {
  const directoryPath = makeScratchDirectory('management');
  const store = await openStore({ url: `sqlite:${join(directoryPath, 'portico.db')}` });
  const parsed = parseKeyring(`t1:${randomBytes(32).toString('base64')}`);
  if (!('keyring' in parsed)) throw new Error('a fresh key is a keyring');
  const vault = createVault({ keyring: parsed.keyring });
  const [clock, random, isBundledModule] = [systemClock, systemRandom, createIsBundled()];
  await setUpTenant({ store, vault, clock, random, issuerUrl, seed, isBundledModule });
  const directory = createDirectory({ store, vault });
  const keys = createKeys({ store, directory, vault });
  const failures: JsonObject[] = [];
  const log = (level: string, fields: JsonObject) => {
    if (level === 'error') failures.push(fields);
  };
  const audit = createAudit({ store, clock, random, log });
  const respondError = createRespondError({
    log,
    renderPage: () => Promise.reject(new Error('there are no pages here')),
  });
  const answer = async (route: Route, request: HttpRequest) => {
    try {
      return await route.handle(request);
    } catch (error) {
      return respondError(error, route, request);
    }
  };
  return {
    deps: {
      store,
      directory,
      vault,
      keys,
      clock,
      random,
      issuerUrl,
      audit,
      isBundledModule,
      ...afterwards,
    },
    failures,
    async createToken(scopes) {
      const { signing } = await keys.read();
      const now = toEpochSeconds(clock.now());
      const claims = { iss: issuerUrl, sub: 'admin@clients', aud: `${issuerUrl}api/v2/`, azp: 'admin', iat: now };
      return signJwt(signing, { ...claims, exp: now + 3600, scope: scopes.join(' ') });
    },
    async ask(routes, asked) {
      const { route, pathParameters } = findRoute(routes, asked);
      const request = toRequest(asked, pathParameters);
      const reply = await answer(route, request);
      const { isServed, problemOf } = servedAnswers();
      const answered = { ...asked, search: request.search, status: reply.status, body: reply.body };
      if (isServed(asked)) expect(problemOf(answered)).toBeUndefined();
      return reply;
    },
    async close() {
      await store.close();
      rmSync(directoryPath, { recursive: true, force: true });
    },
  };
}

/** What begins once an answer is out; nothing does here. */
const afterwards = { tellApplications: () => undefined, startJobs: () => undefined };

/** As the router of the server: fixed names first, then named parts, then everything else. */
function findRoute(routes: readonly Route[], { method, path }: Asked) {
  const parts = path.split('/');
  const matches = routes.flatMap((route) => {
    const pattern = route.path.split('/');
    const isRest = pattern.at(-1) === '*';
    const names = isRest ? pattern.slice(0, -1) : pattern;
    const isFitting =
      route.method === method &&
      (isRest ? parts.length >= names.length : parts.length === names.length) &&
      names.every((name, index) => name.startsWith(':') || name === parts[index]);
    return isFitting
      ? [{ route, names, rank: isRest ? 1000 : names.filter((name) => name.startsWith(':')).length }]
      : [];
  });
  const [best] = matches.sort((left, right) => left.rank - right.rank);
  if (best === undefined) throw new Error(`no route for ${method} ${path}`);
  const named = best.names.flatMap((name, index) =>
    name.startsWith(':') ? [[name.slice(1), decodeURIComponent(parts[index] ?? '')]] : [],
  );
  return { route: best.route, pathParameters: Object.fromEntries(named) as Record<string, string> };
}

const toRequest = (
  { method, path, search = '', json, token }: Asked,
  pathParameters: Record<string, string>,
): HttpRequest => ({
  method,
  path,
  search,
  query: noParameters,
  body: json === undefined ? noParameters : parametersFromJson(json),
  json,
  headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  pathParameters,
  ip: '127.0.0.1',
  traceId: 'tr_test' as TraceId,
});
