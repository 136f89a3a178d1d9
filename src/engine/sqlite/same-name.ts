// When two names of tables or columns are one to SQLite: it folds A to Z, and no other letter.

/** Equal for names that are one (https://www.sqlite.org/c3ref/stricmp.html); not to be shown. */
export function folded(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

export function isSameName(one: string, other: string): boolean {
  return folded(one) === folded(other);
}
