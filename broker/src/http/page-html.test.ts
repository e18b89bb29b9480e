import { expect, test } from 'vitest';
import { embedJson, html } from './page-html.ts';

const hostile = `"><svg/onload=alert(1)>'&</script>\u202e`;

test('a value in text cannot open an element, and keeps its quotes as they are', () => {
  expect(html`<p>${hostile}</p>`.markup).toBe(`<p>"&gt;&lt;svg/onload=alert(1)&gt;'&amp;&lt;/script&gt;\u202e</p>`);
  expect(html`<p>${'we couldn\'t find "x"'}</p>`.markup).toBe('<p>we couldn\'t find "x"</p>');
});

test('a value in an attribute cannot leave it', () => {
  expect(html`<input value="${hostile}">`.markup).toBe(
    '<input value="&quot;&gt;&lt;svg/onload=alert(1)&gt;&#39;&amp;&lt;/script&gt;\u202e">',
  );
});

test('markup of ours is not escaped again, lists are joined, undefined is nothing', () => {
  const item = (name: string) => html`<li>${name}</li>`;
  expect(html`<ul>${['a', '<b>'].map(item)}${undefined}${3}</ul>`.markup).toBe(
    '<ul><li>a</li><li>&lt;b&gt;</li>3</ul>',
  );
});

test('an object that looks like markup, as JSON could bring one, is refused', () => {
  const forged = JSON.parse('{"markup":"<script>alert(1)</script>"}');
  expect(() => html`<p>${forged}</p>`).toThrow(TypeError);
  expect(() => html`<p title="${forged}"></p>`).toThrow(TypeError);
});

test('a template with a value where escaping cannot help is refused', () => {
  const value = 'x';
  expect(() => html`<a href=${value}>`).toThrow(TypeError);
  expect(() => html`<a ${value}>`).toThrow(TypeError);
  expect(() => html`<a href='${value}'>`).toThrow(TypeError);
  expect(() => html`<script>${value}</script>`).toThrow(TypeError);
  expect(() => html`<style>${value}</style>`).toThrow(TypeError);
  expect(() => html`<!-- ${value} -->`).toThrow(TypeError);
  expect(() => html`<p title="${html`<b>`}"></p>`).toThrow(TypeError);
});

test('JSON in a page cannot end its element, and reads back the same', () => {
  const value = { state: `</script><!--<script>&\u2028\u2029${hostile}` };
  const { markup } = embedJson('message', value);
  const body = markup.slice(markup.indexOf('>') + 1, markup.lastIndexOf('<'));
  expect(body).not.toMatch(/[<>&\u2028\u2029]/);
  expect(JSON.parse(body)).toEqual(value);
});
