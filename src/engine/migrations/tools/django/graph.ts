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
  const ends = new Ends(parents);
  for (const script of every) {
    const resolved = (names: readonly string[]): string[] => names.flatMap((name) => ends.resolve(name, script.app) ?? []);
    resolved(script.dependencies.filter((name) => appOf(name) !== script.app)).forEach((parent) => {
      link(script, script.revision, parent);
    });
    resolved(script.runBefore).forEach((child) => {
      link(script, child, script.revision);
      ends.forget(child);
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

/** `__first__` and `__latest__` of another app: its first root and its first leaf, found once for all that name them. */
class Ends {
  readonly #byApp = new Map<string, string[]>();
  readonly #found = new Map<string, string | null>();

  constructor(private readonly parents: Links) {
    for (const revision of [...parents.keys()].sort(compareKeys)) {
      const others = this.#byApp.get(appOf(revision));
      if (others === undefined) {
        this.#byApp.set(appOf(revision), [revision]);
      } else {
        others.push(revision);
      }
    }
  }

  resolve(name: string, self: string): string | null {
    if (!['__first__', '__latest__'].includes(nameOf(name))) {
      return name;
    }
    if (appOf(name) === self) {
      return null;
    }
    const known = this.#found.get(name);
    const end = known === undefined ? this.#find(name) : known;
    this.#found.set(name, end);
    return end;
  }

  /** A link to this migration may have come from its own app. */
  forget(child: string): void {
    this.#found.delete(`${appOf(child)}.__first__`);
    this.#found.delete(`${appOf(child)}.__latest__`);
  }

  #find(name: string): string | null {
    const app = appOf(name);
    const own = this.#byApp.get(app) ?? [];
    const parentsIn = (revision: string): string[] => [...(this.parents.get(revision) ?? [])].filter((parent) => appOf(parent) === app);
    if (nameOf(name) === '__first__') {
      return own.find((revision) => parentsIn(revision).length === 0) ?? null;
    }
    const covered = new Set(own.flatMap(parentsIn));
    return own.find((revision) => !covered.has(revision)) ?? null;
  }
}

/** Puts a squashed migration in the place of those that it replaces, unless only some of these are applied. */
function replace(
  scripts: readonly Script[],
  parents: Links,
  applied: Set<string>,
): { applied: ReadonlySet<string>; replaced: ReadonlySet<string> } {
  const replaced = new Set<string>();
  const squashes = scripts.filter((script) => script.replaces.length > 0);
  const links = new TwoWayLinks(parents, squashes.length > 0);
  for (const { revision, replaces } of squashes) {
    const done = replaces.filter((name) => applied.has(name)).length;
    if (done === replaces.length) {
      applied.add(revision);
    } else {
      applied.delete(revision);
    }
    if (done === 0 || done === replaces.length) {
      links.takePlace(revision, new Set(replaces));
      replaces.forEach((name) => replaced.add(name));
    } else {
      links.giveWay(revision, replaces);
    }
  }
  return { applied: new Set([...applied].filter((revision) => !replaced.has(revision) || parents.has(revision))), replaced };
}

/** Squashes that stand for one another and for many could multiply the links without end; nobody has so many. */
const MOST_NEW_LINKS = 500_000;

/** The parents of each migration, with its children, so that a squash touches only what stands next to it. */
class TwoWayLinks {
  readonly #children: Links = new Map();
  #left = MOST_NEW_LINKS;

  constructor(
    private readonly parents: Links,
    isNeeded: boolean,
  ) {
    for (const [child, names] of isNeeded ? parents : []) {
      names.forEach((name) => {
        this.#noteChild(name, child);
      });
    }
  }

  takePlace(squash: string, replaced: ReadonlySet<string>): void {
    const own = this.parents.get(squash) ?? new Set<string>();
    for (const name of replaced) {
      for (const parent of this.#affordable(this.parents.get(name) ?? [])) {
        own.add(parent);
        this.#noteChild(parent, squash);
      }
      this.parents.delete(name);
    }
    replaced.forEach((name) => own.delete(name));
    own.delete(squash);
    for (const name of replaced) {
      for (const child of this.#childrenOf(name)) {
        const names = this.parents.get(child);
        if (names?.delete(name) === true && child !== squash) {
          names.add(squash);
          this.#noteChild(squash, child);
        }
      }
      this.#children.delete(name);
    }
  }

  giveWay(squash: string, replaces: readonly string[]): void {
    this.parents.delete(squash);
    const there = replaces.filter((name) => this.parents.has(name));
    const covered = new Set(there.flatMap((name) => [...(this.parents.get(name) ?? [])]));
    const last = there.filter((name) => !covered.has(name));
    for (const child of this.#childrenOf(squash)) {
      const names = this.parents.get(child);
      if (names?.delete(squash) === true) {
        for (const name of this.#affordable(last)) {
          names.add(name);
          this.#noteChild(name, child);
        }
      }
    }
    this.#children.delete(squash);
  }

  *#affordable(names: Iterable<string>): Generator<string> {
    for (const name of names) {
      if (this.#left-- <= 0) {
        return;
      }
      yield name;
    }
  }

  #childrenOf(name: string): readonly string[] {
    return [...(this.#children.get(name) ?? [])];
  }

  #noteChild(parent: string, child: string): void {
    const others = this.#children.get(parent);
    if (others === undefined) {
      this.#children.set(parent, new Set([child]));
    } else {
      others.add(child);
    }
  }
}

function leavesOf(scripts: readonly Script[], parents: Links): Map<string, string[]> {
  const leaves = new Map<string, string[]>();
  const covered = new Set(scripts.flatMap(({ app, revision }) => [...(parents.get(revision) ?? [])].filter((name) => appOf(name) === app)));
  for (const { app, revision } of scripts.filter((script) => !covered.has(script.revision))) {
    const others = leaves.get(app);
    if (others === undefined) {
      leaves.set(app, [revision]);
    } else {
      others.push(revision);
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
  // No recursion: a history may be longer than the stack is deep.
  const visit = (from: Script): void => {
    const path: { readonly script: Script; readonly next: string[] }[] = [];
    const enter = (script: Script): void => {
      if (open.has(script)) {
        cycle = script;
      } else if (!ordered.has(script)) {
        open.add(script);
        // The last one is taken first.
        path.push({ script, next: [...(parents.get(script.revision) ?? [])].sort(compareKeys) });
      }
    };
    enter(from);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const parent = top.next.pop();
      if (parent === undefined) {
        open.delete(top.script);
        ordered.add(top.script);
        path.pop();
      } else {
        const script = byRevision.get(parent);
        if (script !== undefined) {
          enter(script);
        }
      }
    }
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
