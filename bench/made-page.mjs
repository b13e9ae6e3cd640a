// The report page of a network of residual blocks against itself, as the command line writes it.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { residualModel } from './residual-model.mjs';

const cli = fileURLToPath(new URL('../lib/cli.js', import.meta.url));

/** Its path. `nodes` are those of the file; the page is called `name`. */
export function madePage(folder, { name, nodes, targets }) {
  const [model, page] = ['onnx', 'html'].map((ending) => join(folder, `${name}.${ending}`));
  writeFileSync(model, residualModel(nodes));
  const words = ['diff', model, model, '--target', targets.join(), '--format', 'html', '--quiet', '--output', page];
  execFileSync(process.execPath, [cli, ...words], { stdio: ['ignore', 'ignore', 'inherit'] });
  return page;
}
