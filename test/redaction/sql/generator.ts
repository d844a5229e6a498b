/** Random statements whose literals and comments carry a canary: it must never come out again. */
import type { SqlDialect } from '../../../src/redaction/sql/describe';
import type { Random } from '../random';

export const CANARY = 'zqCanary7';
/** Digits that appear in no name of the generator. */
export const CANARY_NUMBER = '73391';

/** Where the text is read differently from what the dialect's name says. */
export type Mode = 'usual' | 'no-backslash-escapes' | 'backslash-escapes';

/** What can stand in a string, besides quotes and backslashes. */
const STUFF = [
  CANARY,
  ' ',
  '/*',
  '*/',
  '--',
  '#',
  ';',
  '(',
  ')',
  '$$',
  '[',
  ']',
  '`',
  '?',
  '$1',
  'a',
  '\n',
  'é',
  ',',
  '=',
];

export class StatementGenerator {
  constructor(
    private readonly random: Random,
    private readonly dialect: SqlDialect,
    private readonly mode: Mode,
  ) {}

  private get escapes(): boolean {
    if (this.mode !== 'usual') return this.mode === 'backslash-escapes';
    return this.dialect === 'mysql' || this.dialect === 'mariadb';
  }

  /** The inside of a string in these quotes, written as a correct client writes it. */
  private inside(quote: string, escapes: boolean): string {
    const { random } = this;
    let text = '';
    for (let i = random.below(5) + 1; i > 0; i--) {
      switch (random.below(escapes ? 5 : 4)) {
        case 0:
          text += quote + quote;
          break;
        case 1:
          text += escapes ? '\\\\' : '\\';
          break;
        case 4:
          text += `\\${quote}`;
          break;
        default:
          text += random.pick(STUFF);
      }
      text += CANARY;
    }
    // Without escapes a backslash may well be the last character.
    if (random.below(6) === 0) text += escapes ? '\\\\' : '\\';
    return text;
  }

  private quoted(quote: string, escapes = this.escapes): string {
    return quote + this.inside(quote, escapes) + quote;
  }

  literal(): string {
    const { random, dialect } = this;
    const isMysql = dialect === 'mysql' || dialect === 'mariadb';
    switch (random.below(14)) {
      case 0:
        return random.pick([
          CANARY_NUMBER,
          `-${CANARY_NUMBER}`,
          `0x${CANARY_NUMBER}`,
          `1.${CANARY_NUMBER}e-5`,
          `.${CANARY_NUMBER}`,
        ]);
      case 1:
        return `x'${CANARY_NUMBER}'`;
      case 2:
        return `N${this.quoted("'")}`;
      case 3:
        if (dialect === 'postgresql') return `E${this.quoted("'", true)}`;
        return isMysql ? `_utf8mb4${this.quoted("'")}` : this.quoted("'");
      case 4:
        if (dialect === 'postgresql') return `$tag$ it's ${CANARY} \\ $$ $tag$`;
        return isMysql ? this.quoted('"') : this.quoted("'");
      case 5:
        if (dialect === 'postgresql') return `$$${CANARY}' -- $$`;
        return dialect === 'microsoft.sql_server' ? `$${CANARY_NUMBER}.5` : this.quoted("'");
      case 6:
        return `DATE ${this.quoted("'")}`;
      case 7:
        if (dialect === 'postgresql') return `U&${this.quoted("'", false)} UESCAPE '!'`;
        return isMysql ? `0b101, X'${CANARY_NUMBER}'` : this.quoted("'");
      case 8:
        return random.pick([
          `1_000_${CANARY_NUMBER}`,
          `+${CANARY_NUMBER}.`,
          `${CANARY_NUMBER}e10`,
          `0X${CANARY_NUMBER}`,
        ]);
      default:
        return this.quoted("'");
    }
  }

  private comment(): string {
    const { random, dialect } = this;
    const words = random.pick([CANARY, `it's ${CANARY}`, `"${CANARY}`, `\`${CANARY} ; (`, `\\' ${CANARY}`]);
    switch (random.below(4)) {
      case 0:
        return `-- ${words}\n`;
      case 1:
        return dialect === 'mysql' || dialect === 'mariadb'
          ? `# ${words}\n`
          : `--${dialect === 'postgresql' ? words : ''}\n`;
      case 2:
        if (dialect !== 'postgresql' && dialect !== 'microsoft.sql_server') return `/* ${words} */`;
        return `/* ${words} /* ${CANARY} */ ${CANARY} */`;
      default:
        return `/*${words}*/`;
    }
  }

  private gap(): string {
    return this.random.below(8) === 0 ? this.comment() : this.random.pick([' ', ' ', ' ', '\n', '  ']);
  }

  private name(): string {
    const { random, dialect } = this;
    const plain = random.pick(['users', 't1', 'public.orders', 'o.item_2', 'a$b', 'größe']);
    if (random.below(4) > 0) return plain;
    if (dialect === 'postgresql')
      return random.pick(['"user name"', '"public"."Users"', '"it\'s"', '"a""b"', '"--"']);
    if (dialect === 'microsoft.sql_server')
      return random.pick(['[a b]', "[dbo].[it's]", '"x"', '[a]]b]', '#tmp']);
    if (dialect === 'sqlite') return random.pick(['"users"', "`it's`", '[a b]']);
    return random.pick(['`users`', "`db`.`it's`", '`a``b`', '`#`']);
  }

  private value(depth: number): string {
    const { random } = this;
    switch (random.below(9)) {
      case 0:
        return this.name();
      case 1:
        return random.pick(['?', 'NULL', 'TRUE', 'now()']);
      case 2:
        return depth > 2 ? this.literal() : `(${this.select(depth + 1)})`;
      case 3:
        return `coalesce(${this.value(depth + 1)},${this.gap()}${this.literal()})`;
      default:
        return this.literal();
    }
  }

  private condition(depth: number): string {
    const { random } = this;
    const name = this.name();
    switch (random.below(5)) {
      case 0: {
        const items = Array.from({ length: random.below(4) + 1 }, () => this.value(depth + 1));
        return `${name}${this.gap()}IN (${items.join(random.pick([',', ', ']))})`;
      }
      case 1:
        return `${name} BETWEEN ${this.literal()} AND${this.gap()}${this.literal()}`;
      case 2:
        return `${name} LIKE ${this.literal()}`;
      default:
        return `${name}${random.pick([' = ', '=', ' <> ', '>='])}${this.value(depth + 1)}`;
    }
  }

  private select(depth: number): string {
    const { random } = this;
    let text = `SELECT${this.gap()}${this.value(depth + 1)} AS x${this.gap()}FROM ${this.name()}`;
    if (random.below(2) === 0) text += ` JOIN ${this.name()} ON ${this.condition(depth + 1)}`;
    if (random.below(2) === 0)
      text += `${this.gap()}WHERE ${this.condition(depth + 1)} AND ${this.condition(depth + 1)}`;
    if (random.below(4) === 0) text += ` LIMIT ${CANARY_NUMBER}`;
    return text;
  }

  statement(): string {
    const { random } = this;
    let text: string;
    switch (random.below(5)) {
      case 0: {
        const row = (): string => `(${this.value(1)},${this.gap()}${this.value(1)})`;
        const rows = Array.from({ length: random.below(4) + 1 }, row);
        text = `INSERT INTO ${this.name()} (a, b) VALUES ${rows.join(random.pick([',', ', ']))}`;
        break;
      }
      case 1:
        text = `UPDATE ${this.name()} SET a = ${this.value(1)}, b=${this.value(1)}${this.gap()}WHERE ${this.condition(1)}`;
        break;
      case 2:
        text = `DELETE FROM ${this.name()}${this.gap()}WHERE ${this.condition(1)} OR ${this.condition(1)}`;
        break;
      default:
        text = this.select(0);
    }
    if (random.below(5) === 0) text = `${this.comment()}${text}`;
    if (random.below(5) === 0) text = `${text};${this.gap()}${this.select(0)}`;
    // What is cut off somewhere must not leak either.
    return this.mode === 'usual' && random.below(6) === 0 ? text.slice(0, random.below(text.length)) : text;
  }
}
