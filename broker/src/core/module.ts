/** An npm package as it is named where it is wanted. */
export type ModuleName = { readonly name: string; readonly version: string };

/** Exactly this text: `hash` is the SHA-256 of the bundle, in hex. */
export type ModulePin = ModuleName & { readonly hash: string };

/** A package that an administrator allows, made into one text of CommonJS. Never changed: another text is another pin. */
export type StoredModule = ModulePin & {
  readonly text: string;
  /** `sha512-…` of the package as npm's lock has it. undefined: it came from a folder that no lock speaks of. */
  readonly integrity: string | undefined;
  readonly addedAt: Date;
};

export const nameOf = ({ name, version }: ModuleName): string => `${name}@${version}`;
