// Times for people: how long ago, and the exact moment.
const STEPS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** "5 minutes ago", narrow "5m ago"; under a minute, and for clocks that disagree a little, "now". */
export function relativeTime(time: Date, now: Date, locale = 'en', style: 'long' | 'narrow' = 'long'): string {
  const seconds = (time.getTime() - now.getTime()) / 1000;
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style });
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) {
      return format.format(Math.trunc(seconds / length), unit);
    }
  }
  return format.format(0, 'second');
}

/** Date and time as the locale writes them. */
export function exactTime(time: Date, locale = 'en'): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(time);
}

/** A manifest's moment: `created_at`, or its local `timestamp` when that says nothing; null when neither does. */
export function momentOf(manifest: { readonly created_at: string; readonly timestamp: string }): Date | null {
  const created = new Date(manifest.created_at);
  if (!Number.isNaN(created.getTime())) {
    return created;
  }
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)$/.exec(manifest.timestamp) ?? [];
  const local = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}`);
  return Number.isNaN(local.getTime()) ? null : local;
}
