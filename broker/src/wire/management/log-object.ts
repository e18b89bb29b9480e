import type { JsonObject } from '../../core/json.ts';
import type { LogEvent } from '../../core/log-event.ts';

/** Names for the ids in a log event; empty where whatever it was is gone. */
export type LogContext = {
  readonly clientName: string;
  readonly connectionName: string;
  readonly hostname: string;
};

/** One line of the log as on the wire (contract: management API §5.3); what is not known is there and empty. */
export function logToWire(event: LogEvent, { clientName, connectionName, hostname }: LogContext): JsonObject {
  const { audience, scope, references, ...details } = event.details;
  return {
    _id: event.id,
    log_id: event.id,
    date: event.at.toISOString(),
    type: event.type,
    description: event.description ?? '',
    client_id: event.clientId ?? '',
    client_name: clientName,
    connection: connectionName,
    connection_id: event.connectionId ?? '',
    strategy: event.connectionId === undefined ? '' : 'oauth2',
    strategy_type: event.connectionId === undefined ? '' : 'social',
    user_id: event.userId ?? '',
    user_name: event.userName ?? '',
    ip: event.ip ?? '',
    hostname,
    user_agent: event.userAgent ?? '',
    isMobile: /Mobi|Android|iPhone|iPad/.test(event.userAgent ?? ''),
    audience: textOf(audience),
    scope: textOf(scope),
    ...(references === undefined ? {} : { references }),
    details: { ...details, trace_id: event.traceId },
  };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
