// Lint rules, the architecture's dependency rule among them (docs/architecture.md).
import tseslint from 'typescript-eslint';

const NATIVE = ['better-sqlite3', 'simple-git', 'fs-extra'];

/** Forbids imports (type imports and `import()` too) in the files of one layer. */
function layer(files, { folders = [], packages = [], why }) {
  const group = [...folders.flatMap((folder) => [`**/${folder}`, `**/${folder}/**`]), ...packages];
  return {
    files,
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group, message: why }] }],
      'no-restricted-syntax': [
        'error',
        ...group.map((pattern) => ({
          selector: `ImportExpression[source.value=/${pattern.replaceAll('**/', '(^|\\u002F)').replaceAll('/**', '(\\u002F|$)').replaceAll('/', '\\u002F')}/]`,
          message: why,
        })),
      ],
    },
  };
}

export default tseslint.config(
  { ignores: ['dist/', 'out/', 'node_modules/', '.vscode-test/', 'examples/'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      eqeqeq: 'error',
    },
  },
  {
    // `describe` and `it` return nothing to wait for; explainSqlite hands an unknown cause on.
    files: ['**/*.ts'],
    rules: { '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }] },
  },
  layer(['src/engine/sqlite/**'], {
    folders: ['project', 'backup', 'files', 'migrations', 'git', 'rpc', 'cli', 'ui'],
    packages: ['vscode', 'simple-git', 'fs-extra'],
    why: 'sqlite knows nobody.',
  }),
  layer(['src/engine/files/**'], {
    folders: ['project', 'backup', 'sqlite', 'migrations', 'git', 'rpc', 'cli', 'ui'],
    packages: ['vscode', 'simple-git', 'better-sqlite3'],
    why: 'files knows nobody.',
  }),
  layer(['src/engine/git/**'], {
    folders: ['project', 'backup', 'sqlite', 'files', 'migrations', 'rpc', 'cli', 'ui'],
    packages: ['vscode', 'fs-extra', 'better-sqlite3'],
    why: 'git knows nobody.',
  }),
  layer(['src/engine/project/**'], {
    folders: ['backup', 'files', 'rpc', 'cli', 'ui'],
    packages: ['vscode', ...NATIVE],
    why: 'project asks the migration tools, sqlite and git, and knows nothing else.',
  }),
  layer(['src/engine/migrations/**'], {
    folders: ['backup', 'files', 'git', 'rpc', 'cli', 'ui'],
    packages: ['vscode', ...NATIVE],
    why: 'migrations read through sqlite and know nothing else.',
  }),
  layer(['src/engine/containers/**'], {
    folders: ['backup', 'files', 'git', 'sqlite', 'rpc', 'cli', 'ui'],
    packages: ['vscode', ...NATIVE],
    why: 'containers knows the project and its compose file only.',
  }),
  layer(['src/engine/backup/**', 'src/engine/*.ts'], {
    folders: ['rpc', 'cli', 'ui'],
    packages: ['vscode', ...NATIVE],
    why: 'The engine knows neither its callers nor the packages behind sqlite, git and files.',
  }),
  layer(['src/rpc/**'], { folders: ['cli', 'ui'], packages: ['vscode', ...NATIVE], why: 'rpc knows only the engine.' }),
  layer(['src/cli/**'], { folders: ['rpc', 'ui'], packages: ['vscode', ...NATIVE], why: 'The command line knows only the engine.' }),
  layer(['src/ui/**', 'src/extension.ts'], {
    folders: ['cli', 'engine/sqlite', 'engine/files', 'engine/git'],
    packages: NATIVE,
    why: 'The UI reaches the engine through rpc and sees only its types.',
  }),
);
