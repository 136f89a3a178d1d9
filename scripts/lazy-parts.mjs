// Bundles programs into parts that they share, each part and each package read and evaluated with the first use of what it gives.
import { build, transform } from 'esbuild';
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';

/**
 * esbuild splits only ES modules, and the editor's extension host wants CommonJS: so it is bundled first and turned then.
 * Each of the `cuts` (packages or files) becomes a part of its own. Gives the paths of all files that went into the parts.
 * @param {import('esbuild').BuildOptions & { entryPoints: Record<string, string>, cuts: readonly string[] }} options
 */
export async function buildInParts({ minify = false, sourcemap = false, target, entryPoints, cuts, ...options }) {
  const { outputFiles = [], metafile } = await build({
    ...options,
    entryPoints: { ...entryPoints, ...Object.fromEntries(cuts.map((cut) => [nameOf(cut), cut])) },
    bundle: true,
    format: 'esm',
    splitting: true,
    chunkNames: 'part-[hash]',
    target,
    sourcemap: sourcemap && 'inline',
    metafile: true,
    // Not minified yet: that would put several imports into one line.
    write: false,
  });
  // The doors to the cuts themselves are needed only where code imports them in its course.
  const unused = cuts.map((cut) => `${nameOf(cut)}.js`).filter((name) => !outputFiles.some(({ text }) => text.includes(`"./${name}"`)));
  for (const { path, text } of outputFiles.filter(({ path }) => !unused.includes(basename(path)))) {
    const { code, map } = await transform(text, {
      format: 'cjs',
      platform: 'node',
      target,
      supported: { 'dynamic-import': false },
      sourcemap: sourcemap && 'external',
    });
    const parts = lazy(code);
    const small = minify ? (await transform(parts, { minify, target })).code : parts;
    await writeFile(path, sourcemap ? `${small}//# sourceMappingURL=${basename(path)}.map\n` : small);
    if (sourcemap) {
      await writeFile(`${path}.map`, map);
    }
  }
  return Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
}

/** @param {string} cut */
function nameOf(cut) {
  return `part-${basename(cut, '.ts')}`;
}

/** `var import_x = require("x");`, alone on its line as esbuild writes it. */
const IMPORT = /^var (import_\w+) = ((?:__toESM\()?\(?.*require\w*(?:\)\(\)|\().*\));$/gm;

/**
 * What is imported is asked for at the first use instead of at once. esbuild names such variables like nothing else.
 * @param {string} code
 */
function lazy(code) {
  /** @type {Set<string>} */
  const names = new Set();
  const declared = code.replace(IMPORT, (_line, name, value) => {
    names.add(name);
    return `var ${name}$; function ${name}() { return ${name}$ || (${name}$ = ${value}); }`;
  });
  // In parentheses: `new f().X()` would make an f. What follows three dots is no property.
  return declared.replace(/(?<![\w$])(?<!(?<!\.\.)\.)import_\w+(?![\w$(])/g, (name) => (names.has(name) ? `(${name}())` : name));
}
