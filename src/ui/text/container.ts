// A running compose service in the question before a restore.
import type { Container } from '../../engine/engine';
import { t } from '@vscode/l10n';
import type { Question } from './restore';

export interface ContainerQuestion extends Question {
  /** The button that stops the service around the restore; absent: there is nothing to stop. */
  readonly stopping?: string;
}

/** The question with what is known about the service that mounts the database. */
export function withContainer(question: Question, container: Container | null): ContainerQuestion {
  if (container === null || container.running === false || container.isStoppedByRestore === true) {
    return question;
  }
  const { service, stop, locksMayNotCross, running } = container;
  const lines = [
    running === true
      ? t('The compose service “{0}” mounts this database and is running.', service)
      : t('The compose service “{0}” mounts this database; could not tell whether it is running. Stop it with: {1}', service, stop),
    ...(locksMayNotCross ? [t('SQLite’s locks may not work across the container’s boundary. Stop the container while you restore.')] : []),
  ];
  const detail = [question.detail, '', ...lines].join('\n');
  return running === true ? { ...question, detail, stopping: t('Stop, Restore and Start Again') } : { ...question, detail };
}
