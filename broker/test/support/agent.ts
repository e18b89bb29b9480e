import { request } from 'undici';

/*
 * A browser without pages: keeps cookies by host, follows redirects one at a time, tells where it is. For flows; what
 * only a real browser can show is in e2e/.
 */

export type Answer = {
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** The Location header, made absolute. */
  readonly location: string | undefined;
};

export type Agent = {
  get(url: string): Promise<Answer>;
  post(url: string, form: Record<string, string>): Promise<Answer>;
  /** Follows redirects until the location begins with `until`, or there is none. The last answer. */
  follow(url: string, until: string): Promise<Answer>;
  readonly cookies: Map<string, string>;
};

/** Cookies are kept by name, whatever the port: as on localhost in a browser. `own`: headers of every request. */
export function createAgent(cookies = new Map<string, string>(), own: Readonly<Record<string, string>> = {}): Agent {
  async function send(url: string, method: 'GET' | 'POST', form?: Record<string, string>): Promise<Answer> {
    const response = await request(url, {
      method,
      headers: {
        ...own,
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      body: form === undefined ? null : new URLSearchParams(form).toString(),
    });
    for (const line of [response.headers['set-cookie'] ?? []].flat()) keep(line);
    const { location } = response.headers;
    return {
      url,
      status: response.statusCode,
      headers: response.headers,
      body: await response.body.text(),
      location: typeof location === 'string' ? new URL(location, url).href : undefined,
    };
  }

  function keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';');
    const at = pair.indexOf('=');
    const isGone = attributes.some((attribute) => /^\s*max-age=0$/i.test(attribute));
    if (isGone) cookies.delete(pair.slice(0, at));
    else cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }

  return {
    cookies,
    get: (url) => send(url, 'GET'),
    post: (url, form) => send(url, 'POST', form),
    async follow(url, until) {
      let answer = await send(url, 'GET');
      for (let hops = 0; answer.location !== undefined && !answer.location.startsWith(until); hops += 1) {
        if (hops > 20) throw new Error(`too many redirects, last to ${answer.location}`);
        answer = await send(answer.location, 'GET');
      }
      return answer;
    },
  };
}
