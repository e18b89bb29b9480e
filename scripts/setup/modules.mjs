import { step } from './progress.mjs';

/** The modules that scripts may require. Imported late: it is there when the dependencies are. */
export async function bringModules() {
  const { planBundles } = await import('../../broker/src/sandbox/bundle-modules.mjs');
  const build = planBundles();
  if (build !== undefined) await step('modules', 'bundling what scripts may require', build);
}
