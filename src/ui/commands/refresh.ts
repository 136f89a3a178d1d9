// "Refresh": reads the backups folders again.
import type { Parts } from '../window/parts';
import type { Handler } from './handler';

export function refresh({ backups }: Parts): Handler {
  return () => {
    backups.refresh();
  };
}
