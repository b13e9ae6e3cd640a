// Writes docs/what-ifs.md: the grammar of what-ifs and every edit that it knows, from src/optimizations/.
//
//   node tools/what-ifs.mjs [--check]
//
// `--check` writes nothing and fails where the file is not what the code says.
import { loadModule, writePage } from './page.mjs';

const introduction = `# What-ifs

What would this model cost if it were quantized, pruned, resized? A what-if makes the edit on the graph, as the tool that
optimizes models would, and compiles and simulates the result. Nobody has to train or export anything first; whether the
network is still good enough afterwards is not claimed. What is known is told: how far the edited weights are from the
file's (SQNR, per layer), and where an edit does not apply and why.

\`\`\`sh
model-budget optimize model.onnx --apply 'int8'
model-budget optimize model.onnx --apply 'palettize 4 on top:5; prune 0.5 on backbone/*' --target ethos-u55-256
model-budget optimize model.onnx --search --config .github/model-budget.yml
\`\`\`

## The grammar

\`edit [; edit]…\`, an edit is \`<name> [value | key=value]… [on <selection>]\`. Without \`on\` it is made on every layer that it
applies to.

| selection | layers |
| --- | --- |
| \`on backbone/*\` | whose name, or the name of a source node, matches; \`*\` crosses \`/\` |
| \`on op:MatMul\` | nodes of this operator |
| \`on top:5\` | the five slowest on the first target |

A value or glob may stand in double quotes (\`\\\` escapes) and must when it holds a space, \`;\`, \`=\` or a quote. Edits are made
in their order, \`resize\` and \`batch\` first of all.

## The edits
`;

const conclusion = `
## What the figures mean

- **Latency, energy, memory** are those of the edited model, compiled for the target like any other. A target that cannot make
  use of an edit (zeros on a unit that multiplies them all the same, a palette that the runtime unpacks when it loads)
  shows a smaller file and the same latency, and says so.
- On a target that takes float models for quantized ones (\`assumed int8\`) an edit into that type changes the file alone.
- **\`int8\`, \`fp16\`, \`bf16\` on some layers** convert where the two types meet and nowhere else; what that costs is in the
  figures. A single layer among others that stay as they are mostly does not pay.
- **\`int8\`** is what \`quant_pre_process\` and then \`quantize_static\` (QDQ) or \`quantize_dynamic\` of ONNX Runtime 1.32 write. A file
  that was quantized without the first keeps MatMul and Add apart, HardSwish whole and the exporter's metadata: it costs
  something else. Of what that step moves, a Transpose in front of a Split is not moved here.
- **\`w4\`** of a MatMul is what \`MatMulNBitsQuantizer\` writes. That leaves all other layers alone: its file is that of
  \`w4 on op:MatMul\`.
- **\`fp16\`** is what \`onnxruntime.transformers.float16\` writes with \`keep_io_types\`; onnxconverter-common keeps more in floats.
- **\`int8\` of a model that is quantized in part** puts no second conversion where the two meet, as ONNX Runtime takes it out again.
- **Size** is that of the file that the tool would write: its nodes, names, scales and zero points are counted byte by byte.
- **Download**, with \`--download\`, is the file compressed (DEFLATE) with the edited weights in it as they are stored: what zeros and
  palettes are for. Nodes and names that come with them are left out. Not known for Core ML.
- **SQNR** is 10·log10(Σw² / Σ(w−q)²) over the weights of a layer, w as in the file, q as they would be read back. Symmetric
  8 bits: q = clip(round(w/s), −127, 127)·s with s = max|w|/127, halves to even. Palettes are the best there are: clustering
  in one dimension is solved exactly. Without the weights at hand it is not known.

## Verified in ONNX Runtime

\`\`\`sh
model-budget optimize model.onnx --apply 'w4' --verify
model-budget optimize model.onnx --apply 'int8' --verify --verify-inputs samples
\`\`\`

\`--verify\` runs the model and a copy whose weights are those of the edit as they are read back, in the place and type of the
file's own (pruned channels are zeros there), and tells for each output over all runs:

- **SQNR** 10·log10(Σy² / Σ(y−y')²), y of the model and y' of the copy; null in the JSON where they are equal;
- **cosine** Σyy' / √(Σy²·Σy'²).

ONNX Runtime is no part of this package: \`ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node\` where it is installed, or
anywhere with \`MODEL_BUDGET_ONNXRUNTIME\` set to that folder. It is native code that loads the model: verify only models
that you trust.

Inputs are random (normally distributed floats; whole numbers 0 or 1, or rows of the table that a Gather picks them from;
seed 0, \`--verify-runs\` of them, 4 without), which says little of a network that was trained on pictures: give
\`--verify-inputs\` a folder with a \`.npy\` file for each input, named after it (\`_\` for what is no letter, digit, dot or
hyphen), or with such folders, one for each run.

The graph stays as it is. Activations are not rounded: of \`int8\`, \`fp16\` and \`bf16\` the loss in the weights is seen, and the
report says that the rest comes on top. \`replace\`, \`resize\` and \`batch\` compute something else and are not run. Weights that
cannot be written stay and are named: sparse ones, those that the model computes when it is loaded, those that a
layer without the edit reads too.

## The search

\`--search\`, and a review in which a budget fails, look for the smallest edit that meets all budgets: fewest layers first, then
the least weight error, then the most saved. Sets of up to three layers are tried exhaustively while they are few enough;
beyond that each edit is made on as few layers as it takes, those that save most first. Every answer was compiled and
simulated exactly as it is printed. The number of trials is bounded, so a large model may have a smaller answer that was
not found; no answer misses a budget. \`front\` in the JSON holds the edits that no other one beats in layers touched,
latency, energy, peak memory and size at once.

This page is made from the code by \`npm run docs\`.
`;

const { optimizations } = await loadModule('src/optimizations/index.ts');
const rows = optimizations.map(({ usage, summary }) => `| \`${usage.replaceAll('|', '\\|')}\` | ${summary} |`);
const page = `${introduction}\n| edit | what it does |\n| --- | --- |\n${rows.join('\n')}\n${conclusion}`;
await writePage('docs/what-ifs.md', page, 'the what-ifs');
