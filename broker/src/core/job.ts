import type { ConnectionId } from './ids.ts';
import type { JsonObject } from './json.ts';

/** Work that takes longer than an answer may, and goes on in another process if this one ends. */
export type Job = {
  readonly id: string;
  readonly type: 'users_export' | 'users_import';
  readonly status: 'pending' | 'processing' | 'completed' | 'failed';
  /** undefined: all connections. */
  readonly connectionId: ConnectionId | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** What was asked for, and how far it has come. */
  readonly details: JsonObject;
  /** When it is forgotten, with its files. */
  readonly expiresAt: Date;
};

/** A piece of what goes in or comes out; numbers count from 0. */
export type JobPart = {
  readonly jobId: string;
  readonly kind: 'input' | 'output' | 'errors';
  readonly number: number;
  readonly content: Uint8Array;
};
