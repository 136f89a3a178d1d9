// Which settings class a Flask application takes: `app.config.from_object(config[name])`, with the name that its caller gives.
import { tokenize, type Token } from '../../reading/python/tokens';
import { firstArgument } from './argument';
import { classMember } from './classes';
import type { PythonProject } from './python';
import { agreed, type PythonFile, type Statement, textIn, UNKNOWN, type Value } from './values';

/** The setting in what all calls of from_object take; null: there is none, or one that could not be followed. */
export function fromObjects(setting: string, files: readonly PythonFile[], application: PythonFile, python: PythonProject): Value | null {
  const values: Value[] = [];
  for (const file of files) {
    for (const { tokens, scope } of file.statements) {
      const at = tokens.findIndex(({ text }, index) => text === 'from_object' && tokens[index + 1]?.text === '(');
      if (at < 0) {
        continue;
      }
      const argument = firstArgument(tokens.slice(at + 2), (tokens[at]?.depth ?? 0) + 1);
      const value = memberOf(withParameters(argument, scope, file, application, python), setting, python);
      if (value.kind === 'unknown') {
        return null;
      }
      values.push(value);
    }
  }
  return values.length === 0 ? null : agreed(values);
}

/** Of a class, of a module, or of what a text names: "config.Development". */
function memberOf(source: Value, setting: string, python: PythonProject): Value {
  const text = textIn(source);
  if (text !== null) {
    const [, module = '', name = ''] = /^(.*)\.(\w+)$/.exec(text) ?? [];
    const whole = fileOf(text, python);
    const outer = fileOf(module, python);
    return whole !== null
      ? python.valueOf(setting, whole, [], 1)
      : outer === null
        ? UNKNOWN
        : memberOf(python.valueOf(name, outer, [], 1), setting, python);
  }
  return source.kind === 'module'
    ? python.valueOf(setting, source.file, [], 1)
    : source.kind === 'scope'
      ? classMember(source, setting, python, 1)
      : UNKNOWN;
}

function fileOf(dotted: string, python: PythonProject): PythonFile | null {
  const path = /^[\w.]+$/.test(dotted) ? python.moduleFile(dotted, '') : null;
  return path === null ? null : python.file(path);
}

/** The argument's value, with what the application's own call, or the usual value, gives to the function's parameters. */
function withParameters(
  argument: readonly Token[],
  scope: readonly string[],
  file: PythonFile,
  application: PythonFile,
  python: PythonProject,
): Value {
  const name = scope.at(-1) ?? '';
  const header = file.statements.find(({ tokens: [first, second] }) => first?.text === 'def' && second?.text === name);
  const given = new Map<string, Value>();
  for (const [index, [parameter, usual]] of parametersOf(header).entries()) {
    const call = application.statements.find(({ tokens }) => callIn(tokens, name) >= 0);
    const written = call === undefined ? null : argumentOf(call.tokens, callIn(call.tokens, name), index, parameter);
    given.set(
      parameter,
      written !== null
        ? python.evaluate(written, application, call?.scope ?? [])
        : usual === null
          ? UNKNOWN
          : python.evaluate(usual, file, []),
    );
  }
  const [only] = argument;
  const whole = argument.length === 1 && only?.kind === 'name' ? given.get(only.text) : undefined;
  return (
    whole ??
    python.evaluate(
      argument.flatMap((token, index) => filled(token, argument[index - 1], given)),
      file,
      scope,
    )
  );
}

/** A parameter's text in its place. */
function filled(token: Token, before: Token | undefined, given: ReadonlyMap<string, Value>): readonly Token[] {
  const value = token.kind === 'name' && before?.text !== '.' ? given.get(token.text) : undefined;
  const text = value === undefined ? null : value.kind === 'none' ? 'None' : value.kind === 'text' ? JSON.stringify(value.text) : null;
  return text === null
    ? [token]
    : tokenize(text)
        .filter(({ kind }) => kind !== 'newline')
        .map((each) => ({ ...each, depth: token.depth }));
}

function callIn(tokens: readonly Token[], name: string): number {
  return tokens.findIndex(({ text }, index) => text === name && tokens[index + 1]?.text === '(' && tokens[index - 1]?.text !== 'def');
}

function argumentOf(tokens: readonly Token[], at: number, index: number, parameter: string): readonly Token[] | null {
  const parts = partsAt(tokens, at + 1);
  const named = parts.find(([name, equals]) => name?.text === parameter && equals?.text === '=')?.slice(2);
  const listed = parts[index];
  return named ?? (listed === undefined || listed[1]?.text === '=' ? null : listed);
}

function parametersOf(header: Statement | undefined): (readonly [string, readonly Token[] | null])[] {
  return header === undefined
    ? []
    : partsAt(header.tokens, 2).map((part) => {
        const equals = part.findIndex(({ text }) => text === '=');
        return [part[0]?.text ?? '', equals < 0 ? null : part.slice(equals + 1)] as const;
      });
}

/** What stands between the commas of the bracket at this place. */
function partsAt(tokens: readonly Token[], open: number): Token[][] {
  const depth = (tokens[open]?.depth ?? 0) + 1;
  const parts: Token[][] = [[]];
  for (const token of tokens.slice(open + 1)) {
    if (token.depth < depth && token.text !== ')') {
      break;
    }
    if (token.text === ')' && token.depth <= depth) {
      break;
    }
    if (token.text === ',' && token.depth === depth) {
      parts.push([]);
    } else {
      parts.at(-1)?.push(token);
    }
  }
  return parts.filter((part) => part.length > 0);
}
