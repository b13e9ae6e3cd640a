/** Without words at the ends, where an axis ends at no round number. */
export function withoutEnds(axis: object, showMinLabel = false): object {
  const { axisLabel } = axis as { readonly axisLabel?: object };
  return { ...axis, axisLabel: { ...axisLabel, showMinLabel, showMaxLabel: false } };
}
