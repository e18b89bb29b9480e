import { problemOfListed } from '../core/callback-url.ts';
import { validationError } from './problems.ts';

/** What a browser may be sent to must be an address that browsers may be sent to (DN-04). */
export function checkAddresses(settings: Readonly<Record<string, unknown>>): void {
  const problems = [
    ...problemsOf('callbacks', settings.callbacks),
    ...problemsOf('allowed_logout_urls', withoutFragments(settings.allowed_logout_urls)),
    ...problemsOf('web_origins', settings.web_origins),
    ...problemsOf('allowed_origins', settings.allowed_origins),
  ];
  if (problems.length > 0) throw validationError('Payload', problems);
}

function problemsOf(property: string, urls: unknown): string[] {
  if (!Array.isArray(urls)) return [];
  return urls.flatMap((url: unknown, index) => {
    const problem = typeof url === 'string' ? problemOfListed(url) : 'is not text';
    const place = `${property}[${index}]`;
    return problem === undefined ? [] : [`'${String(url).slice(0, 100)} ${problem}' on property ${place}`];
  });
}

/** Auth0: the fragment of a logout URL does not count, so it may have one. */
const withoutFragments = (urls: unknown): unknown =>
  Array.isArray(urls) ? urls.map((url: unknown) => String(url).split('#', 1)[0]) : urls;
