// Imports go one way. Each row may import from its own room and from the rows above it; rooms on one line never import
// each other. The rooms are described in ARCHITECTURE.md.
const rows = [
  ['errors'],
  ['units'],
  ['glob', 'near-miss'],
  ['ir'],
  ['operators'],
  ['formats', 'passes'],
  ['optimizations'],
  ['schedule'],
  ['simulate'],
  ['measure'],
  ['compare'],
  ['advise'],
  ['report'],
  ['config'],
  ['review'],
  ['assets'],
  ['files'],
  ['github', 'queue'],
  ['action', 'app', 'worker', 'cli', 'index'],
];

/** Folders of files of one shape, listed in their index: a member that imports the list would close a circle. */
const extensionFolders = [
  ...['operators', 'formats', 'passes', 'optimizations', 'report'],
  ...['github/images', 'github/commands', 'queue'],
];

const rooms = rows.flat();
const entryPoints = rows.at(-1);

/** A room is a folder or a file of that name: src/ir/graph.ts, src/units.ts. */
const inside = (names) => `^src/(${names.join('|')})(/|\\.ts$)`;

/** What a room may not import: every room of the rows below it, and its neighbours in its own row. */
function closedTo(room) {
  const row = rows.findIndex((names) => names.includes(room));
  const neighbours = rows[row].filter((name) => name !== room);
  return [...neighbours, ...rows.slice(row + 1).flat()];
}

/** Entry points share a row and may use one another (src/cli.ts reads src/assets.ts), so they need no rule. */
const oneWay = rooms
  .filter((room) => !entryPoints.includes(room))
  .map((room) => ({
    name: `one-way-${room}`,
    comment: `src/${room} may import from its own room and from earlier rows only`,
    severity: 'error',
    from: { path: inside([room]) },
    to: { path: inside(closedTo(room)) },
  }));

const membersAvoidIndex = extensionFolders.map((folder) => ({
  name: `no-index-${folder.replace('/', '-')}`,
  comment: `members of src/${folder} are listed in its index.ts and never import it`,
  severity: 'error',
  from: { path: `^src/${folder}/`, pathNot: `^src/${folder}/index\\.ts$` },
  to: { path: `^src/${folder}/index\\.ts$` },
}));

export default {
  forbidden: [
    ...oneWay,
    ...membersAvoidIndex,
    {
      name: 'no-cycles',
      comment: 'two files that need each other are one file, or a third is missing',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'known-rooms',
      comment: 'a new room gets its row in dependency-cruiser.config.mjs and in ARCHITECTURE.md',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: inside(rooms) },
    },
    {
      name: 'known-rooms-only-import',
      comment: 'a new room gets its row in dependency-cruiser.config.mjs and in ARCHITECTURE.md',
      severity: 'error',
      from: { path: '^src/', pathNot: inside(rooms) },
      to: {},
    },
    {
      name: 'no-tests-in-source',
      comment: 'what ships does not depend on tests, fixtures or benchmarks',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|demo|fixtures|bench)/' },
    },
    {
      name: 'declared-dependencies',
      comment: 'what ships imports only what package.json lists under dependencies',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: 'node_modules/@types/' },
    },
    {
      name: 'resolvable',
      comment: 'the imported file or package is not there',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // Imports of types count: a stage that needs a later stage's record points the wrong way too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
