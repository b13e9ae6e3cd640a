// Cuts GitHub's OpenAPI description down to the operations that this project calls:
//
//   node third_party/github-openapi/cut.mjs <path of api.github.com.json of @octokit/openapi>
//
// Kept are paths, parameters, request bodies and responses, and every component that these reach. Prose, examples and
// vendor extensions go, since nothing validates against them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const repository = '/repos/{owner}/{repo}';

/** Path of the description -> the methods kept. */
const operations = {
  '/app': ['get'],
  '/app-manifests/{code}/conversions': ['post'],
  '/app/hook/deliveries': ['get'],
  '/app/hook/deliveries/{delivery_id}/attempts': ['post'],
  '/app/installations': ['get'],
  '/app/installations/{installation_id}/access_tokens': ['post'],
  '/installation/repositories': ['get'],
  '/rate_limit': ['get'],
  '/user': ['get'],
  [repository]: ['get'],
  [`${repository}/branches/{branch}`]: ['get'],
  [`${repository}/check-runs`]: ['post'],
  [`${repository}/check-runs/{check_run_id}`]: ['get', 'patch'],
  [`${repository}/check-runs/{check_run_id}/annotations`]: ['get'],
  [`${repository}/collaborators/{username}/permission`]: ['get'],
  [`${repository}/commits/{commit_sha}/pulls`]: ['get'],
  [`${repository}/commits/{ref}`]: ['get'],
  [`${repository}/commits/{ref}/check-runs`]: ['get'],
  [`${repository}/compare/{basehead}`]: ['get'],
  [`${repository}/contents/{path}`]: ['get'],
  [`${repository}/git/blobs`]: ['post'],
  [`${repository}/git/blobs/{file_sha}`]: ['get'],
  [`${repository}/git/commits`]: ['post'],
  [`${repository}/git/commits/{commit_sha}`]: ['get'],
  [`${repository}/git/matching-refs/{ref}`]: ['get'],
  [`${repository}/git/ref/{ref}`]: ['get'],
  [`${repository}/git/refs`]: ['post'],
  [`${repository}/git/refs/{ref}`]: ['patch', 'delete'],
  [`${repository}/git/trees`]: ['post'],
  [`${repository}/git/trees/{tree_sha}`]: ['get'],
  [`${repository}/issues/comments/{comment_id}`]: ['get', 'patch', 'delete'],
  [`${repository}/issues/comments/{comment_id}/reactions`]: ['post'],
  [`${repository}/issues/{issue_number}/comments`]: ['get', 'post'],
  [`${repository}/pulls`]: ['get'],
  [`${repository}/pulls/{pull_number}`]: ['get'],
  [`${repository}/pulls/{pull_number}/commits`]: ['get'],
  [`${repository}/pulls/{pull_number}/files`]: ['get'],
  [`${repository}/rules/branches/{branch}`]: ['get'],
};

/** Keys of the description that carry no constraint. */
const prose = new Set(['description', 'summary', 'title', 'example', 'examples', 'externalDocs', 'deprecated', 'tags']);

/** Keys whose children are named by the author, so that a child called "title" is no prose. */
const namedByAuthor = new Set(['properties', 'schemas', 'parameters', 'responses', 'headers', 'content']);

function withoutProse(value, keysAreNames = false) {
  if (Array.isArray(value)) return value.map((item) => withoutProse(item));
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(([key]) => keysAreNames || !(prose.has(key) || key.startsWith('x-')));
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutProse(child, !keysAreNames && namedByAuthor.has(key))]));
}

/** Pointers such as "#/components/schemas/commit" anywhere in a value. */
function pointersIn(value) {
  if (value === null || typeof value !== 'object') return [];
  const own = typeof value.$ref === 'string' ? [value.$ref] : [];
  return [...own, ...Object.values(value).flatMap(pointersIn)];
}

function keptPaths(description) {
  return Object.fromEntries(
    Object.entries(operations).map(([path, methods]) => {
      const item = description.paths[path];
      const kept = methods.map((method) => {
        if (item?.[method] === undefined) throw new Error(`the description has no ${method} ${path}`);
        return [method, withoutProse(item[method])];
      });
      return [path, Object.fromEntries(kept)];
    }),
  );
}

/** Kind ("schemas", "parameters", ...) -> name -> component, for everything that `paths` reaches. */
function reachedComponents(description, paths) {
  const reached = new Map();
  const waiting = pointersIn(paths);
  while (waiting.length > 0) {
    const pointer = waiting.pop();
    if (reached.has(pointer)) continue;
    const [, , kind, name] = pointer.split('/');
    const component = withoutProse(description.components[kind][name]);
    reached.set(pointer, component);
    waiting.push(...pointersIn(component));
  }
  const components = {};
  for (const pointer of [...reached.keys()].sort()) {
    const [, , kind, name] = pointer.split('/');
    (components[kind] ??= {})[name] = reached.get(pointer);
  }
  return components;
}

/** One line for each path and component: small, and a new version still shows in a diff what changed. */
function print({ openapi, info, paths, components }) {
  const lines = (record) =>
    Object.entries(record).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',\n');
  const kinds = Object.entries(components).map(([kind, record]) => `${JSON.stringify(kind)}:{\n${lines(record)}\n}`);
  return `{"openapi":${JSON.stringify(openapi)},\n"info":${JSON.stringify(info)},\n"paths":{\n${lines(paths)}\n},\n"components":{\n${kinds.join(',\n')}\n}}\n`;
}

const source = process.argv[2];
if (source === undefined) throw new Error('the path of api.github.com.json is missing');
const description = JSON.parse(readFileSync(source, 'utf8'));
const { version, title, license } = description.info;
const paths = keptPaths(description);
const text = print({
  openapi: description.openapi,
  info: { title, version, license },
  paths,
  components: reachedComponents(description, paths),
});
writeFileSync(join(import.meta.dirname, 'api.github.com.json'), text);
console.log(`api.github.com.json: ${text.length} bytes, from @octokit/openapi ${version}`);
