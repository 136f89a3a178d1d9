// Why this database was chosen, and what is not protected.
import { shown } from '../project/paths';
import type { Discovery } from '../project/project';
import { ok, warning, type Finding } from './finding';
import { inRow, said } from '../said';

/** Why this database, and why not the others. */
export function aboutChoice({ project: { root }, candidates, question, notProtected, uploadsLookLike }: Discovery): Finding[] {
  const topic = 'Choice';
  const named = (path: string, reasons: readonly string[]): string => said`${shown(path, root)}: ${inRow(reasons, '; ')}.`;
  const chosen = candidates.find((each) => each.chosen);
  const others = candidates.filter((each) => !each.chosen).map(({ path, reasons }) => named(path, reasons));
  return [
    ...(question === null
      ? []
      : [
          warning(
            topic,
            said`${question} These were considered. ${inRow(others, ' ')}`,
            'Choose one with --database, or keep the choice as patsBackup.database in .vscode/settings.json.',
          ),
        ]),
    ...(chosen === undefined
      ? []
      : [ok(topic, [named(chosen.path, chosen.reasons), ...(others.length > 0 ? ['Not chosen:', ...others] : [])].join(' '))]),
    ...(notProtected.length === 0
      ? []
      : [
          warning(
            topic,
            said`Not protected: ${notProtected.map((path) => shown(path, root)).join(', ')}.`,
            'Nothing, if they can be made again. Backups hold one database: choose it with patsBackup.database.',
          ),
        ]),
    ...(uploadsLookLike.length === 0
      ? []
      : [
          warning(
            'Uploads',
            said`These folders look like uploads, but no backup holds them: ${uploadsLookLike.map((path) => shown(path, root)).join(', ')}.`,
            'Name the folders with uploads in patsBackup.uploads.',
          ),
        ]),
  ];
}
