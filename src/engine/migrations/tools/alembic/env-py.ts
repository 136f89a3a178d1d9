// What an env.py says in literals: the version table and the folders of the migrations.
import { madeOf } from '../../../limits/reading';
import { MOST_MIGRATION_BYTES } from '../../../limits/sizes';
import { literalOf, readModule, type PythonModule } from '../../reading/python/module';
import { PythonSyntaxError } from '../../reading/python/tokens';
import type { SchemaProblem } from '../../schema';
import { said } from '../../../said';

export interface EnvPy {
  readonly versionTable: string | null;
  readonly versionLocations: string | null;
  readonly problems: readonly SchemaProblem[];
}

export function readEnvPy(file: string): EnvPy {
  const nothing = { versionTable: null, versionLocations: null, problems: [] };
  return madeOf(file, 'alembic env.py', (text) => parse(text), MOST_MIGRATION_BYTES) ?? nothing;

  function parse(text: string): EnvPy {
    try {
      const module = readModule(text);
      return {
        versionTable: keywordIn(module, 'version_table'),
        versionLocations: mainOptionIn(module, 'version_locations'),
        problems: [],
      };
    } catch (error) {
      if (error instanceof PythonSyntaxError) {
        return { ...nothing, problems: [{ message: said`${error.message}.`, file, line: error.line }] };
      }
      throw error;
    }
  }
}

/** `name="text"` in a call, `"name": "text"` in a dictionary, or a constant in the text's place. */
function keywordIn({ tokens, assignments }: PythonModule, name: string): string | null {
  for (const [index, token] of tokens.entries()) {
    const operator = tokens[index + 1]?.text;
    const isKeyword = (token.text === name && operator === '=' && token.depth > 0) || (token.value === name && operator === ':');
    const value = isKeyword ? literalOf(tokens.slice(index + 2, index + 3), assignments) : undefined;
    if (typeof value === 'string' && value !== '') {
      return value;
    }
  }
  return null;
}

/** `config.set_main_option("name", "text")`. */
function mainOptionIn({ tokens, assignments }: PythonModule, name: string): string | null {
  for (const [index, token] of tokens.entries()) {
    const [open, key, comma, ...rest] = tokens.slice(index + 1, index + 40);
    if (token.text === 'set_main_option' && open?.text === '(' && key?.value === name && comma?.text === ',') {
      const end = rest.findIndex((part) => part.depth === token.depth + 1 && (part.text === ')' || part.text === ','));
      const value = literalOf(rest.slice(0, Math.max(end, 0)), assignments);
      return typeof value === 'string' ? value : null;
    }
  }
  return null;
}
