import { pino } from 'pino';
import type { JsonObject } from '../core/json.ts';

/*
 * operations/: what operators see. Structured logs, metrics, health.
 */

export type Log = (level: 'debug' | 'info' | 'warn' | 'error', fields: JsonObject, message: string) => void;

/** Names whose values never reach a log, at any of the first levels. Rooms do not log secrets; this is the net below. */
const secretNames = [
  'access_token',
  'refresh_token',
  'id_token',
  'client_secret',
  'code',
  'code_verifier',
  'password',
  'authorization',
  'cookie',
  'secret',
];

/** JSON lines on stdout, as collectors like them. */
export function createLog(level: string, destination?: { write(text: string): void }): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        censor: '[redacted]',
      },
    },
    destination ?? pino.destination({ sync: true }),
  );
  return (level, fields, message) => logger[level](fields, message);
}
