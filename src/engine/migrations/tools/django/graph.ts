// The graph that Django's loader builds of the migrations, with squashed ones in the place of others, and its order.
import type { Script } from './scripts';

export interface Graph {
  /** In the order in which Django applies them on an empty database. */
  readonly scripts: readonly Script[];
  readonly parents: ReadonlyMap<string, readonly string[]>;
  /** By app: the migrations on which none of the same app depends. */
  readonly leaves: ReadonlyMap<string, readonly string[]>;
  /** What the rows mean when squashed migrations are taken into account. */
  readonly applied: ReadonlySet<string>;
  readonly missing: readonly { readonly script: Script; readonly dependency: string }[];
  /** A migration that depends on itself in the end. */
  readonly cycle: Script | null;
}

type Links = Map<string, Set<string>>;

export function buildGraph(all: readonly Script[], rows: ReadonlySet<string>): Graph {
  const scripts = new Map([...all].sort(byName).map((script) => [script.revision, script]));
  const parents: Links = new Map([...scripts.keys()].map((revision) => [revision, new Set<string>()]));
  const apps = new Set(all.map(({ app }) => app));
  const outside = new Map<string, Script>();
  const link = (script: Script, child: string, parent: string): void => {
    parents.get(child)?.add(parent);
    if (!scripts.has(child) && apps.has(appOf(child))) {
      outside.set(child, script);
    }
  };
  const every = [...scripts.values()];
  for (const script of every) {
    for (const parent of script.dependencies.filter((name) => appOf(name) === script.app && nameOf(name) !== '__first__')) {
      link(script, script.revision, parent);
    }
  }
  for (const script of every) {
    const resolved = (names: readonly string[]): string[] => names.flatMap((name) => resolve(name, script.app, parents) ?? []);
    resolved(script.dependencies.filter((name) => appOf(name) !== script.app)).forEach((parent) => {
      link(script, script.revision, parent);
    });
    resolved(script.runBefore).forEach((child) => {
      link(script, child, script.revision);
    });
  }
  const { applied, replaced } = replace(every, parents, new Set(rows));
  const left = every.filter(({ revision }) => parents.has(revision));
  const missing = [...outside].filter(([name]) => !replaced.has(name)).map(([dependency, script]) => ({ script, dependency }));
  const missingParents = (script: Script): Graph['missing'] =>
    [...(parents.get(script.revision) ?? [])]
      .filter((name) => !parents.has(name) && apps.has(appOf(name)))
      .map((dependency) => ({ script, dependency }));
  const order = inOrder(left, parents);
  return {
    ...order,
    parents: new Map(
      left.map(({ revision }) => [revision, [...(parents.get(revision) ?? [])].filter((name) => parents.has(name)).sort(compareKeys)]),
    ),
    leaves: leavesOf(left, parents),
    applied,
    missing: [...missing, ...left.flatMap((script) => missingParents(script))],
  };
}

export function appOf(revision: string): string {
  return revision.slice(0, revision.indexOf('.'));
}

export function nameOf(revision: string): string {
  return revision.slice(revision.indexOf('.') + 1);
}

function compareKeys(one: string, other: string): number {
  const [first, second] = appOf(one) === appOf(other) ? [nameOf(one), nameOf(other)] : [appOf(one), appOf(other)];
  return first < second ? -1 : first > second ? 1 : 0;
}

function byName(one: Script, other: Script): number {
  return compareKeys(one.revision, other.revision);
}

/** `__first__` and `__latest__` of another app are its first root and its first leaf. */
function resolve(name: string, self: string, parents: Links): string | null {
  if (!['__first__', '__latest__'].includes(nameOf(name))) {
    return name;
  }
  const own = [...parents.keys()].filter((revision) => appOf(revision) === appOf(name)).sort(compareKeys);
  const isRoot = (revision: string): boolean => ![...(parents.get(revision) ?? [])].some((parent) => appOf(parent) === appOf(name));
  const isLeaf = (revision: string): boolean => !own.some((other) => parents.get(other)?.has(revision));
  return appOf(name) === self ? null : (own.find(nameOf(name) === '__first__' ? isRoot : isLeaf) ?? null);
}

/** Puts a squashed migration in the place of those that it replaces, unless only some of these are applied. */
function replace(
  scripts: readonly Script[],
  parents: Links,
  applied: Set<string>,
): { applied: ReadonlySet<string>; replaced: ReadonlySet<string> } {
  const replaced = new Set<string>();
  for (const { revision, replaces } of scripts.filter((script) => script.replaces.length > 0)) {
    const done = replaces.filter((name) => applied.has(name)).length;
    if (done === replaces.length) {
      applied.add(revision);
    } else {
      applied.delete(revision);
    }
    if (done === 0 || done === replaces.length) {
      takePlace(revision, replaces, parents);
      replaces.forEach((name) => replaced.add(name));
    } else {
      giveWay(revision, replaces, parents);
    }
  }
  return { applied: new Set([...applied].filter((revision) => !replaced.has(revision) || parents.has(revision))), replaced };
}

function takePlace(squash: string, replaces: readonly string[], parents: Links): void {
  const replaced = new Set(replaces);
  const own = parents.get(squash) ?? new Set<string>();
  for (const name of replaced) {
    parents.get(name)?.forEach((parent) => own.add(parent));
    parents.delete(name);
  }
  replaced.forEach((name) => own.delete(name));
  own.delete(squash);
  for (const [child, names] of parents) {
    const stood = [...names].filter((name) => replaced.has(name));
    stood.forEach((name) => names.delete(name));
    if (stood.length > 0 && child !== squash) {
      names.add(squash);
    }
  }
}

function giveWay(squash: string, replaces: readonly string[], parents: Links): void {
  parents.delete(squash);
  const there = replaces.filter((name) => parents.has(name));
  const covered = new Set(there.flatMap((name) => [...(parents.get(name) ?? [])]));
  const last = there.filter((name) => !covered.has(name));
  for (const names of parents.values()) {
    if (names.delete(squash)) {
      last.forEach((name) => names.add(name));
    }
  }
}

function leavesOf(scripts: readonly Script[], parents: Links): Map<string, string[]> {
  const leaves = new Map<string, string[]>();
  const covered = new Set(scripts.flatMap(({ app, revision }) => [...(parents.get(revision) ?? [])].filter((name) => appOf(name) === app)));
  for (const { app, revision } of scripts) {
    if (!covered.has(revision)) {
      leaves.set(app, [...(leaves.get(app) ?? []), revision]);
    }
  }
  return leaves;
}

/** Depth first from the leaves of all apps, by name; of several parents the last comes first, as in Django. */
function inOrder(scripts: readonly Script[], parents: Links): Pick<Graph, 'scripts' | 'cycle'> {
  const byRevision = new Map(scripts.map((script) => [script.revision, script]));
  const ordered = new Set<Script>();
  const open = new Set<Script>();
  let cycle: Script | null = null;
  const visit = (script: Script): void => {
    if (open.has(script)) {
      cycle = script;
    }
    if (open.has(script) || ordered.has(script)) {
      return;
    }
    open.add(script);
    for (const parent of [...(parents.get(script.revision) ?? [])].sort(compareKeys).reverse()) {
      const next = byRevision.get(parent);
      if (next !== undefined) {
        visit(next);
      }
    }
    open.delete(script);
    ordered.add(script);
  };
  const leaves = [...leavesOf(scripts, parents).values()].flat().sort(compareKeys);
  [...leaves, ...byRevision.keys()].forEach((revision) => {
    const script = byRevision.get(revision);
    if (script !== undefined) {
      visit(script);
    }
  });
  return { scripts: [...ordered], cycle };
}
