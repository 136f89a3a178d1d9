// An option that may be given several times.

/** The values so far and one more, as commander asks for it. */
export function repeated(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}
