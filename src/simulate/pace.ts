/** How fast inferences can follow each other on a pipeline of layers. */
import type { Schedule } from '../schedule/schedule.ts';
import { computeTerms } from './compute.ts';
import { unitOf } from './kernel-time.ts';

/**
 * The sum of what the arithmetic of the layers on dataflow units would take on the whole chip; see `pipeline.ts`. Weights
 * that are loaded for every image stop the pipeline and are not part of its pace. 0 on other targets.
 */
export function paceOf({ target, kernels }: Schedule): number {
  return kernels.reduce((sum, kernel) => {
    const unit = unitOf(target, kernel.unit);
    if (unit.kind !== 'dataflow') return sum;
    const terms = computeTerms(kernel, { unit, type: kernel.type, target });
    return terms.reduce((total, { seconds }) => total + seconds, sum);
  }, 0);
}
