// "Choose Database...": asks which database is backed up and keeps the answer in the settings.
import { chooseProjectDatabase } from '../prompts/choose-database';
import type { Parts } from '../window/parts';
import type { Handler } from './handler';

export function chooseDatabase({ engine, projects }: Parts): Handler {
  return async () => {
    await chooseProjectDatabase(engine, projects, await projects.pick());
  };
}
