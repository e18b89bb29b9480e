import { isJsonObject } from '../core/json.ts';
import { secretsOf, textsOfGlobal } from './entry-secrets.ts';
import type { Script } from './sandbox.ts';

/** What a configuration holds is mostly keys; the short rest, such as `true`, would hide half of every text. */
const shortestConfigured = 8;

/** Everything that nothing recorded of a run may contain. */
export function listSecrets({ secrets, configuration, entry }: Script): readonly string[] {
  const configured = [...listTexts(configuration), ...listTexts(secretsOf(entry)), ...textsOfGlobal(entry)];
  return [...secrets, ...configured.filter((value) => value.length >= shortestConfigured)];
}

const listTexts = (values: unknown): readonly string[] =>
  isJsonObject(values) ? Object.values(values).filter((value) => typeof value === 'string') : [];
