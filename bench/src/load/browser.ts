import { type Answer, describe, type HttpClient, locationOf, setCookies } from './http-client.ts';

type Cookie = { readonly value: string; readonly path: string };

/** One person's browser: an empty cookie jar that fills as it goes. All contestants live on loopback, each has its own. */
export type Browser = {
  get(url: string): Promise<Answer>;
  post(url: string, headers: Record<string, string>, body: string): Promise<Answer>;
  /** Follows redirects until one leads to a URL that starts with `end`, which is answered and not fetched. */
  followTo(start: string, end: string): Promise<string>;
  cookieNames(): readonly string[];
};

const maxHops = 10;

export function createBrowser(http: HttpClient): Browser {
  const jars = new Map<string, Map<string, Cookie>>();

  async function send(method: 'GET' | 'POST', url: string, headers: Record<string, string>, body?: string) {
    const pathStart = url.indexOf('/', url.indexOf('://') + 3);
    const origin = url.slice(0, pathStart);
    const cookie = cookieHeader(jars.get(origin), url.slice(pathStart));
    const answer = await http.request(method, url, cookie === '' ? headers : { ...headers, cookie }, body);
    for (const line of setCookies(answer)) {
      const jar = jars.get(origin) ?? new Map<string, Cookie>();
      jars.set(origin, jar);
      keep(jar, line);
    }
    return answer;
  }

  return {
    get: (url) => send('GET', url, browserHeaders),
    post: (url, headers, body) => send('POST', url, { ...browserHeaders, ...headers }, body),
    async followTo(start, end) {
      let url = start;
      for (let hop = 0; hop < maxHops; hop += 1) {
        const answer = await send('GET', url, browserHeaders);
        const location = locationOf(answer);
        if (answer.status < 300 || answer.status > 399 || location === undefined) {
          throw new Error(`GET ${url} should redirect, answered ${describe(answer)}`);
        }
        if (location.startsWith(end)) return location;
        url = location.startsWith('http') ? location : new URL(location, url).href;
      }
      throw new Error(`more than ${maxHops} redirects from ${start}, at ${url}`);
    },
    cookieNames: () => [...jars.values()].flatMap((jar) => [...jar.keys()]),
  };
}

const browserHeaders = {
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'accept-language': 'en',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
};

/** RFC 6265 §5.4, as far as these servers need it: name, value and path. */
function cookieHeader(jar: Map<string, Cookie> | undefined, path: string): string {
  if (!jar) return '';
  let header = '';
  for (const [name, cookie] of jar) {
    if (path.startsWith(cookie.path)) header += `${header === '' ? '' : '; '}${name}=${cookie.value}`;
  }
  return header;
}

function keep(jar: Map<string, Cookie>, line: string): void {
  const [pair = '', ...attributes] = line.split(';');
  const equals = pair.indexOf('=');
  const name = pair.slice(0, equals).trim();
  const value = pair.slice(equals + 1).trim();
  let path = '/';
  let isExpired = value === '';
  for (const attribute of attributes) {
    const [key = '', text = ''] = attribute.trim().split('=', 2);
    if (/^path$/i.test(key) && text !== '') path = text;
    if (/^max-age$/i.test(key) && Number(text) <= 0) isExpired = true;
    if (/^expires$/i.test(key) && text.includes('1970')) isExpired = true;
  }
  if (isExpired) jar.delete(name);
  else jar.set(name, { value, path });
}
