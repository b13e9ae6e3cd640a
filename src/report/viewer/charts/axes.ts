/** Without words at both ends, where an axis ends at no round number. */
export function withoutEnds(axis: object): object {
  const { axisLabel } = axis as { readonly axisLabel?: object };
  return { ...axis, axisLabel: { ...axisLabel, showMinLabel: false, showMaxLabel: false } };
}
