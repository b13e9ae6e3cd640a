/** Which translation an operator code has. */
import type { GraphReading } from './subgraph.ts';
import { controlTranslations } from './control.ts';
import { customTranslations } from './custom.ts';
import { elementwiseTranslations } from './elementwise.ts';
import { imageTranslations } from './image.ts';
import { movementTranslations } from './movement.ts';
import { own as ownOperator, type Translate } from './operator.ts';
import { recurrentTranslations } from './recurrent.ts';
import { otherTranslations } from './stablehlo.ts';

const customCode = 32;

const translations: ReadonlyMap<number, Translate> = new Map([
  ...imageTranslations,
  ...elementwiseTranslations,
  ...movementTranslations,
  ...recurrentTranslations,
  ...controlTranslations,
  ...otherTranslations,
]);

export function translationOf({ code, customName }: GraphReading['codes'][number]): Translate {
  const known = code === customCode ? customTranslations.get(customName) : translations.get(code);
  return known ?? unknownOperator;
}

const unknownOperator: Translate = (operator) => {
  const isCustom = operator.code === customCode;
  const name = isCustom ? operator.customName || 'unnamed' : `BUILTIN_${operator.code}`;
  const [node] = ownOperator(name)(operator);
  return [isCustom ? { ...node!, domain: 'custom' } : node!];
};
