// Holds every request and response against GitHub's description.
import { closed, reasonOf, validatorOf, type Operation } from './description.ts';

export interface Violation {
  readonly where: 'request' | 'response' | 'route';
  /** "POST /repos/acme/detector/check-runs" */
  readonly call: string;
  readonly reason: string;
}

export interface RequestParts {
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

function parametersSchema(operation: Operation, place: 'path' | 'query'): object {
  const own = operation.parameters.filter((parameter) => parameter.in === place);
  return {
    type: 'object',
    properties: Object.fromEntries(own.map(({ name, schema }) => [name, schema])),
    required: own.filter(({ required }) => required === true).map(({ name }) => name),
    additionalProperties: false,
  };
}

function parameterReasons(operation: Operation, parts: RequestParts): string[] {
  const values = { path: { ...parts.path }, query: Object.fromEntries(parts.query) };
  return (['path', 'query'] as const).flatMap((place) => {
    const validate = validatorOf(`${operation.id} ${place}`, () => parametersSchema(operation, place), true);
    return validate(values[place]) ? [] : [`${place}: ${reasonOf(validate.errors)}`];
  });
}

/** Reasons why the body is not what the operation takes. */
export function bodyReasons(operation: Operation, body: unknown): string[] {
  const description = operation.requestBody;
  if (description === undefined) return body === undefined ? [] : ['body: this operation takes none'];
  if (body === undefined) return description.required === true ? ['body: is missing'] : [];
  const schema = description.content['application/json']?.schema;
  if (schema === undefined) return [];
  const validate = validatorOf(`${operation.id} body`, () => closed(schema));
  return validate(body) ? [] : [`body: ${reasonOf(validate.errors)}`];
}

export function requestReasons(operation: Operation, parts: RequestParts): string[] {
  return [...parameterReasons(operation, parts), ...bodyReasons(operation, parts.body)];
}

/** GitHub answers these on any operation, described or not. */
const anywhere = new Set([400, 401, 403, 404, 409, 422, 429]);

/** Bytes as the repository holds them: the description has no schema for them. */
export const rawType = 'application/vnd.github.raw';

export interface ResponseParts {
  readonly status: number;
  /** Without parameters: "application/json" */
  readonly contentType: string | null;
  readonly body: unknown;
}

export function responseReason(operation: Operation, parts: ResponseParts): string | null {
  const described = operation.responses[String(parts.status)];
  if (described === undefined && !anywhere.has(parts.status)) return `status ${parts.status} is not described`;
  if (parts.contentType === rawType && parts.status === 200) return null;
  const content = described?.content;
  if (content === undefined) {
    if (parts.status < 300) return parts.body === undefined ? null : `status ${parts.status} has no body`;
    return against('any error', () => ({ $ref: '#/components/schemas/basic-error' }), parts.body);
  }
  const schema = content[parts.contentType ?? '']?.schema;
  if (schema === undefined) return `content type ${parts.contentType ?? '(none)'} is not described`;
  return against(`${operation.id} ${parts.status} ${parts.contentType ?? ''}`, () => schema, parts.body);
}

function against(key: string, schema: () => unknown, body: unknown): string | null {
  const validate = validatorOf(key, schema);
  return validate(body) ? null : reasonOf(validate.errors);
}
