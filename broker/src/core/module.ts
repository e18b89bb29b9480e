import { createHash } from 'node:crypto';

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

export const titleOf = ({ name, version }: ModuleName): string => `${name}@${version}`;

export const isExactVersion = (version: string): boolean =>
  /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/.test(version);

export const hashModule = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Whether the text is the one that was allowed. */
export const isIntact = ({ text, hash }: StoredModule): boolean => hashModule(text) === hash;

type Allowed = {
  readonly allowed: readonly StoredModule[];
  /** Whether every script has a module of this name. */
  readonly isBundled: (name: string) => boolean;
};

/**
 * The modules of a version that is deployed now: `latest` is the one that was allowed last. Nothing for a name that
 * only Portico has: every script has that one.
 */
export function pinModules(
  dependencies: readonly ModuleName[],
  given: Allowed,
): { readonly pins: readonly ModulePin[]; readonly problems: readonly string[] } {
  const found = dependencies.map((dependency) => pinModule(dependency, given));
  return {
    pins: found.flatMap((entry) => (typeof entry === 'object' ? [entry] : [])),
    problems: found.filter((entry) => typeof entry === 'string'),
  };
}

function pinModule(wanted: ModuleName, { allowed, isBundled }: Allowed): ModulePin | string | undefined {
  const isLatest = wanted.version === 'latest';
  if (!isLatest && !isExactVersion(wanted.version)) {
    return `the module ${titleOf(wanted)}: a version is exact, such as 1.2.3, or latest`;
  }
  const named = allowed.filter(({ name }) => name === wanted.name);
  const module = isLatest ? newestOf(named) : named.find(({ version }) => version === wanted.version);
  if (module !== undefined) return { name: module.name, version: module.version, hash: module.hash };
  if (isBundled(wanted.name)) return undefined;
  const title = isLatest ? wanted.name : titleOf(wanted);
  return `the module ${title} is not allowed; an administrator allows it with: portico modules add ${title}`;
}

const newestOf = (modules: readonly StoredModule[]): StoredModule | undefined =>
  modules.toSorted((one, other) => one.addedAt.getTime() - other.addedAt.getTime()).at(-1);

/** The texts of pins, or why there is one without: `modules` are intact. */
export function findPinned(
  pins: readonly ModulePin[],
  modules: readonly StoredModule[],
): { readonly modules: readonly StoredModule[]; readonly problem: string | undefined } {
  const find = (pin: ModulePin) =>
    modules.find((module) => titleOf(module) === titleOf(pin) && module.hash === pin.hash);
  const found = pins.flatMap((pin) => find(pin) ?? []);
  const missing = pins.find((pin) => find(pin) === undefined);
  if (missing === undefined) return { modules: found, problem: undefined };
  return { modules: [], problem: `the module ${titleOf(missing)} is gone, or is not the one it was deployed with` };
}

/**
 * What a script may write in `require`: each module with its version, and by its name alone the one that was allowed last,
 * unless every script has a module of that name.
 */
export function nameModules(
  modules: readonly StoredModule[],
  isBundled: (name: string) => boolean,
): Readonly<Record<string, StoredModule>> {
  const inOrder = modules.toSorted((one, other) => one.addedAt.getTime() - other.addedAt.getTime());
  return Object.fromEntries([
    ...inOrder.filter(({ name }) => !isBundled(name)).map((module) => [module.name, module]),
    ...inOrder.map((module) => [titleOf(module), module]),
  ]);
}
