/** Red, green and blue from 0 to 255. */
export type Colour = readonly [number, number, number];

export const black: Colour = [0, 0, 0];
export const white: Colour = [255, 255, 255];

const pattern = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;

/** `#rgb` or `#rrggbb`; anything else is undefined, so that no other text of a tenant ever reaches a style. */
export function parseColour(text: string | undefined): Colour | undefined {
  if (text === undefined || !pattern.test(text)) return undefined;
  const digits = text.length === 4 ? [...text.slice(1)].map((digit) => digit + digit).join('') : text.slice(1);
  const value = Number.parseInt(digits, 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

export const toHex = (colour: Colour): string =>
  `#${colour.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;

/** `share` of the first colour, the rest of the second. */
export const mix = (first: Colour, second: Colour, share: number): Colour => [
  first[0] * share + second[0] * (1 - share),
  first[1] * share + second[1] * (1 - share),
  first[2] * share + second[2] * (1 - share),
];

/** WCAG 2.2: relative luminance. */
export function luminance([red, green, blue]: Colour): number {
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function linear(part: number): number {
  const share = part / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

/** WCAG 2.2: from 1 to 21. */
export function contrast(one: Colour, other: Colour): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** Black or white, whichever reads better: one of them always reaches 4.5. */
export const textOn = (ground: Colour): Colour => (contrast(white, ground) >= contrast(black, ground) ? white : black);

const steps = 50;

/** The colour itself, or as little towards `end` as brings it to the contrast with every ground. */
export function readableOn(colour: Colour, { grounds, least, end }: Readable): Colour {
  for (let step = 0; step < steps; step += 1) {
    // Rounded as it will be written, so that what is sent is what was measured.
    const candidate = mix(end, colour, step / steps).map(Math.round) as unknown as Colour;
    if (grounds.every((ground) => contrast(candidate, ground) >= least)) return candidate;
  }
  return end;
}

type Readable = { readonly grounds: readonly Colour[]; readonly least: number; readonly end: Colour };
