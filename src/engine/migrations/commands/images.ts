// Which images and builds can hold a migration tool or the application, by what they are called and say.
import type { ComposeService } from '../../compose/compose';
import { imageOf } from './dockerfile';

export type Language = 'python' | 'node' | 'ruby';

/** Which language a tool is written in. */
const LANGUAGES: Readonly<Record<string, Language>> = {
  alembic: 'python',
  django: 'python',
  yoyo: 'python',
  prisma: 'node',
  drizzle: 'node',
  knex: 'node',
  typeorm: 'node',
  sequelize: 'node',
  rails: 'ruby',
};

/** Official images of a language, by the last part of their names. */
const OFFICIAL: readonly (readonly [RegExp, Language | 'another'])[] = [
  [/^(?:python|pypy|uv|miniconda3?|anaconda3?|uvicorn-gunicorn.*|tiangolo.*)$/, 'python'],
  [/^(?:node|bun|deno|pnpm)$/, 'node'],
  [/^(?:ruby|jruby)$/, 'ruby'],
  [/^(?:php|golang|rust|openjdk|eclipse-temurin|gradle|maven|elixir|erlang|swift|dart|aspnet|sdk|runtime)$/, 'another'],
];
/** Images that look after an application, and are none. */
const SERVANTS =
  /(?:^|[-_/])(?:nginx|httpd|caddy|traefik|haproxy|envoy|apache|postgres|postgresql|postgis|timescaledb|pgadmin4?|mysql|mariadb|percona|phpmyadmin|mssql|mongo|mongodb|redis|valkey|keydb|memcached|rabbitmq|kafka|zookeeper|nats|mosquitto|elasticsearch|opensearch|kibana|minio|mailhog|mailpit|adminer|sqlite-web|sqlite_web|sqlitebrowser|sqlite3?|sqlpad|datasette|litestream|litefs|cadvisor|node-exporter|prometheus|grafana|loki|promtail|alertmanager|portainer|watchtower|dozzle|filebrowser|syncthing|restic|borgmatic|duplicati|rclone|docker-volume-backup|backup|cloudflared|certbot|busybox|alpine|debian|ubuntu|curl|vault|consul|keycloak|jaeger|zipkin|otel.*|selenium|chrome|code-server|coredns|registry|pause)(?=$|[-_])/;
const MENTIONS: Readonly<Record<Language, RegExp>> = {
  python: /\b(?:python[\d.]*|pip[\d]*|uv|poetry|pipenv|pdm|alembic|flask|django|uvicorn|gunicorn)\b/i,
  node: /\b(?:node(?:js)?|npm|npx|yarn|pnpm|bun|deno|prisma|knex|drizzle)\b/i,
  ruby: /\b(?:ruby|bundle|bundler|gem|rails|rake)\b/i,
};

/** `tool`: its name; null: whatever application it may be. */
export function canHold(service: ComposeService, tool: string | null): boolean {
  const language = tool === null ? null : (LANGUAGES[tool] ?? null);
  if (service.build === null) {
    return service.image !== null && fits(service.image, language, service.runs);
  }
  const image = imageOf(service.build);
  if (image === null) {
    return true;
  }
  const [base = ''] = image.bases;
  const says = `${image.text}\n${service.runs}`;
  return (
    kindOf(base) === 'unknown' || fits(base, language, says) || (language !== null && MENTIONS[language].test(says)) || isPlainSystem(base)
  );

  /** A system on which anything can be installed says what was. */
  function isPlainSystem(name: string): boolean {
    return (
      /(?:^|\/)(?:alpine|debian|ubuntu|fedora|centos|rockylinux|almalinux|amazonlinux)(?:[:@]|$)/.test(name) &&
      (language === null || MENTIONS[language].test(says))
    );
  }
}

function fits(image: string, language: Language | null, says: string): boolean {
  const kind = kindOf(image);
  if (kind === 'servant') {
    return false;
  }
  return language === null || kind === language || kind === 'unknown' || MENTIONS[language].test(says);
}

function kindOf(image: string): Language | 'another' | 'servant' | 'unknown' {
  const name = image
    .replace(/@.*$/, '')
    .replace(/:[^:/]*$/, '')
    .toLowerCase();
  const last = name.split('/').at(-1) ?? name;
  return OFFICIAL.find(([pattern]) => pattern.test(last))?.[1] ?? (SERVANTS.test(last) ? 'servant' : 'unknown');
}
