// "Show Log": what was done, and the causes of what failed.
import type { Parts } from '../window/parts';
import type { Handler } from './handler';

export function showLog({ log }: Parts): Handler {
  return () => {
    log.show();
  };
}
