import { expect, test } from 'vitest';
import { frameOf } from '../../test/support/frames.ts';
import { type Colour, contrast, parseColour } from './colour.ts';
import { renderPage } from './page.ts';
import { cspHash } from './page-csp.ts';
import { html } from './page-html.ts';
import { darkColours, lightColours } from './page-style.ts';
import { themeOf } from './page-theme.ts';

const tones = ['00', '40', '80', 'c0', 'ff'];
const wheel = tones.flatMap((red) => tones.flatMap((green) => tones.map((blue) => `#${red}${green}${blue}`)));

const black: Colour = [0, 0, 0];
const colour = (hex: string | undefined): Colour => parseColour(hex) ?? black;

/** The variables of a theme, over those of the scheme that it changes. */
function palettes(colors: Parameters<typeof themeOf>[0]): Record<string, string>[] {
  const [light = '', dark = ''] = [...(themeOf(colors)?.element ?? '').matchAll(/:root\{([^}]*)\}/g)].map(
    ([, text]) => text,
  );
  const read = (text: string) => Object.fromEntries([...text.matchAll(/--(\w+):(#\w{6})/g)].map(([, ...pair]) => pair));
  return [
    { ...lightColours, ...read(light) },
    { ...darkColours, ...read(dark) },
  ];
}

test.each(wheel)('%s as primary colour: links, buttons and rings can be read, light and dark', (primary) => {
  for (const palette of palettes({ primary, pageBackground: undefined })) {
    const { accent, surface, tint, button, rim, press, on } = palette;
    expect(contrast(colour(accent), colour(surface))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour(accent), colour(tint))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour(rim), colour(surface))).toBeGreaterThanOrEqual(3);
    expect(contrast(colour(on), colour(button))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour(on), colour(press))).toBeGreaterThanOrEqual(4.5);
  }
});

test.each(wheel)(
  '%s as page background: what stands outside the card can be read, light and dark',
  (pageBackground) => {
    for (const { ground, around, stone, lit } of palettes({ primary: undefined, pageBackground })) {
      expect(contrast(colour(around), colour(ground))).toBeGreaterThanOrEqual(4.5);
      expect(contrast(colour(stone), colour(ground))).toBeGreaterThanOrEqual(3);
      expect(contrast(colour(lit), colour(ground))).toBeGreaterThanOrEqual(3);
    }
  },
);

test('a colour that stands out by itself is taken as it is', () => {
  const [light] = palettes({ primary: '#097', pageBackground: '#ffe0f0' });
  expect(light).toMatchObject({ button: '#009977', rim: '#009977', ground: '#ffe0f0' });
});

test.each(['red', '#12', '#12345', 'url(https://evil.example)', '#fff;}body{display:none}', '</style><script>'])(
  '%j is no colour and reaches no style',
  (text) => {
    expect(themeOf({ primary: text, pageBackground: text })).toBe(undefined);
  },
);

test('a theme is made once for the same settings, and its hash is in the policy of the page', () => {
  const colors = { primary: '#ff4f40', pageBackground: undefined };
  expect(themeOf(colors)).toBe(themeOf(colors));
  const page = renderPage({ frame: frameOf({ colors }), title: 'A page', main: html`<h1>A page</h1>` });
  const styles = [...page.html.matchAll(/<style>(.*?)<\/style>/gs)].map(([, body = '']) => cspHash(body));
  expect(styles).toHaveLength(2);
  expect(page.headers['content-security-policy']).toContain(`style-src ${styles.join(' ')};`);
});
