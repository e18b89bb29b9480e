/** A search as a tree. `field` is as it was written, or undefined for a bare word. */
export type Search =
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Search[] }
  | { readonly kind: 'none'; readonly part: Search }
  | { readonly kind: 'match'; readonly field: string | undefined; readonly match: Match };

export type Bound = { readonly value: string; readonly isInclusive: boolean };

export type Match =
  | { readonly kind: 'exact' | 'prefix' | 'suffix' | 'infix'; readonly value: string }
  | { readonly kind: 'exists' }
  | { readonly kind: 'range'; readonly from: Bound | undefined; readonly to: Bound | undefined };
