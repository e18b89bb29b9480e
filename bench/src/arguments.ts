import { parseArgs } from 'node:util';

export const commands = ['login', 'token', 'start', 'script', 'management', 'timing'] as const;
export type Command = (typeof commands)[number];

export type Settings = {
  readonly rounds: number;
  /** Length of one slice. */
  readonly seconds: number;
  readonly isJson: boolean;
  /** better-auth's SQLite waits for the disk as Portico's does; otherwise it may lose what it has acknowledged. */
  readonly isPeerDurable: boolean;
};

export type ParsedArguments =
  | { readonly ok: true; readonly value: Settings & { readonly command: Command } }
  | { readonly ok: false; readonly problem: string };

export const usage = `Usage: npm run bench -- <command> [--rounds N] [--seconds S] [--relaxed-peer] [--json]

  login   whole sign-ins of new users: Portico (mapping, script), better-auth, oidc-provider
  token   client credentials, refresh and userinfo: Portico and oidc-provider
  start   start-up time on an existing database, and idle memory
  script  one profile script with one request: what the sandbox adds to plain Node, runs per second, memory of a host
  management  users of the Management API, read, listed and searched: at a thousand, a hundred thousand and a million
  timing  whether the time of a refusal tells how wrong a secret was: 10,000 guesses of each kind a round

  --rounds N    rounds of slices (login, token: 15; script: 5; management: 20; timing: 10), or starts (start: 5)
  --seconds S   length of one slice (1)
  --relaxed-peer  better-auth on SQLite with synchronous = NORMAL: cheaper, and not durable as Portico is
  --json        one JSON document on stdout

Exit code: 0 every target met, 1 a target missed, 2 wrong usage, 3 the run failed.`;

const defaultRounds: Readonly<Record<Command, number>> = {
  login: 15,
  token: 15,
  start: 5,
  script: 5,
  management: 20,
  timing: 10,
};

export function parseArguments(argv: readonly string[]): ParsedArguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        json: { type: 'boolean' },
        'relaxed-peer': { type: 'boolean' },
      },
    });
    const command = commands.find((known) => known === positionals[0]);
    if (!command || positionals.length !== 1) return { ok: false, problem: 'Name one command.' };
    const rounds = Number(values.rounds ?? defaultRounds[command]);
    if (!Number.isInteger(rounds) || rounds < 1) return { ok: false, problem: '--rounds takes a whole number from 1.' };
    const seconds = Number(values.seconds ?? 1);
    if (!(seconds >= 0.1 && seconds <= 60)) return { ok: false, problem: '--seconds takes 0.1 to 60.' };
    const isPeerDurable = values['relaxed-peer'] !== true;
    return { ok: true, value: { command, rounds, seconds, isJson: values.json ?? false, isPeerDurable } };
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) };
  }
}
