// The graph of Alembic's revisions: heads, ancestors and the order in which they are applied.
import type { SchemaProblem } from '../../schema';
import type { Script } from './script';
import { said } from '../../../said';

export interface Node {
  readonly script: Script;
  /** Parents by down_revision that are in the files. */
  readonly down: readonly string[];
  /** Parents by down_revision and depends_on that are in the files. */
  readonly parents: readonly string[];
}

export interface Graph {
  /** Parents before children; files in a cycle are at the end. */
  readonly nodes: ReadonlyMap<string, Node>;
  /** No child by down_revision. `upgrade head` fails when there are several. */
  readonly heads: readonly string[];
  /** No child and nobody's dependency: what ends up in the version table. */
  readonly realHeads: readonly string[];
  readonly problems: readonly SchemaProblem[];
  readonly hasCycle: boolean;
}

export function buildGraph(scripts: readonly Script[]): Graph {
  const problems: SchemaProblem[] = [];
  const byId = new Map<string, Script>();
  for (const script of scripts) {
    const other = byId.get(script.revision);
    if (other !== undefined) {
      problems.push({
        message: said`Revision ${script.revision} is in several files; Alembic uses only one of them. Another one: ${other.file}`,
        file: script.file,
        line: script.line,
      });
    }
    byId.set(script.revision, script);
  }
  const labels = labelsOf(byId, problems);
  const nodes = [...byId.values()].map((script) => nodeOf(script, byId, labels, problems));
  const { sorted, rest } = inOrder(nodes);
  for (const { script } of rest) {
    problems.push({
      message: said`Revision ${script.revision} is in a cycle: it comes after itself.`,
      file: script.file,
      line: script.line,
    });
  }
  const withChild = new Set(nodes.flatMap((node) => node.down));
  const needed = new Set(nodes.flatMap((node) => node.parents));
  const ordered = [...sorted, ...rest];
  const ids = ordered.map((node) => node.script.revision);
  return {
    nodes: new Map(ordered.map((node) => [node.script.revision, node])),
    heads: ids.filter((id) => !withChild.has(id)),
    realHeads: ids.filter((id) => !needed.has(id)),
    problems,
    hasCycle: rest.length > 0,
  };
}

function labelsOf(byId: ReadonlyMap<string, Script>, problems: SchemaProblem[]): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  for (const script of byId.values()) {
    for (const label of script.labels) {
      const other = labels.get(label) ?? (byId.has(label) ? label : undefined);
      if (other !== undefined && other !== script.revision) {
        problems.push({
          message: said`The branch label "${label}" of ${script.revision} is already used by ${other}.`,
          file: script.file,
          line: script.line,
        });
      }
      labels.set(label, script.revision);
    }
  }
  return labels;
}

function nodeOf(script: Script, byId: ReadonlyMap<string, Script>, labels: ReadonlyMap<string, string>, problems: SchemaProblem[]): Node {
  const missing = (id: string, name: string): void => {
    problems.push({
      message: said`The ${name} of ${script.revision}, "${id}", is in no file: every alembic command fails until it is back.`,
      file: script.file,
      line: script.line,
    });
  };
  const down = script.down.filter((id) => byId.has(id));
  for (const id of script.down.filter((parent) => !byId.has(parent))) {
    missing(id, 'down_revision');
  }
  const dependencies: string[] = [];
  for (const id of script.dependsOn) {
    const target = byId.has(id) ? id : labels.get(id);
    if (target === undefined) {
      missing(id, 'depends_on');
    } else {
      dependencies.push(target);
    }
  }
  return { script, down: [...new Set(down)], parents: [...new Set([...down, ...dependencies])] };
}

/** Depth first from the heads' side would depend on the files' order; this takes what has all parents, in that order. */
function inOrder(nodes: readonly Node[]): { sorted: Node[]; rest: Node[] } {
  const waiting = new Map(nodes.map((node) => [node.script.revision, node.parents.length]));
  const children = new Map<string, Node[]>();
  for (const node of nodes) {
    for (const parent of node.parents) {
      const others = children.get(parent);
      if (others === undefined) {
        children.set(parent, [node]);
      } else {
        others.push(node);
      }
    }
  }
  const sorted = nodes.filter((node) => node.parents.length === 0);
  for (const node of sorted) {
    for (const child of children.get(node.script.revision) ?? []) {
      const left = (waiting.get(child.script.revision) ?? 0) - 1;
      waiting.set(child.script.revision, left);
      if (left === 0) {
        sorted.push(child);
      }
    }
  }
  const done = new Set(sorted);
  return { sorted, rest: nodes.filter((node) => !done.has(node)) };
}
