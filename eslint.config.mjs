// Lint rules of the code; who may import whom stands in .dependency-cruiser.cjs, what nobody uses in knip.jsonc.
import tseslint from 'typescript-eslint';

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
    files: ['src/**/*.ts'],
    ignores: ['src/engine/platform/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'platform', message: 'Ask engine/platform, so that tests can run the rules of every system.' },
        { object: 'os', property: 'platform', message: 'Ask engine/platform, so that tests can run the rules of every system.' },
      ],
      'no-restricted-imports': [
        'error',
        { paths: ['node:os', 'os'].map((name) => ({ name, importNames: ['platform', 'type'], message: 'Ask engine/platform.' })) },
      ],
    },
  },
  {
    // `describe` and `it` return nothing to wait for; explainSqlite hands an unknown cause on.
    files: ['**/*.ts'],
    rules: { '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }] },
  },
);
