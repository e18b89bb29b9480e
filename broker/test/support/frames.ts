import { defaultTenantSettings } from '../../src/core/tenant.ts';
import type { PageFrame, PageTenant } from '../../src/http/page-frame.ts';
import { english, type Language, languages } from '../../src/http/words/languages.ts';

/** A page's surroundings: a plain tenant, in English unless said otherwise. */
export const frameOf = (tenant: Partial<PageTenant> = {}, language: Language = english): PageFrame => ({
  tenant: { ...defaultTenantSettings, ...tenant },
  language,
});

export function languageOf(tag: string): Language {
  const language = languages.find((candidate) => candidate.tag === tag);
  if (language === undefined) throw new Error(`no language ${tag}`);
  return language;
}
