/**
 * Reads a target file (YAML) into the targets that it describes. One file may hold several versions of the runtime and
 * several variants of the hardware (system, memory): each is a map of overrides, laid over the rest of the file. What
 * several files have in common stands in a base file that they name under `extends`.
 */
import { UserError } from '../errors.ts';
import type { Located } from './located-yaml.ts';
import { isEntries, lineOf, readYaml } from './located-yaml.ts';
import type { Sourced } from './provenance.ts';
import { attribute, overlay, provenanceOf } from './provenance.ts';
import { parseShape } from './shape.ts';
import { checkReferences } from './target-references.ts';
import type { SupportGroup, TargetFields } from './target-schema.ts';
import { headerSchema, targetSchema } from './target-schema.ts';
import type { ComputeUnit, OperatorSupport, Support, Target, UnitGeometry } from './target.ts';

const headerKeys = ['id', 'extends', 'sources', 'parts', 'versions', 'variants'];

/** Overrides of one kind by name; a file without any has one, without a name. */
interface Overrides {
  readonly name: string;
  readonly override: Sourced;
}

interface TargetFile {
  readonly path: string;
  readonly id: string;
  readonly base: Sourced;
  /** Overrides that a variant is made of: those of `a` and `b` lie under the variant `a:b`. */
  readonly parts: ReadonlyMap<string, Sourced>;
  /** Newest first. */
  readonly versions: readonly Overrides[];
  readonly variants: readonly Overrides[];
}

/** The text of the base file of this name; undefined where there is none. */
export type BaseFile = (name: string) => string | undefined;

const noBase: BaseFile = () => undefined;

/**
 * The targets of a file: newest version first, and in each version the variants as they are in the file, so that the
 * first is what a bare id means. `path` names the file in messages.
 *
 * @throws UserError `path:line: …` for anything that is not a target file: wrong YAML, an unknown key (the nearest known
 * one is named), a number without kind and source, a reference to a unit or memory that is not there.
 */
export function parseTarget(text: string, path: string, baseFile: BaseFile = noBase): readonly Target[] {
  const file = readTargetFile(readYaml(text, path), path, baseFile);
  return file.versions.flatMap((version) => file.variants.map((variant) => build(file, version, variant)));
}

function readTargetFile(located: Located, path: string, baseFile: BaseFile): TargetFile {
  const own = readParts(located, path);
  const { id, extends: baseName } = own.header;
  if (baseName === undefined) return { path, id, ...own };
  const text = baseFile(baseName);
  if (text === undefined) throw new UserError(`${path}:1: there is no base file "${baseName}"`);
  const under = readParts(readYaml(text, baseName), baseName);
  const parts = new Map(under.parts);
  for (const [name, part] of own.parts) parts.set(name, parts.has(name) ? overlay(parts.get(name)!, part) : part);
  return { path, id, ...own, parts, base: overlay(under.base, own.base) };
}

function readParts(located: Located, path: string) {
  if (!isEntries(located.content)) throw new UserError(`${path}:1: a target file is a map that begins with "id:"`);
  const entries = located.content;
  const only = (keep: (key: string) => boolean): Located => ({
    line: located.line,
    content: new Map([...entries].filter(([key]) => keep(key))),
  });
  const header = parseShape(
    headerSchema,
    only((key) => headerKeys.includes(key)),
    path,
  );
  const sources = new Map(Object.entries(header.sources ?? {}));
  const overridesAt = (key: string) => readOverrides(entries.get(key), path, sources);
  const parts = entries.has('parts') ? overridesAt('parts') : [];
  return {
    header,
    base: attributeTarget(
      only((key) => !headerKeys.includes(key)),
      path,
      sources,
    ),
    parts: new Map(parts.map(({ name, override }) => [name, override])),
    versions: overridesAt('versions').sort((a, b) => compareVersions(b.name, a.name)),
    variants: overridesAt('variants'),
  };
}

function readOverrides(located: Located | undefined, path: string, sources: ReadonlyMap<string, string>): Overrides[] {
  if (located === undefined) return [{ name: '', override: { line: 1, content: new Map() } }];
  if (!isEntries(located.content) || located.content.size === 0) {
    throw new UserError(`${path}:${located.line}: must be a map of names to overrides`);
  }
  return [...located.content].map(([name, override]) => ({ name, override: attributeTarget(override, path, sources) }));
}

/** The rows of `validation` say their source themselves. */
function attributeTarget(located: Located, path: string, sources: ReadonlyMap<string, string>): Sourced {
  if (!isEntries(located.content)) throw new UserError(`${path}:${located.line}: must be a map`);
  const validation = located.content.get('validation');
  const numbers = new Map([...located.content].filter(([key]) => key !== 'validation'));
  const sourced = attribute({ line: located.line, content: numbers }, path, sources);
  if (validation === undefined) return sourced;
  return overlay(sourced, { line: located.line, content: new Map([['validation', validation]]) });
}

function build(file: TargetFile, version: Overrides, variant: Overrides): Target {
  const named = version.name === '' ? file.base : overlay(file.base, runtimeVersion(version));
  const parts = variant.name.split(':').flatMap((part) => file.parts.get(part) ?? []);
  const sourced = [version.override, ...parts, variant.override].reduce(overlay, named);
  const fields = parseShape(targetSchema, sourced, file.path);
  const fail = (message: string, place: readonly string[]): never => {
    throw new UserError(`${file.path}:${lineOf(sourced, place)}: ${message}`);
  };
  checkReferences(fields, fail);
  const newest = version === file.versions[0] ? '' : `@${version.name}`;
  const first = variant === file.variants[0] ? '' : `:${variant.name}`;
  return {
    ...fields,
    id: `${file.id}${newest}${first}`,
    hardware: file.id,
    variant: variant.name,
    units: Object.entries(fields.units).map(([id, unit]) => unitOf(id, unit)),
    memories: Object.entries(fields.memories).map(([id, memory]) => ({ id, ...memory })),
    support: supportOf(fields.support, fail),
    provenance: provenanceOf(sourced),
  };
}

/** The key of a version is the runtime's version. */
function runtimeVersion({ name, override }: Overrides): Sourced {
  const version: Sourced = { line: override.line, content: name };
  return {
    line: override.line,
    content: new Map([['runtime', { line: override.line, content: new Map([['version', version]]) }]]),
  };
}

function unitOf(id: string, { architecture, geometry, ...unit }: TargetFields['units'][string]): ComputeUnit {
  return { id, kind: architecture, geometry: geometryOf(geometry), ...unit };
}

function geometryOf(geometry: TargetFields['units'][string]['geometry']): UnitGeometry {
  const { microKernel, array, processors, block, u85, waves } = geometry;
  if (microKernel !== undefined) return { kind: 'micro-kernel', ...microKernel };
  if (array !== undefined) return { kind: 'array', ...array };
  if (processors !== undefined) return { kind: 'processors', ...processors };
  if (block !== undefined) return { kind: 'block', ...block };
  if (u85 !== undefined) return { kind: 'u85', ...u85 };
  return { kind: 'waves', ...waves! };
}

function supportOf(
  { groups, ...rest }: TargetFields['support'],
  fail: (message: string, place: readonly string[]) => never,
): Support {
  const operators = new Map<string, OperatorSupport>();
  for (const [index, { operators: names, ...limits }] of groups.entries()) {
    for (const name of names) {
      if (operators.has(name))
        fail(`"${name}" stands in two groups`, ['support', 'groups', String(index), 'operators']);
      operators.set(name, limits satisfies Omit<SupportGroup, 'operators'>);
    }
  }
  return { ...rest, operators };
}

/** `1.10` after `1.9`, `2022-10` after `2022-02`: by the numbers in them, then by the text. */
function compareVersions(a: string, b: string): number {
  const numbers = (version: string) => (version.match(/\d+/g) ?? []).map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? -1) - (right[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}
