/** Waivers as a file: a JSON list of the records that `compare/comparison.ts` describes, as a report has them. */
import { z } from 'zod';
import { budgetMetrics, type Waiver } from '../compare/comparison.ts';
import { UserError } from '../errors.ts';
import { readLocalFile } from '../files/hardware.ts';

const date = z.string().regex(/^\d{4}-\d{2}-\d{2}/, 'a date as 2026-01-31');

const waiverSchema = z.strictObject({
  id: z.string(),
  who: z.string(),
  when: date,
  why: z.string(),
  until: date,
  metric: z.enum(budgetMetrics),
  model: z.string().exactOptional(),
  target: z.string().exactOptional(),
  values: z.array(
    z.strictObject({ model: z.string(), target: z.string(), layer: z.string().exactOptional(), actual: z.number() }),
  ),
});

export function readWaivers(path: string): readonly Waiver[] {
  const result = z.array(waiverSchema).safeParse(parsed(path));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new UserError(`${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a list of waivers'}`);
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readLocalFile(path));
  } catch (error) {
    if (error instanceof SyntaxError) throw new UserError(`${path}: not JSON: ${error.message}`);
    throw error;
  }
}
