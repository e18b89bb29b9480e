import { Pool } from 'undici';

export type Answer = { readonly status: number; readonly headers: AnswerHeaders; readonly body: string };
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

export type HttpClient = {
  request(method: 'GET' | 'POST', url: string, headers: Record<string, string>, body?: string): Promise<Answer>;
  close(): Promise<void>;
};

/** Kept-alive connections, `connections` to each origin; as cheap as a client can be, since it shares the machine. */
export function createHttpClient(connections: number): HttpClient {
  const pools = new Map<string, Pool>();
  const poolOf = (origin: string): Pool => {
    const known = pools.get(origin);
    if (known) return known;
    const pool = new Pool(origin, { connections, pipelining: 1 });
    pools.set(origin, pool);
    return pool;
  };
  return {
    async request(method, url, headers, body) {
      const pathStart = url.indexOf('/', url.indexOf('://') + 3);
      const origin = url.slice(0, pathStart);
      const answer = await poolOf(origin).request({ method, path: url.slice(pathStart), headers, body: body ?? null });
      return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}

const asList = (value: string | string[] | undefined): readonly string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

export const setCookies = (answer: Answer): readonly string[] => asList(answer.headers['set-cookie']);

export const locationOf = (answer: Answer): string | undefined => asList(answer.headers.location)[0];

/** For messages of a failed run: what came, cut short. */
export const describe = (answer: Answer): string => {
  const location = locationOf(answer);
  const target = location === undefined ? '' : ` to ${location}`;
  return `${answer.status}${target} ${answer.body.slice(0, 400)}`;
};
