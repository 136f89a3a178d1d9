// Where Django keeps what users upload: MEDIA_ROOT.
import { dirname, isAbsolute, join, relative } from 'node:path';
import type { NamedFolder } from '../../reading/named';
import type { ProjectFolder } from '../../tool';
import { manageOf, settingIn } from './settings';

export function uploads(project: ProjectFolder): readonly NamedFolder[] {
  const manage = manageOf(project);
  return manage === null
    ? []
    : settingIn('MEDIA_ROOT', manage, project).flatMap(({ value, module }) =>
        typeof value === 'string' && value !== '' && value !== '.'
          ? [
              {
                from: `MEDIA_ROOT in ${relative(project.root, module.file).replaceAll('\\', '/')}`,
                path: isAbsolute(value) ? join(value) : join(dirname(manage), value),
              },
            ]
          : [],
      );
}
