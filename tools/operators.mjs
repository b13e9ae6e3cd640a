// Writes docs/operators.md: every operator that is known, with what its own entry says of it.
//
//   node tools/operators.mjs [--check]
//
// `--check` writes nothing and fails where the file is not what the entries say.
import { loadModule, writePage } from './page.mjs';

/** Domains in the order of the page, with what they are. */
const domains = [
  ['', 'ai.onnx', 'ONNX itself, opsets 1 to 28.'],
  ['ai.onnx.ml', 'ai.onnx.ml', 'Classical machine learning, as scikit-learn models are exported.'],
  ['ai.onnx.preview', 'ai.onnx.preview', 'What ONNX tries out.'],
  ['ai.onnx.preview.training', 'ai.onnx.preview.training', 'Steps of a training run.'],
  ['com.microsoft', 'com.microsoft', 'What the tools of ONNX Runtime write: quantization, fusions, generation.'],
  ['com.microsoft.nchwc', 'com.microsoft.nchwc', 'The blocked layout of models that ONNX Runtime has optimized.'],
];

const introduction = `# Operators

Every operator that model-budget knows, by domain, with how it is counted. A loop nest of multiply-accumulates (MACs) is
tiled and costed as such; all else is vector work for each element. An operator that is not listed is named in the
report with the share of the nodes that is lost; it never counts as 0.

**Values**: its result is followed element by element where it is small and its inputs decide it, so that shapes computed
from it are known. **Parameters**: the positions of the inputs that count as parameters when they are constant.

This page is made from the entries in \`src/operators/\` by \`npm run docs\`.
`;

function row({ name, documentation, evaluate, parameterInputs = [] }) {
  const parameters = parameterInputs === 'all' ? 'all' : parameterInputs.join(', ');
  const text = documentation.replaceAll('|', '\\|').replaceAll('*', '\\*');
  return `| \`${name}\` | ${text} | ${evaluate ? 'yes' : ''} | ${parameters} |`;
}

function section(operators, [domain, title, summary]) {
  const own = operators.filter((operator) => operator.domain === domain);
  const rows = own.sort((a, b) => (a.name < b.name ? -1 : 1)).map(row);
  const head = '| operator | how it is counted | values | parameters |\n| --- | --- | :-: | --- |';
  return `## ${title}\n\n${summary} ${own.length} operators.\n\n${head}\n${rows.join('\n')}\n`;
}

const { operators } = await loadModule('src/operators/index.ts');
const described = new Set(domains.map(([domain]) => domain));
const others = [...new Set(operators.map(({ domain }) => domain))].filter((domain) => !described.has(domain)).sort();
const sections = [...domains, ...others.map((domain) => [domain, domain, 'What ONNX has no operator for.'])];
const page = [introduction, ...sections.map((one) => section(operators, one))].join('\n');
await writePage('docs/operators.md', page, 'the entries');
