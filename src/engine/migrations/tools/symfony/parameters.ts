// The parameters that Symfony fills into DATABASE_URL: %kernel.project_dir% and %kernel.environment%.

/** The value as the application in this folder gets it; other values are left as they are. */
export function withParameters(value: string, folder: string, variables: ReadonlyMap<string, string>): string {
  // Functions, so that nothing in a path is taken for a pattern.
  return value.replaceAll('%kernel.project_dir%', () => folder).replaceAll('%kernel.environment%', () => variables.get('APP_ENV') ?? 'dev');
}
