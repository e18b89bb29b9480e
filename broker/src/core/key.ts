import type { KeyId, Sealed } from './ids.ts';
import type { JsonObject } from './json.ts';

export const keyStates = ['next', 'current', 'previous'] as const;

/** A signing key of the issuer, or (use `token`) the key that seals opaque access tokens. */
export type StoredKey = {
  readonly id: KeyId;
  readonly use: 'signing' | 'token';
  readonly state: (typeof keyStates)[number];
  /** PKCS#8 DER for `signing`, 32 raw bytes for `token`. */
  readonly sealedMaterial: Sealed;
  /** The public JWK with x5c and x5t; `{}` for `token`. */
  readonly publicJwk: JsonObject;
  readonly createdAt: Date;
  /** Since and until when it signed; undefined: not yet, or a broker before version 14 of the schema did it. */
  readonly currentSince: Date | undefined;
  readonly currentUntil: Date | undefined;
};
