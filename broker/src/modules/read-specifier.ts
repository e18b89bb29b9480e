import { isExactVersion } from '../core/module.ts';

/** `latest`: whatever version is there. */
export type Wanted = { readonly name: string; readonly version: string };

const form = /^((?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-zA-Z0-9~-][a-zA-Z0-9._~-]*)(?:@(.+))?$/;

/** `name`, `name@latest` or `name@1.2.3`; nothing that npm would take for a file, an address or a range. */
export function readSpecifier(text: string): Wanted | { readonly problem: string } {
  const [, name, version = 'latest'] = form.exec(text) ?? [];
  if (name === undefined)
    return { problem: `"${text.slice(0, 100)}" is not the name of an npm package, such as slug@1.2.3` };
  if (version === 'latest' || isExactVersion(version)) return { name, version };
  return { problem: `${text.slice(0, 100)}: a version is exact, such as 1.2.3, or latest; ranges are not` };
}
