// Makes text from files harmless inside HTML, and links that run commands.

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text that a page shows as it is written. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}

/** A link that runs a command of VS Code with these arguments (https://code.visualstudio.com/api/extension-guides/command). */
export function commandLink(label: string, command: string, ...args: readonly unknown[]): string {
  const query = args.length === 0 ? '' : `?${encodeURIComponent(JSON.stringify(args)).replaceAll("'", '%27')}`;
  return `<a href="command:${command}${query}">${escaped(label)}</a>`;
}

/** Names and values, one row each. */
export function factRows(rows: readonly (readonly [name: string, value: string])[]): string {
  const cells = rows.map(([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`);
  return `<table>${cells.join('')}</table>`;
}
