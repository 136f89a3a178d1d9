// Numbers, sizes, times and revisions in words.
const UNITS = ['KB', 'MB', 'GB', 'TB', 'PB'];
const SPANS = [
  { unit: 'year', seconds: 31_557_600 },
  { unit: 'month', seconds: 2_629_800 },
  { unit: 'week', seconds: 604_800 },
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3600 },
  { unit: 'minute', seconds: 60 },
] as const;

/** "512 B", "1.4 MB": three digits at most, in units of 1024. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) {
    return `${bytes} B`;
  }
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${UNITS[unit] ?? ''}`;
}

/** "2 hours ago", "yesterday"; "just now" within a minute and for clocks that run a little ahead. */
export function ageText(iso: string, now: Date): string {
  const seconds = (now.getTime() - new Date(iso).getTime()) / 1000;
  if (Number.isNaN(seconds)) {
    return 'at an unknown time';
  }
  const span = SPANS.find((candidate) => Math.abs(seconds) >= candidate.seconds);
  return span ? spanText(Math.round(seconds / span.seconds), span.unit) : 'just now';
}

/** What `Intl.RelativeTimeFormat` says, whose data takes a while to load. */
function spanText(ago: number, unit: (typeof SPANS)[number]['unit']): string {
  const count = Math.abs(ago);
  if (count === 1 && unit !== 'hour' && unit !== 'minute') {
    return unit === 'day' ? (ago > 0 ? 'yesterday' : 'tomorrow') : `${ago > 0 ? 'last' : 'next'} ${unit}`;
  }
  const span = countOf(count, unit);
  return ago > 0 ? `${span} ago` : `in ${span}`;
}

/** "2026-01-31 14:05:09" in local time. */
export function timeText(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) {
    return iso;
  }
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** "1 file", "1,204 files". */
export function countOf(count: number, noun: string): string {
  // The language's data takes a while to load; small numbers need none.
  return `${count < 1000 ? String(count) : count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** Revisions as one word; "none" when there is none. */
export function revisionText(revisions: readonly string[]): string {
  return revisions.length > 0 ? revisions.join(', ') : 'none';
}

export { printable } from '../../engine/limits/printable';
