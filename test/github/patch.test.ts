import { describe, expect, test } from 'vitest';
import { addedLines, changedLinesOf } from '../../src/github/patch.ts';

const patch = `@@ -1,4 +1,5 @@
 import torch
-old
+new
+@@ -1 +900 @@
 same
 last
@@ -10 +11,2 @@ class Net:
+  added
   kept
\\ No newline at end of file`;

describe('the lines that a patch adds', () => {
  test('are counted in the new file, hunk by hunk', () => {
    expect([...addedLines(patch)]).toEqual([2, 3, 11]);
  });

  test('of a patch that is cut are those up to there; of none, none', () => {
    expect([...addedLines(patch.slice(0, 38))]).toEqual([2]);
    expect([...addedLines('+ no hunk\n+'), ...addedLines('')]).toEqual([]);
  });

  test('are kept of Python files that have a patch', () => {
    const files = [{ filename: 'a.py', patch }, { filename: 'large.py' }, { filename: 'a.txt', patch }];
    expect([...changedLinesOf(files).keys()]).toEqual(['a.py']);
  });
});
