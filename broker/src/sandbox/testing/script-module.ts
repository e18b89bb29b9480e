import { hashModule } from '../../core/module.ts';
import type { ScriptModule } from '../sandbox.ts';

/** For tests: a module as the tenant allows it. */
export const scriptModule = (name: string, text: string, version = '1.0.0'): ScriptModule => ({
  name,
  version,
  hash: hashModule(text),
  text,
});
