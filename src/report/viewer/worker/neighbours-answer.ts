/** The files that `diff --format netron|model-explorer|trace` writes, of one model on one target. */
import { UserError } from '../../../errors.ts';
import { neighbourFiles } from '../../neighbours/index.ts';
import type { NeighbourSide } from '../../neighbours/neighbour.ts';
import type { Answers, Place, Question, SideName } from './protocol.ts';
import { modelAt, targetAt, type Session } from './session.ts';

export function neighboursAnswer(
  session: Session,
  { place, format, rows }: Extract<Question, { kind: 'neighbours' }>,
): Answers['neighbours'] {
  const { path } = modelAt(session.models, place);
  const { id: target } = targetAt(session.models, place);
  const [base, head] = [sideOf(session, place, 'base'), sideOf(session, place, 'head')];
  return { files: neighbourFiles(format, { path, target, rows, base, head }) };
}

function sideOf({ models, simulated }: Session, place: Place, name: SideName): NeighbourSide | null {
  const { [name]: side } = modelAt(models, place);
  if (side === null) return null;
  try {
    return { model: side.prepared.model, schedule: simulated(place, name).schedule };
  } catch (error) {
    // Not on this target: the other version has its files all the same.
    if (error instanceof UserError) return null;
    throw error;
  }
}
