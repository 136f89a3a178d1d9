// The doctor's findings as a page: problems first, each with what to do, and links to what helps.
import { t } from '@vscode/l10n';
import type { Finding } from '../../engine/engine';
import { doctorHeading, doctorReport, doctorSummary, LEVELS, withoutHome } from './doctor';
import { commandLink, escaped } from './html';

/** The body of the page. Paths below `home` are shortened to ~. */
export function doctorPage(findings: readonly Finding[], project: string, home: string): string {
  const sections = LEVELS.flatMap((level) => {
    const found = findings.filter((finding) => finding.level === level);
    return found.length === 0 ? [] : [`<h2>${escaped(doctorHeading(level))} (${found.length})</h2>`, ...found.map(section)];
  });
  const page = [
    `<h1>${escaped(t('Doctor report: {0}', project))}</h1>`,
    `<p class="lead">${escaped(doctorSummary(findings))}</p>`,
    `<nav>${[
      commandLink(t('Check Again'), 'patsBackup.doctor'),
      commandLink(t('Copy Report'), COPY_REPORT, doctorReport(findings, project, home)),
      commandLink(t('Choose Database...'), 'patsBackup.chooseDatabase'),
      commandLink(t('Verify All'), 'patsBackup.verifyAll'),
      commandLink(t('Preview Prune...'), 'patsBackup.previewPrune'),
      commandLink(t('Open Settings'), 'patsBackup.openSettings'),
    ].join('')}</nav>`,
    ...sections,
  ];
  return withoutHome(page.join('\n'), home);
}

/** Copies the report that the link carries. */
export const COPY_REPORT = 'patsBackup.copyDoctorReport';

function section({ level, topic, message, remedy }: Finding): string {
  const what = `<p><strong>${escaped(topic)}</strong>: ${escaped(message)}</p>`;
  return `<section class="${level}">${what}${remedy === '' ? '' : `<p>${escaped(t('What to do: {0}', remedy))}</p>`}</section>`;
}
