import { type Html, html } from './page-html.ts';

/** Data addresses count toward the page's size. */
const longestDataUrl = 4096;
const imageData = /^data:image\/(?:png|jpeg|gif|webp|svg\+xml)[;,]/i;

/** An image we may point a browser at, or undefined. Inside <img> not even an SVG can run a script. */
export function usableImage(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { protocol, href } = new URL(url);
  if (protocol === 'https:' || protocol === 'http:') return href;
  return url.length <= longestDataUrl && imageData.test(url) ? url : undefined;
}

/** Pictures have no meaning of their own here: the name always stands beside them. */
export function renderIcon(name: string, iconUrl: string | undefined): Html {
  return renderTile('tile', name, iconUrl);
}

export function renderLogo(name: string, logoUrl: string | undefined): Html {
  return renderTile('tile large', name, logoUrl);
}

function renderTile(shape: string, name: string, imageUrl: string | undefined): Html {
  const source = usableImage(imageUrl);
  const initial = initialOf(name);
  if (source === undefined) return html`<span class="${shape}" aria-hidden="true">${initial}</span>`;
  // An image that does not load shows its ::after, the initial; where a browser has none, the tile stays empty.
  return html`<span class="${shape}" aria-hidden="true"><img src="${source}" alt="" data-initial="${initial}"></span>`;
}

const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function initialOf(name: string): string {
  const start = name.match(/[\p{L}\p{N}].*/u)?.[0] ?? '';
  const [first] = letters.segment(start);
  return first?.segment.toLocaleUpperCase('en') ?? '·';
}
