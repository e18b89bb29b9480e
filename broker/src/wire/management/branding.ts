import { type Static, Type } from '@sinclair/typebox';

const colour = Type.String({ pattern: '^#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$' });

/** How hosted pages look, as Auth0's Management API writes it. A page background has one colour, no gradient. */
export const brandingWire = Type.Object({
  logo_url: Type.Optional(Type.String({ maxLength: 2048 })),
  favicon_url: Type.Optional(Type.String({ maxLength: 2048 })),
  colors: Type.Optional(Type.Object({ primary: Type.Optional(colour), page_background: Type.Optional(colour) })),
});
export type BrandingWire = Static<typeof brandingWire>;
