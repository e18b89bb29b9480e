/** Markup that is safe to send: only the `html` tag and `embedJson` make it, so a string can never pass for it. */
class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

export type { Html };

export type HtmlValue = Html | string | number | undefined | readonly HtmlValue[];

type Place = 'text' | 'attribute' | 'tag';

const placesOf = new WeakMap<TemplateStringsArray, readonly Place[]>();
const special = /[&<>"']/;

const escapeText = (text: string): string =>
  special.test(text) ? text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;') : text;

const escapeAttribute = (text: string): string =>
  special.test(text) ? escapeText(text).replaceAll('"', '&quot;').replaceAll("'", '&#39;') : text;

/**
 * Escapes every value. A value may stand in text or inside a double-quoted attribute; anywhere else (a tag, an
 * unquoted attribute, a script) no escaping would be enough, so the template is refused when it is first used.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const places = placesOf.get(strings) ?? rememberPlaces(strings);
  let markup = strings[0] ?? '';
  for (const [index, value] of values.entries()) {
    markup += (places[index] === 'text' ? inText(value) : inAttribute(value)) + (strings[index + 1] ?? '');
  }
  return new Html(markup);
}

function inText(value: HtmlValue): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.markup;
  if (typeof value === 'string') return escapeText(value);
  if (typeof value === 'number') return String(value);
  return value.map(inText).join('');
}

function inAttribute(value: HtmlValue): string {
  if (typeof value === 'string') return escapeAttribute(value);
  if (typeof value === 'number') return String(value);
  throw new TypeError('an attribute takes a string or a number');
}

function rememberPlaces(strings: TemplateStringsArray): readonly Place[] {
  if (/<(?:script|style|!--)/i.test(strings.join('')))
    throw new TypeError('a template has no script, style or comment');
  const places: Place[] = [];
  let place: Place = 'text';
  for (const part of strings.slice(0, -1)) {
    place = placeAfter(part, place);
    if (place === 'tag') throw new TypeError(`a value needs text or a double-quoted attribute around it: ${part}`);
    places.push(place);
  }
  placesOf.set(strings, places);
  return places;
}

function placeAfter(part: string, start: Place): Place {
  let place = start;
  for (const char of part) {
    if (place === 'text' && char === '<') place = 'tag';
    else if (place === 'tag' && char === '>') place = 'text';
    else if (place === 'tag' && char === '"') place = 'attribute';
    else if (place === 'attribute' && char === '"') place = 'tag';
  }
  return place;
}

const inScript: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** Data for a page's script. The element is never executed, and nothing in the value can end it. */
export function embedJson(id: string, value: unknown): Html {
  const json = JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (char) => inScript[char] ?? '');
  return new Html(`<script type="application/json" id="${escapeAttribute(id)}">${json}</script>`);
}
