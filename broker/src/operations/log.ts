import { pino } from 'pino';
import type { Json, JsonObject } from '../core/json.ts';
import { isJsonObject } from '../core/json.ts';

/*
 * operations/: what operators see. Structured logs, metrics, health.
 */

export type Log = (level: 'debug' | 'info' | 'warn' | 'error', fields: JsonObject, message: string) => void;

/** Names whose values never reach a log, at any depth. Rooms do not log secrets; this is the net below. */
const secretNames: ReadonlySet<string> = new Set([
  'access_token',
  'refresh_token',
  'id_token',
  'client_secret',
  'code',
  'code_verifier',
  'password',
  'authorization',
  'cookie',
  'set-cookie',
  'secret',
]);

/** People's addresses are in the tenant's log; lines on stdout go to places where nobody may be asked to forget them. */
const emailAddress = /[\w.!#$&'*+=?^`{}~-]{1,64}(?:@|%40)(?:[\w-]{1,63}\.){1,8}[a-z][\w-]{0,62}/gi;

/** JSON lines on stdout, as collectors like them. */
export function createLog(level: string, destination?: { write(text: string): void }): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination ?? pino.destination({ sync: true }),
  );
  return (level, fields, message) => {
    if (logger.isLevelEnabled(level)) logger[level](redact(fields), message);
  };
}

/** Copies only what holds something to take out. */
function redact<Value extends Json>(value: Value): Value {
  if (typeof value === 'string') {
    return /@|%40/.test(value) ? (value.replace(emailAddress, '[email]') as Json as Value) : value;
  }
  if (Array.isArray(value)) {
    const items = value.map(redact);
    return items.some((item, index) => item !== value[index]) ? (items as Json as Value) : value;
  }
  if (!isJsonObject(value)) return value;
  let copy: Record<string, Json> | undefined;
  for (const [name, member] of Object.entries(value)) {
    const clean = secretNames.has(name.toLowerCase()) ? '[redacted]' : redact(member);
    if (clean === member) continue;
    copy ??= { ...value };
    copy[name] = clean;
  }
  return (copy ?? value) as Value;
}
