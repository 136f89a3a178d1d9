// Who may know whom (docs/architecture.md draws it): each room lists the rooms it may import; everything else is an error.

/** What every room may know, and what knows no room: errors, warnings, what sentences are made of, the limits of what strangers write, the rules of systems. */
const FOUNDATION = '^src/engine/((errors|operation|said|warnings|words)\\.ts$|limits/|platform/)';
const DOOR = '^src/engine/engine\\.ts$';
/** What every process of ours does first. */
const START = '^src/code-cache\\.ts$';
/** Read on the first command line in a terminal, not with the window: the one room that is imported past the door, by `import()`. */
const LATE = '^src/engine/migrations/commands/script-files\\.ts$';

/** One room: the files at `from` import only each other, the foundation, `may`, and packages. */
function room(name, from, may, why) {
  return {
    name,
    comment: why,
    severity: 'error',
    from: { path: from },
    to: { path: '^src/', pathNot: [from, FOUNDATION, ...may] },
  };
}

const engine = (...names) => names.map((name) => `^src/engine/${name}/`);
const migrations = (...names) => names.map((name) => `^src/engine/migrations/${name}`);
const ui = (...names) => names.map((name) => `^src/ui/${name}/`);

/** A package that one place alone may know; its types too. */
function onlyIn(name, place, why) {
  return {
    name: `${name}-only-in-one-place`,
    comment: why,
    severity: 'error',
    from: { path: '^src/', pathNot: place },
    to: { path: `^${name}$|node_modules/(@types/)?${name}/` },
  };
}

const NOTHING_BELOW = 'stands at the bottom: it knows no room, so that it can be understood and tested alone.';
const DEEDS = engine(
  'compare',
  'create',
  'verify',
  'retention',
  'restore',
  'transfer',
  'diagnosis',
  'containers',
  'history',
  'store',
  'project',
);

module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Files that need each other are one file, or share a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-missing-files',
      comment: 'The import leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^vscode$' },
    },

    room('foundation', FOUNDATION, [], 'errors, operation, said, warnings, words, limits and platform are known to all and know nobody.'),
    room('sqlite', '^src/engine/sqlite/', [], `sqlite ${NOTHING_BELOW}`),
    room('files', '^src/engine/files/', [], `files ${NOTHING_BELOW}`),
    room('git', '^src/engine/git/', [], `git ${NOTHING_BELOW}`),
    room(
      'migration-words',
      '^src/engine/migrations/(schema|tool)\\.ts$',
      [...engine('sqlite', 'compose'), ...migrations('reading/named\\.ts$')],
      'The words and the interface of migration tools stand below the tools.',
    ),
    room(
      'migrations-reading',
      migrations('reading/')[0],
      [...migrations('(schema|tool)\\.ts$'), ...engine('sqlite')],
      'What reads files for several tools knows no tool: nothing about a tool stands outside its folder.',
    ),
    {
      name: 'migration-tool',
      comment: 'A tool knows neither another tool nor the state, so that each can be read, tested and replaced alone.',
      severity: 'error',
      from: { path: '^src/engine/migrations/tools/([^/]+)/' },
      to: {
        path: '^src/',
        pathNot: ['^src/engine/migrations/tools/$1/', FOUNDATION, ...migrations('(schema|tool)\\.ts$', 'reading/'), ...engine('sqlite')],
      },
    },
    room(
      'migrations-commands',
      migrations('commands/')[0],
      [...migrations('(schema|tool)\\.ts$', 'reading/', 'tools/'), ...engine('compose')],
      'Commands are made of what tools and files say; they do not judge the state.',
    ),
    room(
      'migrations',
      '^src/engine/migrations/',
      engine('sqlite', 'compose'),
      'migrations reads through sqlite and knows nothing of projects, backups or git.',
    ),
    room('places', '^src/engine/places/', engine('compose', 'files'), 'places is the only room that knows Docker; it knows no project.'),
    room('compose', '^src/engine/compose/', [], `compose ${NOTHING_BELOW}`),
    room(
      'project',
      '^src/engine/project/',
      engine('sqlite', 'migrations', 'compose', 'git'),
      'project finds what is to be protected; it knows no backup.',
    ),
    room(
      'history',
      '^src/engine/history/',
      engine('git', 'migrations'),
      "history is what git's other commits know of a revision; it knows no backup.",
    ),
    room(
      'containers',
      '^src/engine/containers/',
      engine('project', 'migrations', 'compose', 'places', 'store', 'files', 'sqlite'),
      'containers knows the project, its compose files, and what of its containers is brought here.',
    ),
    room(
      'store',
      '^src/engine/store/',
      engine('project', 'files', 'git', 'migrations', 'sqlite'),
      'store is the format on the disk: it knows no deed.',
    ),
    room(
      'create',
      '^src/engine/create/',
      engine('store', 'project', 'files', 'git', 'migrations', 'sqlite'),
      'create makes backups and knows no other deed.',
    ),
    room(
      'verify',
      '^src/engine/verify/',
      engine('store', 'project', 'files', 'sqlite'),
      'verify checks what is stored and knows no other deed.',
    ),
    room(
      'retention',
      '^src/engine/retention/',
      engine('store', 'project', 'files'),
      'retention decides about what is stored and knows no other deed.',
    ),
    room(
      'restore',
      '^src/engine/restore/',
      engine('create', 'verify', 'history', 'containers', 'store', 'project', 'files', 'migrations', 'sqlite'),
      'restore stands on create (safety backups) and verify; nothing below calls it.',
    ),
    room(
      'transfer',
      '^src/engine/transfer/',
      engine('restore', 'create', 'verify', 'store', 'project', 'files', 'migrations', 'sqlite'),
      'Dumps, exports and imports stand on the other deeds.',
    ),
    room(
      'compare',
      '^src/engine/compare/',
      engine('transfer', 'restore', 'create', 'store', 'project', 'files', 'migrations', 'sqlite'),
      'compare looks at states and is called by the table of operations alone.',
    ),
    room(
      'diagnosis',
      '^src/engine/diagnosis/',
      engine(
        'restore',
        'create',
        'verify',
        'retention',
        'containers',
        'history',
        'store',
        'project',
        'git',
        'files',
        'migrations',
        'sqlite',
      ),
      'diagnosis looks at everything and is looked at by nobody but the table of operations.',
    ),
    {
      name: 'engine-door',
      comment: 'engine.ts is the door for those outside: inside, types are imported from the deed they belong to.',
      severity: 'error',
      from: { path: '^src/engine/', pathNot: '^src/engine/create-engine\\.ts$' },
      to: { path: DOOR },
    },
    {
      name: 'engine-knows-no-caller',
      comment: 'The engine knows neither the command line nor the window nor the channel between them.',
      severity: 'error',
      from: { path: '^src/engine/' },
      to: { path: '^src/(cli|rpc|ui|extension)' },
    },
    {
      name: 'operations-are-above-deeds',
      comment: 'The table of operations and its runner call the deeds; no deed calls them.',
      severity: 'error',
      from: { path: DEEDS },
      to: { path: '^src/engine/(create-engine|perform|engine)\\.ts$' },
    },

    room('rpc', '^src/rpc/', [DOOR, START, '^src/engine/create-engine\\.ts$'], 'rpc knows the engine by its door alone.'),
    room('cli-text', '^src/cli/text/', [DOOR], 'Texts of the command line are made of results alone.'),
    room(
      'cli',
      '^src/cli/',
      [DOOR, START, '^src/engine/create-engine\\.ts$', '^src/rpc/(beginning|ended-under|protocol)\\.ts$'],
      'The command line knows the engine by its door alone; what became of a call whose engine ended is worked out as for the window.',
    ),
    {
      name: 'window-knows-types',
      comment:
        'The window reaches the engine through rpc and sees its door: never create-engine, which would bring SQLite into the editor.',
      severity: 'error',
      from: { path: '^src/(ui/|extension\\.ts)' },
      to: { path: '^src/(engine|cli)/', pathNot: [DOOR, LATE, FOUNDATION] },
    },
    {
      name: 'ui-knows-no-channel',
      comment: 'Only extension.ts starts the client; everything else gets an Engine.',
      severity: 'error',
      from: { path: '^src/ui/' },
      to: { path: '^src/rpc/' },
    },
    room('ui-text', '^src/ui/text/', [DOOR], 'Texts are pure functions of results; they know no other part of the window.'),
    room(
      'ui-window',
      '^src/ui/window/',
      [DOOR, ...ui('text')],
      'window holds the parts that everything else gets, so it knows none of them.',
    ),
    room('ui-backups', '^src/ui/backups/', [DOOR, ...ui('window', 'text')], 'Views render and decide nothing.'),
    room('ui-schema', '^src/ui/schema/', [DOOR, ...ui('window', 'text')], 'Views render and decide nothing.'),
    room('ui-api', '^src/ui/api/', [DOOR, ...ui('window')], 'What other extensions may call stands on the parts of the window alone.'),
    room(
      'ui-prompts',
      '^src/ui/prompts/',
      [DOOR, ...ui('backups', 'window', 'text')],
      'Prompts ask; what follows from the answer is decided by the flow.',
    ),
    room(
      'ui-flows',
      '^src/ui/flows/',
      [DOOR, ...ui('prompts', 'window', 'text')],
      'A flow is what a user goes through; views and commands start it.',
    ),
    room(
      'ui-reminding',
      '^src/ui/reminding/',
      [DOOR, LATE, ...ui('flows', 'schema', 'prompts', 'window', 'text')],
      'Reminders start flows; they know no command.',
    ),
    room(
      'ui-scheduling',
      '^src/ui/scheduling/',
      [DOOR, ...ui('flows', 'backups', 'window', 'text')],
      'What runs by the clock knows no command.',
    ),
    room(
      'ui-migrating',
      '^src/ui/migrating/',
      [DOOR, ...ui('reminding', 'flows', 'schema', 'prompts', 'window', 'text')],
      'Migrate With Backup stands on flows and reminders; it knows no command.',
    ),

    onlyIn('vscode', '^src/(ui/|extension\\.ts)', 'Only the window knows the editor, so that the engine runs without it.'),
    onlyIn('better-sqlite3', '^src/engine/sqlite/', 'One room knows SQLite, and keeps the rules about locks and descriptors.'),
    onlyIn('simple-git', '^src/engine/git/', 'One room asks git, and keeps strangers from running programs by it.'),
    onlyIn('fs-extra', '^src/engine/files/', 'One room changes files, so that tests can make any change fail.'),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
