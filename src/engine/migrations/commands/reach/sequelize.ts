// Where sequelize-cli finds its database: the section of its settings for NODE_ENV.
import { join, resolve } from 'node:path';
import { isFile, textOf } from '../../reading/folder-search';
import { SourceText } from '../../reading/object-literals';
import { sectionOf, storageOf } from '../../tools/sequelize/config';
import { inBothWorlds } from './dotenv';
import { SettingsFile } from './javascript';
import { loadsDotenvIn } from './node';
import { unknownReach, type Place, type Reach } from './place';
import { absolute, otherEngine } from './url';

const COMPUTED = 'its configuration computes the database in a way that only running it could tell';

/** `config`: absolute. What is relative counts from where the command runs. */
export function reachOfSequelize(config: string, place: Place): Reach {
  const text = textOf(config) ?? '';
  const here = place.here(place.folder);
  const files = here === null ? [] : [join(here, '.env')].filter(isFile);
  return inBothWorlds(place, files, loadsDotenvIn(text), (world) => {
    const settings = new SettingsFile(config, world);
    const section = sectionOf(new SourceText(text), world.variable('NODE_ENV') || 'development');
    const valueOf = (key: string): string | null | undefined => (section?.has(key) === true ? settings.value(section.get(key)) : undefined);
    const variable = valueOf('use_env_variable');
    const url = valueOf('url') ?? (typeof variable === 'string' ? world.variable(variable) : undefined);
    const engine = otherEngine(url ?? valueOf('dialect') ?? '');
    if (engine !== null) {
      return { kind: 'engine', name: engine };
    }
    const storage = typeof url === 'string' ? storageOf(url) : valueOf('storage');
    const isPlain = variable === undefined || typeof url === 'string';
    return typeof storage === 'string' && storage !== '' && !storage.startsWith(':memory') && isPlain
      ? { kind: 'file', path: absolute(storage, resolve(place.folder)) }
      : unknownReach(COMPUTED);
  });
}
