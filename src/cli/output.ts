/** Where results and remarks go: results to a file or standard output, remarks to standard error. */
import { writeFileSync, writeSync } from 'node:fs';
import { UserError } from '../errors.ts';
import { visibleLines } from '../report/inert.ts';
import { reasonOf } from '../files/file-source.ts';

/** Writes the whole text at once: either all of it is in the file, or the run failed. */
export function writeOutput(text: string, file: string | undefined): void {
  const ended = text.endsWith('\n') ? text : `${text}\n`;
  if (file === undefined) {
    writeAll(1, ended);
    return;
  }
  try {
    writeFileSync(file, ended);
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

/** Synchronous, so that `process.exit` cuts nothing off; a reader that went away (`| head`) is no error. */
function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  let done = 0;
  while (done < bytes.byteLength) {
    try {
      done += writeSync(descriptor, bytes, done);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw error;
    }
  }
}
