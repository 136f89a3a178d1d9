// The engine as the window hears it in a language other than English: its sentences are translated where they come in.
import { readFileSync } from 'node:fs';
import type { Engine } from '../../engine/engine';
import { BackupError, type ErrorChoice } from '../../engine/errors';
import { translator, type Catalogue } from '../text/sentences';

/** Fields of results whose text was written by the engine for people; names, paths and notes are never touched. */
const SAID = new Set([
  'actions',
  'commandProblem',
  'halfApplied',
  'message',
  'problems',
  'reason',
  'reasons',
  'remedy',
  'searched',
  'topic',
  'unkept',
]);

/**
 * `file`: the catalogue of the language, read with the first answer; without it nothing is translated. What the engine itself
 * writes to the log stays English.
 */
export function translatedEngine(engine: Engine, file: string): Engine {
  let say: ((text: string) => string) | undefined;
  const translate = (text: string): string => (say ??= translator(catalogueOf(file)))(text);
  return new Proxy(engine, {
    get: (target, name: keyof Engine) => {
      const method = target[name].bind(target) as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        try {
          return translatedResult(await method(...args), translate);
        } catch (error) {
          throw error instanceof BackupError ? translatedError(error, translate) : error;
        }
      };
    },
  });
}

function translatedError(error: BackupError, translate: (text: string) => string): BackupError {
  const choices = error.choices?.map(({ path, reasons }): ErrorChoice => ({ path, reasons: reasons.map(translate) }));
  return new BackupError(error.code, translate(error.message), translate(error.remedy), { cause: error, choices });
}

/** A copy in which the engine's own words are translated. */
function translatedResult(value: unknown, translate: (text: string) => string, isSaid = false): unknown {
  if (typeof value === 'string') {
    return isSaid ? translate(value) : value;
  }
  if (Array.isArray(value)) {
    return value.map((each) => translatedResult(each, translate, isSaid));
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, translatedResult(each, translate, SAID.has(key))]));
}

/** Without such a file the sentences stay English. */
function catalogueOf(file: string): Catalogue {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Catalogue;
  } catch {
    return {};
  }
}
