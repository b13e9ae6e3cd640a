/**
 * Reads Core ML: a specification (Model.proto), alone or as the root of a package (`.mlpackage`) whose weights lie in
 * files beside it. Weights stay where they are; what is kept of them is their ranges.
 */
import type { ModelSources } from '../ir/byte-source.ts';
import type { Model, ModelFile } from '../ir/graph.ts';
import { openPackage, type CoreMlFiles } from './coreml/package.ts';
import { readSpecification } from './coreml/specification.ts';
import { absentWarning, listExternalFiles, openExternalFiles } from './onnx/external-data.ts';

/** The newest specification that this reader knows (iOS 18, macOS 15); 10 came with iOS 26. */
const newestSpecification = 10;

/**
 * @param path for messages, and for the name of the model file
 * @throws UserError when a file is damaged, contradicts itself or reaches out of the package.
 */
export function readCoreMl(sources: ModelSources, path: string): Model {
  const opened = openPackage(sources, path);
  const files = openExternalFiles(sources, path);
  const specification = readSpecification({ source: opened.source, file: opened.specification, files });
  const warnings = [...specification.warnings];
  if (specification.version > newestSpecification) {
    warnings.push(
      `Core ML specification ${specification.version} is newer than ${newestSpecification}, the newest one known: ` +
        'parts may be missed',
    );
  }
  const absent = absentWarning(files);
  if (absent !== undefined) warnings.push(absent);
  return {
    format: 'coreml',
    producer: specification.producer,
    irVersion: specification.version,
    opsets: specification.opsets,
    graph: specification.graph,
    functions: [],
    metadata: specification.metadata,
    files: allFiles(opened, listExternalFiles(files)),
    warnings,
  };
}

/** All files of a package count, whether or not the model reads them; the one under `''` comes first. */
function allFiles({ root, others }: CoreMlFiles, named: readonly ModelFile[]): readonly ModelFile[] {
  const byPath = new Map<string, ModelFile>();
  for (const file of [...others, ...named]) byPath.set(file.path, file);
  const rest = [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return [root, ...rest];
}
