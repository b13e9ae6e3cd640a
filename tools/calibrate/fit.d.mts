/** Seconds where all factors are 1, and the parameters that they hang on: proportionally (1) or inversely (-1). */
export interface Part {
  readonly seconds: number;
  readonly factors: readonly (readonly [parameter: string, sign: 1 | -1])[];
}

export interface Case {
  readonly measured: number;
  readonly weight: number;
  readonly parts: readonly Part[];
}

export interface Prior {
  readonly block: string;
  readonly mean: number;
  readonly spread: number;
  readonly limit: number;
}

export function fitFactors(cases: readonly Case[], priors: ReadonlyMap<string, Prior>): ReadonlyMap<string, number>;
export function predict(one: Pick<Case, 'parts'>, factors: ReadonlyMap<string, number>): number;
