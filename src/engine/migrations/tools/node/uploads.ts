// Where a Node application keeps uploaded files: multer's `dest` and `destination`, formidable's `uploadDir`.
import { dirname, relative } from 'node:path';
import { MOST_NAMED } from '../../../limits/sizes';
import { variablesAt } from '../../reading/env-files';
import { isFolder, lookOf } from '../../reading/look';
import type { NamedFolder } from '../../reading/named';
import { firstArgument, SourceText } from '../../reading/object-literals';
import { placesOf } from '../../reading/places';
import type { ProjectFolder } from '../../tool';
import { modulesUsing } from './sources';

const PACKAGES =
  /"(?:multer|formidable|busboy|express-fileupload|@fastify\/multipart|fastify-multer|koa-body|@nestjs\/platform-express|express|payload|next)"/;
const WORD =
  /upload|multer|files?\b|media|image|photo|storage|routes?|routers?|server|app\b|index|main|config|middlewares?|controllers?|collections?|api/i;
/** `dest: "x"`, `cb(null, "x")` in a `destination`, `const UPLOAD_DIR = "x"`, `app.use("/uploads", express.static("x"))`, `staticDir` of Payload, what is put into public/. */
const PLACE =
  /\b(?:dest|destination|uploadDir|uploadsDir|uploadPath|staticDir)\b["']?\s*[:=]\s*(?=["'`]|path\.|join\(|resolve\(|process\.|[A-Za-z_$][\w$.]*\s*[,;)}\n])|\b(?:cb|callback|done)\(\s*null\s*,\s*|\b(?:const|let|var)\s+(?:\w{1,40}_)?(?:UPLOADS?|MEDIA|ATTACHMENTS?)_(?:DIR|DIRECTORY|FOLDER|PATH|ROOT)\s*=\s*|["'`]\/[\w/-]{0,60}(?:upload|media|attachment|avatar)[\w/-]{0,60}["'`]\s*,\s*\w{1,40}\.static\(\s*|\b(?:const|let|var)\s+\w{1,40}\s*=\s*(?=(?:path\.)?(?:join|resolve)\(\s*process\.cwd\(\)\s*,\s*["'`]public\b)/g;

export function uploads(project: ProjectFolder): readonly NamedFolder[] {
  return modulesUsing(PACKAGES, WORD, project)
    .flatMap((file) => foldersIn(file, project))
    .slice(0, MOST_NAMED);
}

function foldersIn(file: string, project: ProjectFolder): NamedFolder[] {
  const text = lookOf(project).text(file) ?? '';
  if (
    !/multer|diskStorage|FileInterceptor|formidable|busboy|fileupload|staticDir|uploads?_?dir|\bstatic\(|createWriteStream|writeFile/i.test(
      text,
    )
  ) {
    return [];
  }
  const source = new SourceText(text, variablesAt(project, dirname(file)), dirname(file));
  return [...source.text.matchAll(PLACE)].slice(0, MOST_NAMED).flatMap(({ index, 0: start }) => {
    const written = source.string(firstArgument(source.text, index + start.length));
    const path = written === null ? undefined : placesOf(written, file, project.root).find(isFolder);
    return path === undefined ? [] : [{ from: relative(project.root, file).replaceAll('\\', '/'), path }];
  });
}
