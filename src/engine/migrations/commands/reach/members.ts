// What can be asked of a value: attributes, methods, what stands under a key, and calls.
import { posix } from 'node:path';
import { classMember } from './classes';
import { libraryValue, parentOf, pathMethod, textMethod } from './library';
import { INSTANCE_PATH, type Modules, NONE, textIn, textValue, UNKNOWN, type Value } from './values';

/** A call's arguments, by position and by name. */
export interface Arguments {
  readonly list: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

export class Members {
  constructor(
    private readonly project: Modules,
    private readonly depth: number,
  ) {}

  attribute(value: Value, name: string): Value {
    switch (value.kind) {
      case 'module':
        return this.project.valueOf(name, value.file, [], this.depth + 1);
      case 'library':
        return this.ofLibrary(value.name, name);
      case 'scope':
        return classMember(value, name, this.project, this.depth);
      case 'path':
        return name === 'parent'
          ? parentOf(value.text)
          : name === 'parents'
            ? { kind: 'library', name: `parents of ${value.text}` }
            : name === 'name'
              ? textValue(posix.basename(value.text))
              : UNKNOWN;
      case 'text':
      case 'none':
      case 'other':
      case 'list':
      case 'dictionary':
      case 'unknown':
        return UNKNOWN;
    }
  }

  private ofLibrary(owner: string, name: string): Value {
    const isApplication = name === 'instance_path' && /^flask\.(?:Flask|current_app)$/.test(owner);
    const folder = isApplication ? this.project.options.get(INSTANCE_PATH) : null;
    return typeof folder === 'string' ? textValue(folder) : { kind: 'library', name: `${owner}.${name}` };
  }

  method(value: Value, name: string, { list, named }: Arguments): Value {
    if (value.kind === 'library') {
      return this.call({ kind: 'library', name: `${value.name}.${name}` }, { list, named });
    }
    if (value.kind === 'module' || (value.kind === 'scope' && value.arguments !== null)) {
      const called =
        value.kind === 'module'
          ? this.attribute(value, name)
          : ({ kind: 'scope', file: value.file, scope: [...value.scope, name], arguments: null } as const);
      return this.call(called, { list, named });
    }
    if (value.kind === 'dictionary' && name === 'get') {
      return value.entries.find(([key]) => key === textIn(list[0] ?? NONE))?.[1] ?? list[1] ?? NONE;
    }
    const texts = list.map(textIn);
    if (value.kind === 'path') {
      return pathMethod(value.text, name, texts, this.project.place.folder);
    }
    return value.kind === 'text' ? textMethod(value.text, name, texts) : UNKNOWN;
  }

  item(value: Value, key: Value): Value {
    if (value.kind === 'library') {
      const [, path] = /^parents of ([^]*)$/.exec(value.name) ?? [];
      if (path !== undefined && key.kind === 'other') {
        return Array.from({ length: Number(key.value) + 1 }).reduce<Value>(
          (place) => (place.kind === 'path' ? parentOf(place.text) : place),
          { kind: 'path', text: path },
        );
      }
      const asked = textIn(key) ?? '';
      const isRead = /(?:^|\.)environ$/.test(value.name) && !this.project.changed.has(asked);
      const variable = isRead ? this.project.place.variable(asked) : undefined;
      return variable === undefined ? UNKNOWN : textValue(variable);
    }
    if (value.kind === 'dictionary') {
      return value.entries.find(([name]) => name === textIn(key))?.[1] ?? UNKNOWN;
    }
    return value.kind === 'list' && key.kind === 'other' ? (value.items[Number(key.value)] ?? UNKNOWN) : UNKNOWN;
  }

  call(value: Value, { list, named }: Arguments): Value {
    if (value.kind === 'scope') {
      const isClass = value.file.statements.some(
        ({ tokens: [first, second], scope }) =>
          first?.text === 'class' && second?.text === value.scope.at(-1) && scope.length === value.scope.length - 1,
      );
      return isClass ? { ...value, arguments: [...named.keys()] } : this.project.returned(value.file, value.scope, this.depth + 1);
    }
    return value.kind === 'library' ? libraryValue(value.name, list, named, this.project) : UNKNOWN;
  }
}
