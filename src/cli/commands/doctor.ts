// pats-backup doctor
import type { Finding, Warned } from '../../engine/engine';
import { EXIT } from '../exit-codes';
import type { AddVerb } from '../verb';
import { doctorText } from '../text/doctor';

export const addDoctor: AddVerb = (program, run) => {
  program
    .command('doctor')
    .summary('look for what stands in the way of backups')
    .description(
      'Checks everything that can stand in the way of a backup or a restore, and changes nothing. Exits with 1 when there is a problem.',
    )
    .action(() => {
      run(
        async (context) => {
          const findings = await context.untilCancelled(context.engine.doctor(context.project));
          context.output.answer(findings.map(documentOf), doctorText(findings));
          return findings.some((finding) => finding.level === 'problem') ? EXIT.failed : EXIT.done;
        },
        { changesNothing: true },
      );
    });
};

/** What is found is the answer itself, so that nothing is left to warn of. */
function documentOf(finding: Finding): Finding & Warned {
  return { ...finding, warnings: [] };
}
