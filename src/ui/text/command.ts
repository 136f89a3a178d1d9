// Which of the commands that are handed out can run as they are written.

/** Stands where the user alone knows what belongs there. */
const PLACEHOLDER = /\bREVISION\b/;

/** False when one of them has a placeholder: then it can only be copied. */
export function canRun(commands: readonly string[]): boolean {
  return commands.length > 0 && !commands.some((command) => PLACEHOLDER.test(command));
}
