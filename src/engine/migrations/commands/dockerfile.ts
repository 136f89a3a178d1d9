// A Dockerfile, as far as it says what an image holds: its stages, where it works, what it copies and which variables it sets.
import { isAbsolute, join, posix, relative } from 'node:path';
import { madeOf } from '../../limits/reading';
import type { Build } from '../../compose/service';

export interface Image {
  /** The instructions of the stages that the target is made of. */
  readonly text: string;
  /** The images that they stand on, as named. */
  readonly bases: readonly string[];
  readonly workingFolder: string | null;
  readonly environment: Readonly<Record<string, string>>;
  /** What the build context's paths become. */
  readonly copies: readonly { readonly from: string; readonly to: string }[];
}

interface Stage {
  readonly name: string;
  readonly base: string;
  readonly lines: readonly string[];
}

const MAX_STAGES = 20;

/** null: there is no Dockerfile that can be read. */
export function imageOf(build: Build): Image | null {
  const file = isAbsolute(build.dockerfile) ? build.dockerfile : join(build.context, build.dockerfile);
  const inline = build.inline ?? null;
  const stages = inline !== null ? stagesIn(inline) : isAbsolute(build.context) ? madeOf(file, 'stages', stagesIn) : null;
  if (stages === null) {
    return null;
  }
  const chain = chainTo(stages, build.target);
  const lines = chain.flatMap((stage) => stage.lines);
  let workingFolder: string | null = null;
  const environment: Record<string, string> = {};
  const copies: { from: string; to: string }[] = [];
  for (const line of lines) {
    const [, instruction = '', rest = ''] = /^(\w+)\s+([^]*)$/.exec(line) ?? [];
    switch (instruction.toUpperCase()) {
      case 'WORKDIR':
        workingFolder = posix.resolve(workingFolder ?? '/', filled(rest.replace(/^["']|["']$/g, ''), environment));
        break;
      case 'ENV':
        Object.assign(environment, variablesIn(rest, environment));
        break;
      case 'COPY':
      case 'ADD':
        copies.push(...copiesIn(rest, workingFolder ?? '/', environment));
        break;
    }
  }
  return { text: lines.join('\n'), bases: chain.map(({ base }) => base), workingFolder, environment, copies };
}

/** Where a file of the build context lies in the image; null: it is not copied there. */
export function copiedTo(file: string, build: Build, image: Image): string | null {
  const way = relative(build.context, file).replaceAll('\\', '/');
  if (way.startsWith('..') || isAbsolute(way)) {
    return null;
  }
  const fitting = image.copies.filter(({ from }) => from === '' || way === from || way.startsWith(`${from}/`));
  const [best] = fitting.sort((a, b) => b.from.length - a.from.length);
  return best === undefined ? null : posix.join(best.to, posix.relative(best.from, way));
}

/** The file of the build context that a path in the image was made from; null: none that is known. */
export function copiedFrom(path: string, build: Build, image: Image): string | null {
  const fitting = image.copies.filter(({ to }) => path === to || path.startsWith(to === '/' ? '/' : `${to}/`));
  const [best] = fitting.sort((a, b) => b.to.length - a.to.length);
  return best === undefined ? null : join(build.context, best.from, posix.relative(best.to, path));
}

function stagesIn(text: string): Stage[] {
  const stages: (Stage & { lines: string[] })[] = [];
  const whole = text.replace(/^\s*#.*$/gm, '').replace(/\\\r?\n/g, ' ');
  for (const line of whole.split(/\r?\n/).map((each) => each.trim())) {
    const from = /^FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/i.exec(line);
    if (from !== null) {
      stages.push({ base: from[1] ?? '', name: from[2] ?? String(stages.length), lines: [] });
    } else if (line !== '') {
      stages.at(-1)?.lines.push(line);
    }
  }
  return stages;
}

/** The target with those it stands on, the lowest first. */
function chainTo(stages: readonly Stage[], target: string | null): Stage[] {
  const chain: Stage[] = [];
  let stage = target === null ? stages.at(-1) : stages.find(({ name }) => name.toLowerCase() === target.toLowerCase());
  while (stage !== undefined && chain.length < MAX_STAGES) {
    chain.unshift(stage);
    const { base } = stage;
    const before = stages.slice(0, stages.indexOf(stage));
    stage = before.find(({ name }) => name.toLowerCase() === base.toLowerCase());
  }
  return chain;
}

function variablesIn(text: string, known: Readonly<Record<string, string>>): Record<string, string> {
  const pairs = [...text.matchAll(/(\w+)=("(?:\\.|[^"])*"|'[^']*'|\S*)/g)].map(([, name = '', value = '']) => [name, value] as const);
  const old = /^(\w+)\s+(.*)$/.exec(text);
  const all = pairs.length > 0 || old === null ? pairs : [[old[1] ?? '', old[2] ?? ''] as const];
  return Object.fromEntries(all.map(([name, value]) => [name, filled(value.replace(/^(["'])([^]*)\1$/, '$2'), known)]));
}

function filled(text: string, known: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{?(\w+)\}?/g, (whole, name: string) => known[name] ?? whole);
}

function copiesIn(text: string, folder: string, known: Readonly<Record<string, string>>): { from: string; to: string }[] {
  if (/--from=/.test(text)) {
    return [];
  }
  const words = text.trim().startsWith('[')
    ? [...text.matchAll(/"([^"]*)"/g)].map(([, word = '']) => word)
    : text.split(/\s+/).filter((word) => !word.startsWith('--'));
  const to = words.pop();
  if (to === undefined || words.some((word) => /[*?$]/.test(word))) {
    return [];
  }
  const target = posix.resolve(folder, filled(to, known));
  return words.map((word) => {
    const from = posix
      .normalize(word)
      .replace(/^(?:\.?\/)+|\/$/g, '')
      .replace(/^\.$/, '');
    const isFile = /\.\w+$/.test(posix.basename(from));
    return {
      from,
      to: isFile && (to.endsWith('/') || /^\.?$/.test(to) || words.length > 1) ? posix.join(target, posix.basename(from)) : target,
    };
  });
}
