// Writes the JSON Schemas of every document that the program gives and of the config that it reads, from the types
// themselves. `--check` writes nothing and fails where a file is not what the types say.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { rolldown } from 'rolldown';
import { createGenerator } from 'ts-json-schema-generator';
import { readOrNothing } from '../tools/page.mjs';

const root = new URL('../', import.meta.url);

/** Each command's document: the type that it is written as, and where that stands. */
const documents = [
  { name: 'report@1', type: 'Report', path: 'src/report/report.ts' },
  { name: 'inspect@1', type: 'InspectDocument', path: 'src/report/inspect.ts' },
  { name: 'simulate@1', type: 'SimulationDocument', path: 'src/report/simulation-document.ts' },
  { name: 'compile@1', type: 'ScheduleDocument', path: 'src/schedule/document.ts' },
  { name: 'optimize@1', type: 'OptimizeDocument', path: 'src/report/optimize-document.ts' },
  { name: 'explain@1', type: 'ExplainDocument', path: 'src/report/explain-document.ts' },
  { name: 'doctor@1', type: 'DoctorDocument', path: 'src/cli/doctor/finding.ts' },
  { name: 'error@1', type: 'ErrorDocument', path: 'src/report/error-document.ts' },
];

function documentSchema({ name, type, path }) {
  const generator = createGenerator({
    path: fileURLToPath(new URL(path, root)),
    tsconfig: fileURLToPath(new URL('tsconfig.json', root)),
    type,
    // The type check is a step of its own; here it would only take time.
    skipTypeCheck: true,
    additionalProperties: false,
    topRef: false,
  });
  const { $schema, ...schema } = generator.createSchema(type);
  return { $schema, $id: `model-budget/${name}`, title: `model-budget/${name}`, ...schema };
}

/** The config is read by a schema of zod's, which knows its own JSON Schema. */
async function configSchema() {
  const entry = fileURLToPath(new URL('src/config/schema.ts', root));
  const bundle = await rolldown({ input: entry, platform: 'browser' });
  const { output } = await bundle.generate({ format: 'esm' });
  const { toJSONSchema } = await import('zod');
  const source = `data:text/javascript;base64,${Buffer.from(output[0].code).toString('base64')}`;
  const { configSchema: schema } = await import(source);
  const { $schema, ...rest } = toJSONSchema(schema, { target: 'draft-7', io: 'input' });
  return { $schema, $id: 'model-budget/config', title: '.github/model-budget.yml', ...rest };
}

async function render(schema, path) {
  return format(JSON.stringify(schema), { ...(await resolveConfig(path)), parser: 'json' });
}

const check = process.argv.includes('--check');
const schemas = new Map(documents.map((document) => [document.name, documentSchema(document)]));
schemas.set('config', await configSchema());
for (const [name, schema] of schemas) {
  const path = fileURLToPath(new URL(`schemas/${name}.json`, root));
  const text = await render(schema, path);
  if (!check) writeFileSync(path, text);
  else if (readOrNothing(path) !== text) {
    console.error(`schemas/${name}.json is not what the types say: run npm run schemas`);
    process.exitCode = 1;
  }
}
