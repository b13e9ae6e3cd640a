/** Where results and remarks go: results to a file or standard output, remarks to standard error. */
import { writeFileSync, writeSync } from 'node:fs';
import { UserError } from '../errors.ts';
import { visibleLines } from '../report/inert.ts';
import { reasonOf } from '../files/file-source.ts';

/** Writes the whole text at once: either all of it is in the file, or the run failed. */
export function writeOutput(text: string, file: string | undefined): void {
  const end = text.endsWith('\n') ? '' : '\n';
  if (file === undefined) {
    writeAll(1, text);
    writeAll(1, end);
    return;
  }
  try {
    writeFileSync(file, text + end);
  } catch (error) {
    throw new UserError(`--output ${file}: ${reasonOf(error)}`);
  }
}

/** One line on standard error. It may hold names from files: nothing of them acts on a terminal or a CI log. */
export function remark(line: string): void {
  remarkLines(line.replace(/[\r\n]+/g, ' '));
}

export function remarkLines(text: string): void {
  writeAll(2, `${visibleLines(text.trimEnd())}\n`);
}

/** Encoded at a time: the documents of large models are not held twice. */
const pieceBytes = 1_048_576;

/** Synchronous, so that `process.exit` cuts nothing off; a reader that went away (`| head`) is no error. */
function writeAll(descriptor: number, text: string): void {
  const encoder = new TextEncoder();
  const piece = new Uint8Array(Math.min(pieceBytes, 3 * text.length));
  for (let from = 0; from < text.length;) {
    const end = from + pieceBytes;
    // Not between the halves of a character.
    const isWhole = end >= text.length || !/[\ud800-\udbff]/.test(text.charAt(end - 1));
    const { read, written } = encoder.encodeInto(text.slice(from, isWhole ? end : end - 1), piece);
    if (!writePiece(descriptor, piece.subarray(0, written))) return;
    from += read;
  }
}

/** False: nobody reads on. */
function writePiece(descriptor: number, bytes: Uint8Array): boolean {
  let done = 0;
  while (done < bytes.byteLength) {
    try {
      done += writeSync(descriptor, bytes, done);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EPIPE') return false;
      if (code !== 'EAGAIN') throw error;
    }
  }
  return true;
}
