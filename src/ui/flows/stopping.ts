// Asks before the database is replaced, and stops the compose service that mounts it meanwhile if the user wants that.
import * as vscode from 'vscode';
import type { Container, ProjectRequest } from '../../engine/engine';
import { cancelled } from '../../engine/errors';
import { logFailure, showFailure } from '../window/failure';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import { withContainer } from '../text/container';
import type { Question } from '../text/restore';

/** Runs work as the user chose: beside the running application, or while its service is stopped. */
export type Around = <T>(request: ProjectRequest, work: (isStopped: boolean) => Promise<T>) => Promise<T>;

/** Resolves when the user agreed, with the way in which the work is to run; rejects with CANCELLED otherwise. */
export async function confirmedReplacing(
  parts: Parts,
  project: OpenProject,
  question: Question,
  showMore?: () => Promise<unknown>,
): Promise<Around> {
  const container = await containerOf(parts, project);
  const { message, detail, button, stopping } = withContainer(question, container);
  const { more } = question;
  const buttons = [button, ...(stopping === undefined ? [] : [stopping]), ...(more === undefined ? [] : [more])];
  const choice = await vscode.window.showWarningMessage(message, { modal: true, detail }, ...buttons);
  if (choice !== undefined && choice === more) {
    await showMore?.();
  }
  if (choice === undefined || choice === more) {
    throw cancelled();
  }
  return choice === button ? (_request, work) => work(false) : (request, work) => stoppedMeanwhile(parts, request, work);
}

/** The service that mounts the database; null also when that cannot be found out. */
async function containerOf({ engine, projects, log }: Parts, project: OpenProject): Promise<Container | null> {
  try {
    return await engine.container(projects.requestOf(project));
  } catch (error) {
    logFailure(log, 'container', error);
    return null;
  }
}

/** Does the work while the service is stopped, and starts it again whatever comes of the work. */
async function stoppedMeanwhile<T>({ engine, log }: Parts, request: ProjectRequest, work: (isStopped: boolean) => Promise<T>): Promise<T> {
  await engine.switchContainer(request, { action: 'stop' });
  log.info('stopped the compose service');
  try {
    return await work(true);
  } finally {
    // Whatever came of the work is what the command tells; that the service stands still is told beside it.
    await engine.switchContainer(request, { action: 'start' }).then(
      () => {
        log.info('started the compose service');
      },
      (failure: unknown) => {
        showFailure(log, 'start the compose service', failure);
      },
    );
  }
}
