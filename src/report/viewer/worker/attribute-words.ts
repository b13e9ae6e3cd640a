/** An attribute of a node in words: foreign text, cut where it is long. */
import { printShape } from '../../../ir/dimension.ts';
import type { Attribute, Initializer, TensorType } from '../../../ir/graph.ts';
import { counted } from '../../headline.ts';

const longestList = 16;
const longestText = 200;

export function attributeWords(attribute: Attribute): string {
  switch (attribute.kind) {
    case 'int':
    case 'float':
      return String(attribute.value);
    case 'string':
      return shortened(attribute.value);
    case 'ints':
    case 'floats':
      return listed(attribute.values.map(String));
    case 'strings':
      return listed(attribute.values.map(shortened));
    case 'tensor':
      return tensorWords(attribute.value);
    case 'tensors':
      return listed(attribute.values.map(tensorWords));
    case 'graph':
      return `a graph of ${counted(attribute.value.nodes.length, 'node')}`;
    case 'graphs':
      return listed(attribute.values.map(({ nodes }) => `a graph of ${counted(nodes.length, 'node')}`));
    case 'type':
      return typeWords(attribute.value);
    case 'reference':
      return `that of the call: ${shortened(attribute.name)}`;
  }
}

function listed(words: readonly string[]): string {
  const shown = words.slice(0, longestList).join(', ');
  return words.length > longestList ? `${shown}, … (${words.length})` : shown;
}

/** Small ones by their elements. */
function tensorWords({ dtype, shape, value }: Initializer): string {
  const type = `${dtype} ${shape.length === 0 ? 'scalar' : shape.join(' x ')}`;
  const elements = value?.elements.filter((element) => typeof element === 'number');
  if (elements === undefined || elements.length === 0 || elements.length < value!.elements.length) return type;
  return `${type}: ${listed(elements.map(String))}`;
}

function typeWords({ dtype, shape, container }: TensorType): string {
  const type = `${dtype ?? 'a type that is not known'}${shape === null ? '' : ` ${printShape(shape)}`}`;
  return container === undefined ? type : `${container} of ${type}`;
}

function shortened(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}
