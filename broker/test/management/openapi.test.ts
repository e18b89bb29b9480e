import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { request } from 'undici';
import { describe, expect, test } from 'vitest';
import type { ManagementDeps } from '../../src/management/deps.ts';
import { endpointsOf } from '../../src/management/management.ts';
import { useWorld } from '../support/databases.ts';

type Operation = {
  readonly operationId: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, unknown>>;
};
type Document = {
  readonly openapi: string;
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: object;
    readonly securitySchemes: {
      readonly token: { readonly flows: { readonly clientCredentials: { readonly scopes: object } } };
    };
  };
};

describe('the OpenAPI document', () => {
  const getWorld = useWorld();
  const read = async () => {
    const answer = await request(getWorld().broker.url('api/v2/openapi.json'));
    return { status: answer.statusCode, headers: answer.headers, document: (await answer.body.json()) as Document };
  };
  const operationsOf = (document: Document) => Object.values(document.paths).flatMap((path) => Object.values(path));

  test('is public, may be kept, and is valid OpenAPI 3.1 whose references lead somewhere', async () => {
    const { status, headers, document } = await read();
    expect([status, headers['cache-control']]).toEqual([200, 'public, max-age=300']);
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(document));
    expect(valid, JSON.stringify(errors)).toBe(true);
    expect([validator.version, document.openapi]).toEqual(['3.1', '3.1.0']);
    expect(`${document.servers[0]?.url}/`).toBe(getWorld().broker.url(''));
  });

  test('has nothing but schemas of JSON Schema 2020-12, which say what they mean', async () => {
    const { document } = await read();
    const judge = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
    addFormats.default(judge);
    judge.addVocabulary(['openapi', 'info', 'servers', 'paths', 'components']);
    judge.addSchema(document, 'document');
    for (const name of Object.keys(document.components.schemas)) {
      expect(judge.compile({ $ref: `document#/components/schemas/${name}` }), name).toBeTypeOf('function');
    }
    const schemas: object[] = Object.values(document.components.schemas);
    JSON.stringify(document.paths, (key, value) => {
      if (key === 'schema') schemas.push(value);
      return value;
    });
    for (const schema of schemas) expect(judge.validateSchema(schema), JSON.stringify(schema)).toBe(true);
    expect(schemas.length).toBeGreaterThan(300);
    expect(judge.validateSchema({ type: 'text' })).toBe(false);
    expect(() => judge.compile({ type: 'object', propertys: {} })).toThrow('propertys');
  });

  test('is not sent again to who has it', async () => {
    const url = getWorld().broker.url('api/v2/openapi.json');
    const { etag = '' } = (await read()).headers;
    const ask = async (known: string) => {
      const answer = await request(url, { headers: { 'if-none-match': known } });
      return [answer.statusCode, (await answer.body.text()).length > 0, answer.headers.etag];
    };
    for (const known of [String(etag), `W/${etag}`, `"other", ${etag}`])
      expect(await ask(known)).toEqual([304, false, etag]);
    expect(await ask('"other"')).toEqual([200, true, etag]);
  });

  test('the validator would notice', async () => {
    const { document } = await read();
    const broken = JSON.parse(JSON.stringify(document).replaceAll('"in":"query"', '"in":"nowhere"'));
    expect((await new Validator().validate(broken)).valid).toBe(false);
  });

  test('has every endpoint once, with its path parameters, scopes and errors', async () => {
    const { document } = await read();
    const operations = operationsOf(document);
    const endpoints = endpointsOf({} as ManagementDeps);
    expect(operations).toHaveLength(endpoints.length);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { responses, security, operationId } of operations) {
      expect(Object.keys(responses), operationId).toEqual(expect.arrayContaining(['401', '403', '429']));
      expect(security.length, operationId).toBeGreaterThan(0);
    }
    const rotate = document.paths['/api/v2/keys/signing/rotate']?.post;
    expect(rotate?.security).toEqual([{ token: ['create:signing_keys', 'update:signing_keys'] }]);
    const known = Object.keys(document.components.securitySchemes.token.flows.clientCredentials.scopes);
    expect(new Set(operations.flatMap(({ security }) => security.flatMap(({ token = [] }) => token)))).toEqual(
      new Set(known),
    );
  });

  test('says nothing about the tenant', async () => {
    const { document } = await read();
    const text = JSON.stringify(document);
    for (const secret of ['web-secret', 'portico-at-provider', 'Single-page application']) {
      expect(text).not.toContain(secret);
    }
  });
});
