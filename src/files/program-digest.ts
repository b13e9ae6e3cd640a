/** Which program this is: what it computed before holds for the very same code only. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { programFolder } from '../assets.ts';

let digest: string | undefined;

/** What report pages hold shows results and computes none of them. */
const isOfPages = /^viewer(-worker)?\.js$/;

/** Of the code in the folder of the bundle. */
export function programDigest(): string {
  digest ??= computed();
  return digest;
}

function computed(): string {
  const hash = createHash('sha256');
  const names = readdirSync(programFolder).filter((name) => /\.[jt]s$/.test(name) && !isOfPages.test(name));
  for (const name of names.sort())
    hash
      .update(name)
      .update('\0')
      .update(readFileSync(new URL(name, programFolder)));
  return hash.digest('hex');
}
