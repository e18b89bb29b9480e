import { type TSchema, Type } from '@sinclair/typebox';

const text = (maxLength: number, minLength = 0) => Type.Optional(Type.String({ minLength, maxLength }));
const texts = (maxProperties: number, maxLength: number) =>
  Type.Optional(Type.Record(Type.String({ maxLength: 256 }), Type.String({ maxLength }), { maxProperties }));

/** Auth0 says https; a provider on a laptop or behind the same wall speaks http. No user name, no fragment (API-10). */
const webAddress = (maxLength: number) =>
  Type.Optional(
    Type.Union([
      Type.String({
        maxLength,
        pattern: '^https?://[^\\s/?#@\\\\]+(?:[/?][^\\s#\\\\]*)?$',
        description: 'an absolute http or https address without a fragment',
      }),
      Type.Literal(''),
      Type.Null(),
    ]),
  );

/** They say where a request ends, or for whom it is (API-09). JSON Schema knows no patterns without case. */
const notForHeaders = ['host', 'content-length', 'transfer-encoding', 'connection', 'cookie', 'proxy-.*'];
const inAnyCase = (name: string): string => name.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);

/** A script: code, size as on Auth0. Whether it compiles is found out when it runs, as there. */
const script = Type.Optional(Type.String({ maxLength: 51_200 }));

/**
 * `options` of a connection of strategy `oauth2`: what is known is checked, what is not is kept (contract: management API
 * §2.5). Limits are Auth0's.
 */
export const connectionOptionsWire: TSchema = Type.Object(
  {
    client_id: text(128),
    client_secret: Type.Optional(Type.Union([Type.String({ maxLength: 1024 }), Type.Null()])),
    authorizationURL: webAddress(2083),
    tokenURL: webAddress(2083),
    userInfoURL: webAddress(2083),
    logoutUrl: webAddress(2083),
    icon_url: webAddress(2083),
    discovery_url: webAddress(2083),
    jwks_uri: webAddress(2083),
    scope: Type.Optional(
      Type.Union([
        Type.String({ maxLength: 4096 }),
        Type.Array(Type.String({ maxLength: 189 }), { maxItems: 100 }),
        Type.Null(),
      ]),
    ),
    useOauthSpecScope: Type.Optional(Type.Boolean()),
    pkce_enabled: Type.Optional(Type.Boolean()),
    callback_per_connection: Type.Optional(Type.Boolean()),
    scripts: Type.Optional(
      Type.Object(
        {
          fetchUserProfile: script,
          getLogoutUrl: script,
          authorizationUrl: script,
          tokenExchange: script,
        },
        { additionalProperties: Type.Union([Type.String({ maxLength: 51_200 }), Type.Boolean(), Type.Null()]) },
      ),
    ),
    authParams: texts(30, 2048),
    authParamsMap: texts(30, 256),
    upstream_params: Type.Optional(
      Type.Union([
        Type.Null(),
        Type.Record(
          Type.String({ maxLength: 256 }),
          Type.Object(
            {
              alias: Type.Optional(Type.String({ maxLength: 64 })),
              value: Type.Optional(Type.String({ maxLength: 2048 })),
            },
            { additionalProperties: false },
          ),
          { maxProperties: 100 },
        ),
      ]),
    ),
    customHeaders: Type.Optional(
      Type.Union([
        Type.Literal(''),
        Type.Null(),
        Type.Record(
          Type.String({
            pattern: `^(?!(?:${notForHeaders.map(inAnyCase).join('|')})$)[!#$%&'*+.^_\`|~0-9A-Za-z-]{1,128}$`,
          }),
          Type.String({ maxLength: 4096, pattern: '^[\\t\\x20-\\x7e\\x80-\\xff]*$' }),
          { maxProperties: 30, additionalProperties: false },
        ),
      ]),
    ),
    fieldsMap: texts(100, 128),
    profileMapping: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 256 }), { maxProperties: 100 })),
    set_user_root_attributes: Type.Optional(
      Type.Union([Type.Literal('on_each_login'), Type.Literal('on_first_login'), Type.Literal('never_on_login')]),
    ),
    non_persistent_attrs: Type.Optional(Type.Array(Type.String({ maxLength: 255 }), { maxItems: 96 })),
    token_endpoint_auth_method: Type.Optional(
      Type.Union([Type.Literal('client_secret_post'), Type.Literal('client_secret_basic'), Type.Literal('none')]),
    ),
    issuer: text(2083),
  },
  {
    $id: 'ConnectionOptions',
    additionalProperties: true,
    description: 'Of a connection of the strategy oauth2. Others are kept and shown as they came.',
  },
);
