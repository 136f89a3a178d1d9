// The stretch of time by which lists are divided: today, yesterday, this week, and so on back.
import { t } from '@vscode/l10n';
import type { Reader } from './reader';

export interface Period {
  /** The same for the same stretch, in every language. */
  readonly key: string;
  readonly label: string;
}

/** By the reader's calendar; weeks begin on Monday (ISO 8601). What lies ahead counts as today. */
export function periodOf(time: Date, { now, locale }: Reader): Period {
  const days = Math.round((midnight(now).getTime() - midnight(time).getTime()) / 86_400_000);
  // Days since the last Monday.
  const weekday = (now.getDay() + 6) % 7;
  if (days <= 0) {
    return { key: 'today', label: t('Today') };
  }
  if (days === 1) {
    return { key: 'yesterday', label: t('Yesterday') };
  }
  if (days <= weekday) {
    return { key: 'week', label: t('This Week') };
  }
  if (days <= weekday + 7) {
    return { key: 'last-week', label: t('Last Week') };
  }
  const year = time.getFullYear();
  const month = time.getMonth();
  if (year === now.getFullYear() && month === now.getMonth()) {
    return { key: 'month', label: t('This Month') };
  }
  return { key: `${year}-${month + 1}`, label: new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric' }).format(time) };
}

function midnight(time: Date): Date {
  return new Date(time.getFullYear(), time.getMonth(), time.getDate());
}
