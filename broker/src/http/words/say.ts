import { type Html, type HtmlValue, html } from '../page-html.ts';

type Values = Readonly<Record<string, string>>;

/** A sentence of the catalogue as plain text: for titles and attributes, which know no markup. */
export const sayPlain = (sentence: string, values: Values): string =>
  sentence.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);

/** A sentence of the catalogue with names in it, each kept from mixing its writing direction with the sentence's. */
export function say(sentence: string, values: Values): Html {
  const parts: HtmlValue[] = sentence
    .split(/\{(\w+)\}/)
    .map((part, index) => (index % 2 === 0 ? part : html`<bdi>${values[part] ?? part}</bdi>`));
  return html`${parts}`;
}
