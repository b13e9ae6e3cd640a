/** Which lines a change added or rewrote, read from the patches that GitHub gives with its lists of files. */

/** By path in the head: numbers of lines, from 1. */
export type ChangedLines = ReadonlyMap<string, ReadonlySet<number>>;

interface PatchedFile {
  readonly filename: string;
  readonly patch?: string;
}

/** Of Python files, which are all that anybody asks for. */
export function changedLinesOf(files: readonly PatchedFile[]): ChangedLines {
  return new Map(
    files.flatMap(({ filename, patch }) =>
      patch !== undefined && filename.endsWith('.py') ? [[filename, addedLines(patch)] as const] : [],
    ),
  );
}

/** Where a hunk's lines begin in the new file: `@@ -10,3 +12,8 @@ def forward`. */
const hunk = /^@@ -\d{1,9}(?:,\d{1,9})? \+(\d{1,9})(?:,\d{1,9})? @@/;

/** A patch that is cut somewhere gives the lines up to there. */
export function addedLines(patch: string): ReadonlySet<number> {
  const added = new Set<number>();
  let line: number | undefined;
  for (const text of patch.split('\n')) {
    const start = hunk.exec(text)?.[1];
    if (start !== undefined) line = Number(start);
    else if (line !== undefined && (text.startsWith('+') || text.startsWith(' '))) {
      if (text.startsWith('+')) added.add(line);
      line += 1;
    }
  }
  return added;
}
