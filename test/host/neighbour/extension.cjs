// A second extension, as a stranger would write it: gets the exports by the documented way and hands on what it got.
const vscode = require('vscode');

exports.activate = () => {
  const { exports: backups } = vscode.extensions.getExtension('pats.pats-backup');
  return { backups, keys: Object.keys(backups), isFrozen: Object.isFrozen(backups) };
};
