/** The documentation's tables, made from the tables the code works with. */
import { PROBLEMS } from './problem';
import type { Setting } from './setting';
import { ROWS } from './settings';

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function defaultOf({ fallback, fallbackText }: Setting<unknown>): string {
  if (fallbackText !== undefined) return fallbackText;
  if (fallback === undefined) return 'not set';
  if (Array.isArray(fallback)) return fallback.length === 0 ? 'none' : `\`${fallback.join(',')}\``;
  return `\`${String(fallback)}\``;
}

/** One table per group; variables in order of precedence. */
export function settingsMarkdown(): string {
  const groups = new Map<string, string[]>();
  for (const [, row] of ROWS) {
    const names = row.names.map((name) => `\`${name}\``).join('<br>');
    const secret = row.secret ? ' Never shown.' : '';
    const line = `| ${names} | ${cell(defaultOf(row))} | ${cell(row.help)}${secret} |`;
    groups.set(row.group, [...(groups.get(row.group) ?? []), line]);
  }
  return [...groups]
    .map(
      ([group, lines]) =>
        `### ${group}\n\n| variable | default | what it does |\n|---|---|---|\n${lines.join('\n')}\n`,
    )
    .join('\n');
}

/** Every problem check-config can name. */
export function problemsMarkdown(): string {
  const lines = Object.entries(PROBLEMS).map(
    ([code, [severity, when]]) => `| \`${code}\` | ${severity} | ${cell(when)} |`,
  );
  return `| code | severity | reported when |\n|---|---|---|\n${lines.join('\n')}\n`;
}
