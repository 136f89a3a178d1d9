// Sizes for people.
const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** "0 B", "820 B", "1.4 MB": three significant digits at most. */
export function sizeText(bytes: number, locale = 'en'): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value)} ${UNITS[unit] ?? ''}`;
}
