import type { StoredAttempt } from '../core/attempt.ts';
import type { LogEvent } from '../core/log-event.ts';
import type { ConfigurationRepositories } from './configuration-repositories.ts';
import type { PeopleRepositories } from './people-repositories.ts';
import type { LogSearch } from './search/find-logs.ts';
import type { SignInRepositories } from './sign-in-repositories.ts';
import type { Write } from './write.ts';

export type { Consumption, LoginRecord, MetadataChange, WaitingCodes } from './records.ts';
export type { Command, Statement, Write } from './write.ts';

/*
 * store/: repositories over SQLite and PostgreSQL, and their migrations.
 *
 * It keeps what it is given: secrets reach it sealed, handles hashed. It decides nothing: rules live in the rooms above.
 * Reads answer at once. Writes are values: a repository builds a Write, `write` and `writeAll` send it. That is what lets
 * SQLite commit all writes of one turn of the event loop together, and PostgreSQL receive a transaction in one go.
 */

export type DayCount = { readonly date: Date; readonly logins: number; readonly signups: number };

/** `day`: since 1970. `sequence`: how far the log has been read. */
export type CountedLogins = {
  readonly sequence: number;
  readonly days: readonly { readonly day: number; readonly logins: number }[];
};

type Results<Writes extends readonly Write<unknown>[]> = {
  -readonly [Index in keyof Writes]: Writes[Index] extends Write<infer Result> ? Result : never;
};

export type Store = ConfigurationRepositories &
  PeopleRepositories &
  SignInRepositories & {
    readonly dialect: 'sqlite' | 'postgres';

    /** One write in a transaction of its own (on SQLite: of its turn). Resolves when it is durable. */
    write<Result>(write: Write<Result>): Promise<Result>;
    /** All or nothing, in order. Resolves when durable; a conflict rejects with StoreError('conflict') and writes nothing. */
    writeAll<const Writes extends readonly Write<unknown>[]>(writes: Writes): Promise<Results<Writes>>;

    /**
     * As writeAll, for what the same request goes on to acknowledge with a later write: visible at once, and durable with
     * that one at the latest. On PostgreSQL it is durable at once.
     */
    stage<const Writes extends readonly Write<unknown>[]>(writes: Writes): Promise<Results<Writes>>;

    /** Runs `work` while no other broker on this database runs work of the same name (advisory lock; SQLite: a table lock row). */
    exclusively<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
    /** Resolves if the database answers; rejects with StoreError('unavailable'). */
    ping(): Promise<void>;
    /** Removes rows whose time has passed, and log events from before `logsBefore`, at most `limit` per table. Returns how many went. */
    purgeExpired(now: Date, limit: number, logsBefore?: Date): Promise<number>;
    /** Calls back after another broker changed configuration (PostgreSQL: LISTEN/NOTIFY). Own changes too. */
    onConfigurationChanged(listener: () => void): void;
    close(): Promise<void>;

    /* What was done. */
    readonly logs: {
      create(event: LogEvent): Write<void>;
      /**
       * Goes out together with others within a moment; this store's reads of the log see it. For what is too frequent for a
       * write of its own: an end of the process that nobody announced takes the last moment with it.
       */
      queue(event: LogEvent): void;
      find(id: string): Promise<LogEvent | undefined>;
      /** What happened under a trace id, but for tokens that were issued. */
      listByTrace(traceId: string): Promise<readonly LogEvent[]>;
      /** Newest first. */
      list(limit: number): Promise<readonly LogEvent[]>;
      /** A page of those that match, by age. undefined: it took longer than it may. Throws ApiError 400 for what cannot be searched for. */
      search(search: LogSearch): Promise<readonly LogEvent[] | undefined>;
      /** The next ones in order of arrival; after one that is gone, or undefined: from the oldest on. */
      listAfter(id: string | undefined, limit: number): Promise<readonly LogEvent[]>;
    };
    /** Sign-ins by day, counted from the log and kept when its rows go. */
    readonly dailyLogins: {
      /** What has not been counted, of rows from before `settledBefore`; undefined: nothing. One at a time: see `exclusively`. */
      read(settledBefore: Date): Promise<CountedLogins | undefined>;
      add(counted: CountedLogins): Write<void>;
      /** With users that were new on each day; days without either are left out. Both ends included, in UTC. */
      list(from: Date, to: Date): Promise<readonly DayCount[]>;
    };
    readonly attempts: {
      /** One row per trace id: an attempt that goes on after a redirect takes the place of its first half. */
      put(attempt: StoredAttempt): Write<void>;
      find(traceId: string): Promise<StoredAttempt | undefined>;
      /** Newest first. */
      list(limit: number): Promise<readonly StoredAttempt[]>;
      listFailed(limit: number): Promise<readonly StoredAttempt[]>;
    };
  };
