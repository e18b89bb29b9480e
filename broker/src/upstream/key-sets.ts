import { createLocalJWKSet, errors, type JSONWebKeySet, type JWK, type JWTVerifyGetKey } from 'jose';
import { UpstreamError } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { Trace } from '../core/trace.ts';
import { type CallDeps, callUpstream } from './call-upstream.ts';
import { parseObject } from './parse-json.ts';

/** Documents of an upstream that change rarely: discovery and keys. */
export type KeySets = {
  discover(url: string, trace: Trace): Promise<JsonObject>;
  /** Keys of this URL; an unknown key id fetches them anew, once per cool-down. */
  keysOf(jwksUri: string, trace: Trace): JWTVerifyGetKey;
};

const maxAgeMs = 10 * 60_000;
const coolDownMs = 30_000;
const maxKeys = 100;
const maxEntries = 1_000;
const maxBytes = 256 * 1024;

type Entry<Value> = { readonly value: Promise<Value>; readonly fetchedAt: number };

export function createKeySets(callDeps: CallDeps): KeySets {
  const deps = { ...callDeps, limits: { ...callDeps.limits, maxBytes } };
  const documents = new Map<string, Entry<JsonObject>>();
  const keySets = new Map<string, Entry<JWTVerifyGetKey>>();
  const now = (): number => deps.clock.now().getTime();

  /** Callers who come at the same time share one request; a failure is not kept. */
  function cached<Value>(
    cache: Map<string, Entry<Value>>,
    url: string,
    fresh: { maxAgeMs: number; load: () => Promise<Value> },
  ) {
    const present = cache.get(url);
    if (present && now() - present.fetchedAt < fresh.maxAgeMs) return present.value;
    const entry = { value: fresh.load(), fetchedAt: now() };
    if (cache.size >= maxEntries) cache.clear();
    cache.set(url, entry);
    entry.value.catch(() => {
      if (cache.get(url) === entry) cache.delete(url);
    });
    return entry.value;
  }

  async function loadDocument(url: string, endpoint: string, trace: Trace): Promise<JsonObject> {
    const call = { url, method: 'GET', headers: { accept: 'application/json' } } as const;
    const response = await callUpstream(
      deps,
      { ...call, step: 'id_token', endpoint, traceStep: 'upstream.keys' },
      trace,
    );
    const document = response.status === 200 ? parseObject(response.body.toString('utf8')) : undefined;
    if (document) return document;
    throw new UpstreamError('id_token', 'bad_keys', `The upstream's ${endpoint} did not answer with a JSON object`, {
      detail: `${endpoint}: status ${response.status}`,
    });
  }

  return {
    discover: (url, trace) =>
      cached(documents, url, { maxAgeMs, load: () => loadDocument(url, 'discovery document', trace) }),
    keysOf(url, trace) {
      const load = async () => createLocalJWKSet(toKeySet(await loadDocument(url, 'key set', trace)));
      return async (header, token) => {
        const keys = await cached(keySets, url, { maxAgeMs, load });
        try {
          return await pickKey(keys, header, token);
        } catch (error) {
          if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
          // The upstream may have rotated its keys a moment ago.
          return pickKey(await cached(keySets, url, { maxAgeMs: coolDownMs, load }), header, token);
        }
      };
    },
  };
}

/** A malformed key makes the crypto layer throw errors of its own; they are the upstream's fault like any other bad key. */
async function pickKey(
  keys: JWTVerifyGetKey,
  ...asked: Parameters<JWTVerifyGetKey>
): Promise<Awaited<ReturnType<JWTVerifyGetKey>>> {
  try {
    return await keys(...asked);
  } catch (cause) {
    if (cause instanceof errors.JOSEError) throw cause;
    throw new errors.JWKInvalid('the key cannot be read', { cause });
  }
}

/** Public signature keys only. A private or a symmetric key in a public document proves nothing about who signed. */
function toKeySet(document: JsonObject): JSONWebKeySet {
  const keys = Array.isArray(document.keys) ? (document.keys as readonly unknown[]) : [];
  return { keys: keys.slice(0, maxKeys).filter(isUsable) };
}

function isUsable(key: unknown): key is JWK {
  if (!isJsonObject(key) || 'd' in key || 'k' in key) return false;
  if (key.kty === 'RSA')
    return key.e === 'AQAB' && typeof key.n === 'string' && Buffer.from(key.n, 'base64url').length >= 256;
  return key.kty === 'EC' || key.kty === 'OKP';
}
