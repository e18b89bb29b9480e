import type { TenantSettings } from '../core/tenant.ts';
import { allParameters } from './parameters.ts';
import { type HttpRequest, header } from './route.ts';
import { type Language, pickLanguage } from './words/languages.ts';

/** What pages show of the tenant. */
export type PageTenant = Pick<TenantSettings, 'friendlyName' | 'logoUrl' | 'supportUrl' | 'colors' | 'faviconUrl'>;

/** What every page needs: whose it is, and in which language it speaks. */
export type PageFrame = { readonly tenant: PageTenant; readonly language: Language };

/** `uiLocales` of the sign-in that the page belongs to; without it, the request's own, then the browser's. */
export function frameFor(
  tenant: TenantSettings,
  request: HttpRequest,
  uiLocales: string | undefined = allParameters(request).values.ui_locales,
): PageFrame {
  const acceptLanguage = header(request, 'accept-language');
  return { tenant, language: pickLanguage({ uiLocales, acceptLanguage, enabled: tenant.enabledLocales }) };
}
