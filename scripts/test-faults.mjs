// Everything in test/unit, test/faults and test/containers, whole: more generated inputs, kills and failing calls, every megabyte of a
// full disk. Prints its seed.
// usage: node scripts/test-faults.mjs [seed]
import { randomInt } from 'node:crypto';

process.env.PATS_FAULTS = 'all';
process.env.PATS_SEED = process.argv[2] ?? String(randomInt(1, 2 ** 31));
process.argv = [...process.argv.slice(0, 2), ...['unit', 'faults', 'containers'].flatMap((suite) => ['--only', suite])];
console.log(`Seed ${process.env.PATS_SEED}: "npm run test:faults -- ${process.env.PATS_SEED}" runs the same again.`);
await import('./test.mjs');
console.log(`Seed ${process.env.PATS_SEED}`);
