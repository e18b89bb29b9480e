import { type TProperties, Type } from '@sinclair/typebox';
import { brandingChangesWire, lifetimes, tenantChangesWire } from '../tenant-object.ts';
import { flag, keptOf, oneOf, orNull, text, texts } from './shapes.ts';

const maybe = Type.Optional;
const hours = (description: string) => Type.Number({ description });

const known: TProperties = {
  friendly_name: text('What pages call the tenant.'),
  support_url: maybe(text()),
  picture_url: maybe(text()),
  default_audience: maybe(text()),
  default_redirection_uri: maybe(text()),
  error_page: maybe(orNull(Type.Object({ url: maybe(orNull(text())) }, { additionalProperties: true }))),
  allowed_logout_urls: texts(),
  enabled_locales: texts(),
  session_lifetime: hours('Hours.'),
  idle_session_lifetime: hours('Hours.'),
  resource_parameter_profile: oneOf(['audience', 'compatibility']),
  skip_non_verifiable_callback_uri_confirmation_prompt: flag(),
  sandbox_version: text(),
  flags: Type.Object(
    {
      enable_client_connections: flag(),
      skip_login_page_for_single_connection: flag('Portico’s.'),
      allow_provider_tokens_in_app_metadata: flag('Portico’s.'),
      enabled_clients_on_connections: flag('Portico’s.'),
      connection_options_without_scopes: flag('Portico’s.'),
    },
    { additionalProperties: true },
  ),
};

/** Said in a request, and shown as hours. */
const asked = Object.fromEntries(lifetimes.map((name) => [`${name}_in_minutes`, true]));

export const tenantAnswer = Type.Object(
  { ...known, ...keptOf(tenantChangesWire, { ...known, ...asked }) },
  { $id: 'TenantSettings' },
);

export const brandingAnswer = Type.Object(
  {
    logo_url: maybe(text()),
    favicon_url: maybe(text()),
    colors: maybe(
      Type.Object(
        {
          primary: maybe(orNull(text('#rrggbb.'))),
          page_background: maybe(
            Type.Unknown({ description: 'A colour, or a gradient, which is kept and not shown on pages.' }),
          ),
        },
        { additionalProperties: true },
      ),
    ),
    font: maybe(brandingChangesWire.properties.font),
  },
  { $id: 'Branding', description: 'How hosted pages look.' },
);
