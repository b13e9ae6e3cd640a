/** A name in as much room as there is: the parts of its path that tell most, else as much of both ends as possible. */
import { textPixels } from '../../chart/font-widths.ts';
import { visibleName } from '../../inert.ts';
import { ellipsisAt, fittingStretches, type Stretch } from '../../path-parts.ts';

interface CutNameProps {
  readonly name: string;
  /** In sizes of the font. */
  readonly room: number;
}

/** What is left out stays in the page: for who listens, searches or copies. */
export function CutName({ name, room }: CutNameProps) {
  const shown = visibleName(name, longestName);
  const stretches = fittingStretches(shown, (text) => textPixels(text, 1) <= room);
  return (
    <bdi class="cut-name" title={visibleName(name, 1000)}>
      {stretches === undefined ? <Ends text={shown} /> : stretches.map(stretchOf)}
    </bdi>
  );
}

function stretchOf({ text, isShown }: Stretch, index: number) {
  return isShown ? (
    <span key={index} class="part">
      {text}
    </span>
  ) : (
    <span key={index} class="left-out" data-ellipsis={ellipsisAt(index)}>
      {text}
    </span>
  );
}

function Ends({ text }: { readonly text: string }) {
  const characters = Array.from(text);
  return (
    <>
      <span class="part">{characters.slice(0, -tailLength).join('')}</span>
      <span class="part end">{characters.slice(-tailLength).join('')}</span>
    </>
  );
}

const longestName = 300;
const tailLength = 12;
