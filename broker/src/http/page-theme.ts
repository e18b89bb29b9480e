import type { TenantSettings } from '../core/tenant.ts';
import {
  black,
  type Colour,
  contrast,
  luminance,
  mix,
  parseColour,
  readableOn,
  textOn,
  toHex,
  white,
} from './colour.ts';
import { cspHash } from './page-csp.ts';
import { darkColours, lightColours, variables } from './page-style.ts';

/** A style after the constant one, with the hash that allows it. */
export type Theme = { readonly element: string; readonly source: string };

type Colors = TenantSettings['colors'];

const themes = new WeakMap<Colors, { readonly theme: Theme | undefined }>();

/** A tenant's own colours, made once for as long as its settings stay the same; undefined: it has none. */
export function themeOf(colors: Colors): Theme | undefined {
  const known = themes.get(colors);
  if (known !== undefined) return known.theme;
  const theme = createTheme(colors);
  themes.set(colors, { theme });
  return theme;
}

function createTheme({ primary, pageBackground }: Colors): Theme | undefined {
  const accent = parseColour(primary);
  const ground = parseColour(pageBackground);
  if (accent === undefined && ground === undefined) return undefined;
  const light = variables({ ...accentIn(lightColours, accent), ...groundIn(lightColours, ground) });
  const dark = variables({ ...accentIn(darkColours, accent), ...groundIn(darkColours, ground && darkened(ground)) });
  const rules = `:root{${light}}@media (prefers-color-scheme:dark){:root{${dark}}}`;
  return { element: `<style>${rules}</style>`, source: cspHash(rules) };
}

type Palette = typeof lightColours | typeof darkColours;

const colourOf = (hex: string): Colour => parseColour(hex) ?? black;
const isDark = (colour: Colour): boolean => luminance(colour) < 0.18;

/** The button is the tenant's colour, with a rim that stands out where it does not; links and focus rings must be read. */
function accentIn(palette: Palette, accent: Colour | undefined): Record<string, string> {
  if (accent === undefined) return {};
  const [surface, tint] = [colourOf(palette.surface), colourOf(palette.tint)];
  const end = isDark(surface) ? white : black;
  const on = textOn(accent);
  return {
    accent: toHex(readableOn(accent, { grounds: [surface, tint], least: 4.5, end })),
    button: toHex(accent),
    rim: toHex(readableOn(accent, { grounds: [surface], least: 3, end })),
    on: toHex(on),
    // Away from the text, so that it reads better under the pointer and never worse.
    press: toHex(mix(on === white ? black : white, accent, 0.12)),
  };
}

/** What stands on the page itself is as soft as it may be there. */
function groundIn(palette: Palette, ground: Colour | undefined): Record<string, string> {
  if (ground === undefined) return {};
  const end = textOn(ground);
  const soft = contrast(colourOf(lightColours.soft), ground) > contrast(colourOf(darkColours.soft), ground);
  const around = colourOf((soft ? lightColours : darkColours).soft);
  const mark = colourOf(palette.accent);
  return {
    ground: toHex(ground),
    around: toHex(readableOn(around, { grounds: [ground], least: 4.5, end })),
    stone: toHex(readableOn(mark, { grounds: [ground], least: 3, end })),
    lit: toHex(readableOn(colourOf(palette.lit), { grounds: [ground], least: 3, end })),
  };
}

const night = luminance(colourOf(darkColours.ground));

/** In the dark a bright page would blind: its hue stays, its light goes. */
function darkened(ground: Colour): Colour {
  if (isDark(ground)) return ground;
  let share = 1;
  while (luminance(mix(ground, black, share)) > night) share *= 0.9;
  return mix(ground, black, share).map(Math.round) as unknown as Colour;
}
