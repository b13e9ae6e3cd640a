// GitHub's own description of its REST API (third_party/github-openapi), as JSON Schema that Ajv can compile.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Operation {
  readonly id: string;
  readonly method: string;
  /** "/repos/{owner}/{repo}/pulls" */
  readonly template: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, Response>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

interface Media {
  readonly schema: JsonSchema;
}

interface Response {
  readonly content?: Readonly<Record<string, Media>>;
}

type Components = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: Components;
}

const file = join(import.meta.dirname, '../../third_party/github-openapi/api.github.com.json');
const schemaId = 'github';

let description: Description | undefined;

function loaded(): Description {
  description ??= JSON.parse(readFileSync(file, 'utf8')) as Description;
  return description;
}

/** Follows a pointer to a parameter or response; those of schemas are left to Ajv. */
function followed(value: unknown): unknown {
  const pointer = (value as { $ref?: string }).$ref;
  if (pointer === undefined) return value;
  const [, , kind, name] = pointer.split('/');
  return loaded().components[kind!]![name!];
}

function operationOf(template: string, method: string, raw: unknown): Operation {
  const { operationId, parameters, requestBody, responses } = raw as {
    operationId: string;
    parameters?: unknown[];
    requestBody?: Operation['requestBody'];
    responses: Record<string, unknown>;
  };
  return {
    id: operationId,
    method: method.toUpperCase(),
    template,
    parameters: (parameters ?? []).map((parameter) => followed(parameter) as Parameter),
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, reply]) => [status, followed(reply) as Response]),
    ),
  };
}

let operationList: readonly Operation[] | undefined;

export function allOperations(): readonly Operation[] {
  operationList ??= Object.entries(loaded().paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, raw]) => operationOf(template, method, raw)),
  );
  return operationList;
}

/** OpenAPI 3.0 writes `nullable: true` where JSON Schema has a type of its own for null. */
function asJsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asJsonSchema);
  if (value === null || typeof value !== 'object') return value;
  const { nullable, discriminator: _discriminator, ...rest } = value as Record<string, unknown>;
  const schema = Object.fromEntries(
    Object.entries(rest).map(([key, child]) => [
      key,
      key === '$ref' ? (child as string).replace('#/components/schemas/', `${schemaId}#/$defs/`) : asJsonSchema(child),
    ]),
  );
  return nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema;
}

/** A request body may hold only what is described: GitHub ignores the rest, so that a misspelt key goes unnoticed. */
export function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (value === null || typeof value !== 'object') return value;
  const schema = Object.fromEntries(Object.entries(value).map(([key, child]) => [key, closed(child)]));
  const open = schema.type === 'object' && schema.properties !== undefined && schema.additionalProperties === undefined;
  return open ? { ...schema, additionalProperties: false } : schema;
}

const formats: Readonly<Record<string, RegExp>> = {
  uri: /^[a-z][a-z0-9+.-]*:[^\s<>"\\^`{|}]+$/i,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  email: /^[^@\s]+@[^@\s]+$/,
  int64: /^/,
};

function compiler(coerceTypes: boolean): Ajv {
  const ajv = new Ajv({ strict: false, coerceTypes, validateSchema: false, formats: { ...formats } });
  ajv.addSchema({ $id: schemaId, $defs: asJsonSchema(loaded().components.schemas) as object });
  return ajv;
}

let bodies: Ajv | undefined;
let texts: Ajv | undefined;
const compiled = new Map<string, ValidateFunction>();

/** Compiles once for each key. `fromText`: the values are texts of a URL, "2" passes for a number. */
export function validatorOf(key: string, schema: () => unknown, fromText = false): ValidateFunction {
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const ajv = fromText ? (texts ??= compiler(true)) : (bodies ??= compiler(false));
  const validate = ajv.compile(asJsonSchema(schema()) as object);
  compiled.set(key, validate);
  return validate;
}

export function reasonOf(errors: readonly ErrorObject[] | null | undefined): string {
  const parts = (errors ?? []).map((error) => {
    const detail = Object.values(error.params as Record<string, unknown>).join(', ');
    return `${error.instancePath === '' ? 'the whole' : error.instancePath} ${error.message ?? ''} (${detail})`;
  });
  return parts.slice(0, 4).join('; ');
}
