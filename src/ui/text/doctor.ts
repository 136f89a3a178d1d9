// The doctor's report in words: by level, each with what to do, and without the name of the user's home.
import { t } from '@vscode/l10n';
import type { Finding } from '../../engine/engine';

/** In the order of the report. */
export const LEVELS: readonly Finding['level'][] = ['problem', 'warning', 'ok'];

/** The whole report; problems first. Paths below `home` are shortened to ~. */
export function doctorReport(findings: readonly Finding[], project: string, home: string): string {
  const sections = LEVELS.flatMap((level) => {
    const found = findings.filter((finding) => finding.level === level);
    return found.length === 0 ? [] : [[`## ${doctorHeading(level)} (${found.length})`, '', ...found.flatMap(lines)].join('\n')];
  });
  const report = [`# ${t('PATS Backup: Doctor')}: ${project}`, doctorSummary(findings), ...sections].join('\n\n');
  return `${withoutHome(report, home)}\n`;
}

/** "1 problem, 2 warnings", or that all is well. */
export function doctorSummary(findings: readonly Finding[]): string {
  const problems = findings.filter(({ level }) => level === 'problem').length;
  const warnings = findings.filter(({ level }) => level === 'warning').length;
  if (problems + warnings === 0) {
    return t('No problems found. You can back up and restore this project.');
  }
  const problemsText = problems === 1 ? t('1 problem') : t('{0} problems', problems);
  const warningsText = warnings === 1 ? t('1 warning') : t('{0} warnings', warnings);
  return t('{0}, {1}.', problemsText, warningsText);
}

/** The text with every path below `home` shortened. */
export function withoutHome(text: string, home: string): string {
  const short = home.replace(/[/\\]+$/, '');
  if (short === '') {
    return text;
  }
  const escaped = short.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return text.replaceAll(new RegExp(`${escaped}(?=[/\\\\]|[^\\w-]|$)`, 'g'), '~');
}

/** The words above the findings of a level. */
export function doctorHeading(level: Finding['level']): string {
  switch (level) {
    case 'problem':
      return t('Problems');
    case 'warning':
      return t('Warnings');
    case 'ok':
      return t('OK');
  }
}

function lines({ topic, message, remedy }: Finding): string[] {
  return [`- ${topic}: ${message}`, ...(remedy === '' ? [] : [`  ${t('What to do: {0}', remedy)}`])];
}
