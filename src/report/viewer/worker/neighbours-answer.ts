/** The files that `diff --format netron|model-explorer|trace` writes, of one model on one target. */
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
  return side === null ? null : { model: side.prepared.model, schedule: simulated(place, name).schedule };
}
