/** For people: how far the outputs of the edited model are from the original's. */
import type { OutputError, Verification, Verified } from '../measure/verification.ts';
import { list, paragraph, table, type Block } from './page.ts';
import { joined, named, said, type Phrase } from './phrase.ts';

const shownOutputs = 20;
const namedWeights = 6;

export function verificationBlocks(verification: Verification | undefined): readonly Block[] {
  if (verification === undefined) return [];
  if ('reason' in verification) return [paragraph('Not verified: ', said(verification.reason), '.')];
  const { outputs, weights, runtime, runs, inputs } = verification;
  const more = outputs.length - shownOutputs;
  return [
    paragraph(
      `Outputs with ${weights} edited ${weights === 1 ? 'weight' : 'weights'}, ${runs} ${runs === 1 ? 'run' : 'runs'} on `,
      /^random \(seed \d+\)$/.test(inputs) ? inputs : named(inputs),
      ` in ${runtime}`,
    ),
    table(['output', '>SQNR', '>cosine', ''], outputs.slice(0, shownOutputs).map(outputRow)),
    ...(more > 0 ? [paragraph(`${more} more outputs are in the JSON.`)] : []),
    ...notes(verification),
  ];
}

function outputRow({ name, sqnrDecibels, cosine, reason }: OutputError): readonly Phrase[] {
  const unknown = reason === undefined ? 'equal' : '?';
  return [
    [named(name, 48)],
    [sqnrDecibels === null ? unknown : `${sqnrDecibels.toFixed(1)} dB`],
    [cosine === null ? '–' : cosine.toFixed(6)],
    reason === undefined ? [] : [said(reason)],
  ];
}

function notes({ activations, integerInputs, left }: Verified): readonly Block[] {
  const items: Phrase[] = [];
  if (activations === 'not quantized') {
    items.push(['activations were not quantized: what the edit rounds of them comes on top']);
  }
  for (const { name, largest } of integerInputs) {
    items.push([named(name, 48), `: random whole numbers from 0 to ${largest}`]);
  }
  const byReason = new Map<string, string[]>();
  for (const { weight, reason } of left) byReason.set(reason, [...(byReason.get(reason) ?? []), weight]);
  for (const [reason, weights] of byReason) {
    const names = weights.slice(0, namedWeights).map((weight): Phrase => [named(weight, 48)]);
    const others = weights.length > namedWeights ? ` and ${weights.length - namedWeights} more` : '';
    items.push(['run as the file has it: ', ...joined(names, ', '), others, ': ', said(reason)]);
  }
  return items.length === 0 ? [] : [list(items)];
}
