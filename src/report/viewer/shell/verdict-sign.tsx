/** Verdicts as drawn signs: fonts with the symbols of the comment are not everywhere. Whoever copies the text copies the symbol. */
import type { Verdict } from '../../../compare/comparison.ts';
import { verdictSymbols } from '../../ranking.ts';
import { verdictNames } from './verdict-names.ts';

type Sign = Verdict | 'info';

/** In a square of 16. */
const shapes: Readonly<Record<Sign, { readonly ground: string; readonly lines: string }>> = {
  pass: { ground: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1z', lines: 'M4.6 8.3l2.3 2.3 4.5-5' },
  waived: {
    ground: 'M3 1.5h10A1.5 1.5 0 0 1 14.5 3v10a1.5 1.5 0 0 1-1.5 1.5H3A1.5 1.5 0 0 1 1.5 13V3A1.5 1.5 0 0 1 3 1.5z',
    lines: 'M4.6 8.3l2.3 2.3 4.5-5',
  },
  warn: { ground: 'M8 1.2l7.3 13.3H.7z', lines: 'M8 6v4M8 12.1v.4' },
  'not-measured': {
    ground: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1z',
    lines: 'M5.9 6.2a2.1 2.1 0 1 1 2.9 2c-.6.3-.8.6-.8 1.3M8 11.7v.4',
  },
  fail: { ground: 'M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z', lines: 'M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4' },
  info: { ground: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1z', lines: 'M8 7.3v4.2M8 4.5v.4' },
};

const signs = new Map<string, Sign>([
  ...(Object.entries(verdictSymbols) as [Verdict, string][]).map(([verdict, symbol]) => [symbol, verdict] as const),
  ['ℹ️', 'info'],
]);

const anySymbol = new RegExp(`(${[...signs.keys()].join('|')})`, 'u');

export function hasSign(text: string): boolean {
  return anySymbol.test(text);
}

/** A text of the program's own, its symbols drawn. */
export function TextWithSigns({ text }: { readonly text: string }) {
  return (
    <>
      {text.split(anySymbol).map((part, index) => {
        const sign = signs.get(part);
        return sign === undefined ? part : <VerdictSign key={index} sign={sign} symbol={part} />;
      })}
    </>
  );
}

function VerdictSign({ sign, symbol }: { readonly sign: Sign; readonly symbol: string }) {
  const { ground, lines } = shapes[sign];
  return (
    <span class={`verdict-sign sign-${sign}`} role="img" aria-label={sign === 'info' ? 'note' : verdictNames[sign]}>
      <span class="symbol">{symbol}</span>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path class="ground" d={ground} />
        <path class="lines" d={lines} />
      </svg>
    </span>
  );
}
