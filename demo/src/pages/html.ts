/** Markup that may go to the browser as it is; everything else is escaped on the way in. */
export type Html = { readonly markup: string };

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeText = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '');

type Part = Html | string | number | readonly Html[];

function render(part: Part): string {
  if (typeof part === 'string' || typeof part === 'number') return escapeText(String(part));
  return 'markup' in part ? part.markup : part.map((each) => each.markup).join('');
}

export const html = (texts: TemplateStringsArray, ...parts: Part[]): Html => ({
  markup: texts.map((text, index) => (index === 0 ? text : render(parts[index - 1] ?? '') + text)).join(''),
});
