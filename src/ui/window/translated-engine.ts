// The engine as the window hears it in a language other than English: its sentences are translated where they come in.
import { readFileSync } from 'node:fs';
import type { Engine } from '../../engine/engine';
import { BackupError, type ErrorChoice } from '../../engine/errors';
import { eachSaid } from '../../engine/words';
import { translator, type Catalogue } from '../text/sentences';

/** Where a catalogue of sentences lies, and for which language. */
export interface Speech {
  readonly file: string;
  readonly language: string;
}

/**
 * The catalogue is read with the first answer; without it nothing is translated. What the engine itself writes to the log stays
 * English.
 */
export function translatedEngine(engine: Engine, { file, language }: Speech): Engine {
  let say: ((text: string) => string) | undefined;
  const translate = (text: string): string => (say ??= translator(catalogueOf(file), language))(text);
  return new Proxy(engine, {
    get: (target, name: keyof Engine) => {
      const method = target[name].bind(target) as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        try {
          return eachSaid(await method(...args), translate);
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

/** Without such a file the sentences stay English. */
function catalogueOf(file: string): Catalogue {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Catalogue;
  } catch {
    return {};
  }
}
