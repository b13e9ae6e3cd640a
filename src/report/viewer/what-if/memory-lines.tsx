/** Live bytes in the activations' memory, layer by layer: as it is and as it would be. */
import { printChange, printQuantity } from '../../../units.ts';
import type { MemoryTimeline } from '../../report.ts';
import { ForeignName } from '../shell/words.tsx';

const [width, height] = [600, 120];

interface Props {
  readonly now: MemoryTimeline | null;
  readonly edited: MemoryTimeline | null;
}

export function MemoryLines({ now, edited }: Props) {
  if (now === null || edited === null || edited.points.length < 2) return null;
  const most = Math.max(now.peakBytes, edited.peakBytes, 1);
  const change = edited.peakBytes / Math.max(1, now.peakBytes) - 1;
  const peaks = `${printQuantity(now.peakBytes, 'memory')} → ${printQuantity(edited.peakBytes, 'memory')}`;
  const words = `Peak of ${edited.memory}: ${peaks}${change === 0 ? '' : ` (${printChange(change)})`}`;
  return (
    <figure class="what-if-memory">
      <figcaption>
        {words}
        {edited.peakLayer === null ? null : (
          <>
            {' '}
            at <ForeignName name={edited.peakLayer} longest={48} />
          </>
        )}
        <span class="what-if-key now">now</span>
        <span class="what-if-key edited">edited</span>
      </figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={words}>
        <path class="now" d={steps(now, most)} />
        <path class="edited" d={steps(edited, most)} />
      </svg>
    </figure>
  );
}

/** A level for each layer. */
function steps({ points }: MemoryTimeline, most: number): string {
  const step = width / points.length;
  const level = (bytes: number): string => (height - 2 - (bytes / most) * (height - 4)).toFixed(1);
  const parts = points.map(({ liveBytes }, index) => `V${level(liveBytes)}H${((index + 1) * step).toFixed(1)}`);
  return `M0 ${level(0)}${parts.join('')}`;
}
