// One thing that the doctor looked at, and how it is written down.
import { reportOf } from '../errors';

export interface Finding {
  readonly topic: string;
  readonly level: 'ok' | 'warning' | 'problem';
  readonly message: string;
  /** What to do; empty when all is well. */
  readonly remedy: string;
}

export const ok = (topic: string, message: string): Finding => ({ topic, level: 'ok', message, remedy: '' });
export const warning = (topic: string, message: string, remedy: string): Finding => ({ topic, level: 'warning', message, remedy });
export const problem = (topic: string, message: string, remedy: string): Finding => ({ topic, level: 'problem', message, remedy });

/** A check that failed itself. */
export function failed(topic: string, error: unknown): Finding {
  const { message, remedy } = reportOf(error);
  return problem(topic, message, remedy);
}
